"""Keeps tenants that are suspended, or on their way out, from publishing."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.standing import Standing, StandingStore

TRUSTED_S = 60.0
"""How long a run goes on by what it last knew while the store does not answer."""


class TenantSuspendedError(Exception):
    """The tenant may not publish; asking again can't help until somebody lets it.

    Attributes:
        standing: who stopped it, when and why.
    """

    def __init__(self, tenant: str, standing: Standing) -> None:
        super().__init__(_words(tenant, standing))
        self.tenant, self.standing = tenant, standing


def _words(tenant: str, standing: Standing) -> str:
    when = f"{standing.at:%Y-%m-%d %H:%M} UTC" if standing.at else "some time ago"
    if standing.state == "removing":
        return f"The tenant {tenant} is being removed (by {standing.actor}, since {when}). Nothing is published for it."
    why = f": {standing.reason}" if standing.reason else ""
    return (
        f"The tenant {tenant} was suspended by {standing.actor} at {when}{why.rstrip('.')}. "
        f"Let it publish again with: esl tenants resume {tenant}"
    )


def check_tenant(standings: StandingStore, tenant: str) -> None:
    """Checks that a tenant may publish now.

    Raises:
        TenantSuspendedError: it may not.
        StoreUnavailableError: that can't be told; asking again may help.
    """
    standing = standings.read(tenant)
    if standing.state != "active":
        raise TenantSuspendedError(tenant, standing)


class TenantGate:
    """Looks at one tenant's standing, and remembers it for as long as its caller allows; safe between threads.

    Args:
        standings: of all tenants.
        tenant: a checked slug.
        monotonic: gives seconds that never run backwards.
    """

    def __init__(self, standings: StandingStore, tenant: str, monotonic: Callable[[], float]) -> None:
        self._standings, self._tenant, self._monotonic = standings, tenant, monotonic
        self._known: tuple[float, Standing] | None = None
        self._lock = Lock()

    def check(self, max_age_s: float) -> None:
        """Looks at the standing, unless that was done within ``max_age_s``.

        Raises:
            TenantSuspendedError: the tenant is not active.
            StoreUnavailableError: the store does not answer, and has not for ``TRUSTED_S``.
        """
        with self._lock:
            standing = self._standing(max_age_s)
        if standing.state != "active":
            raise TenantSuspendedError(self._tenant, standing)

    def _standing(self, max_age_s: float) -> Standing:
        now, known = self._monotonic(), self._known
        if known and now - known[0] < max_age_s:
            return known[1]
        try:
            found = self._standings.read(self._tenant)
        except StoreUnavailableError:
            if known and now - known[0] < TRUSTED_S:
                return known[1]
            raise
        self._known = now, found
        return found
