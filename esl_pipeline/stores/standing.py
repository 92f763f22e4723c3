"""Whether a tenant may publish: a document per tenant; a tenant without one is active."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from esl_pipeline.manifests import check_slug
from esl_pipeline.slugs import is_slug
from esl_pipeline.stores.documents import DocumentChangedError, Documents
from esl_pipeline.stores.protocols import LeaseHeldError

ATTEMPTS = 20
FOLDER: Final = "tenants/"

State = Literal["active", "suspended", "removing"]


class UnreadableStandingError(Exception):
    """A tenant's standing is damaged; nothing is published until somebody has looked at it."""


class Standing(BaseModel):
    """What holds for a tenant, since when, by whose act and why.

    Attributes:
        exported_to: where everything was exported to before it is removed; empty before that is done.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    state: State = "active"
    actor: str = ""
    reason: str = ""
    at: datetime | None = None
    exported_to: str = ""


class StandingStore:
    """The standings of all tenants, as documents ``tenants/<tenant>.json``."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def read(self, tenant: str) -> Standing:
        """Returns a tenant's standing.

        Raises:
            UnreadableStandingError: its document is damaged.
            StoreUnavailableError: asking again may help.
        """
        return self._read(tenant)[0]

    def change(self, tenant: str, change: Callable[[Standing], Standing]) -> Standing:
        """Reads, changes and writes as one step; ``change`` may be called more than once.

        Raises:
            LeaseHeldError: others write it all the time.
            UnreadableStandingError: its document is damaged.
            StoreUnavailableError: asking again may help.
        """
        for _ in range(ATTEMPTS):
            before, version = self._read(tenant)
            after = change(before)
            try:
                self._documents.put(_key(tenant), after.model_dump_json(indent=1).encode(), expected=version)
            except DocumentChangedError:
                continue
            return after
        raise LeaseHeldError(f"Others change the standing of {tenant} all the time. Try again.")

    def known(self) -> Sequence[str]:
        """Returns the tenants that have a document, sorted."""
        names = (key.removeprefix(FOLDER).removesuffix(".json") for key in self._documents.keys(FOLDER))
        return sorted(name for name in names if is_slug(name))

    def delete(self, tenant: str) -> None:
        """Forgets a tenant, which is then as one that never was."""
        self._documents.delete(_key(tenant))

    def _read(self, tenant: str) -> tuple[Standing, str | None]:
        document = self._documents.get(_key(tenant))
        if document is None:
            return Standing(), None
        try:
            return Standing.model_validate_json(document.content), document.version
        except ValidationError:
            message = f"{document.key} is damaged. Put back a copy of it, or take it away to let {tenant} publish."
            raise UnreadableStandingError(message) from None


def _key(tenant: str) -> str:
    return f"{FOLDER}{check_slug(tenant, 'tenant')}.json"
