"""Which tenants the jobs that go over all of them pass over: those that are suspended or on their way out."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import cache

from esl_pipeline.slugs import SlugError, parse_partition_key
from esl_pipeline.stores.standing import StandingStore


def by_tenant(keys: Iterable[str]) -> dict[str, list[str]]:
    """Returns the assignments of each tenant, in their order; what is no ``tenant/assignment`` is left out."""
    found: dict[str, list[str]] = {}
    for key in keys:
        with suppress(SlugError):
            tenant, assignment = parse_partition_key(key)
            found.setdefault(tenant, []).append(assignment)
    return found


class ActiveTenants:
    """Tells during one job who is active; each tenant's standing is read once.

    Attributes:
        passed_over: the tenants that were asked for and are not active.
    """

    def __init__(self, standings: StandingStore) -> None:
        self._state = cache(lambda tenant: standings.read(tenant).state)
        self.passed_over: set[str] = set()

    def __call__(self, tenant: str) -> bool:
        """Tells whether a tenant is active.

        Raises:
            UnreadableStandingError: its standing is damaged.
            StoreUnavailableError: that can't be told; asking again may help.
        """
        if self._state(tenant) == "active":
            return True
        self.passed_over.add(tenant)
        return False

    def among(self, tenants: Iterable[str]) -> list[str]:
        """Returns those that are active, in their order; raises as a call does."""
        return [tenant for tenant in tenants if self(tenant)]
