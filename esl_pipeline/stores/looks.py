"""When each assignment's page and sound were last compared with its publication: ``drift/<tenant>.json``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from esl_pipeline.manifests import check_slug
from esl_pipeline.stores.documents import DocumentChangedError, Documents


class Look(BaseModel):
    """One look; ``page_edited_at`` is Notion's time of a page that was found as published, and else empty."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    page_edited_at: str = ""


class _Looks(BaseModel):
    looks: dict[str, Look] = Field(default_factory=dict)


class LookStore:
    """The last looks of all tenants. Nothing is lost with them but the order of the next looks."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def read(self, tenant: str) -> dict[str, Look]:
        """Returns the last look at each assignment; what is damaged counts as never looked at.

        Raises:
            StoreUnavailableError: asking again may help.
        """
        document = self._documents.get(_key(tenant))
        return _read(document.content) if document else {}

    def add(self, tenant: str, looks: Mapping[str, Look], living: Collection[str]) -> None:
        """Keeps new looks, and forgets those at assignments that are not among the living.

        Where somebody else writes in this moment, nothing is kept: it is looked at again.

        Raises:
            StoreUnavailableError: asking again may help.
        """
        document = self._documents.get(_key(tenant))
        known = {**(_read(document.content) if document else {}), **looks}
        kept = _Looks(looks={name: look for name, look in known.items() if name in living})
        content = kept.model_dump_json(exclude_defaults=True).encode()
        try:
            self._documents.put(_key(tenant), content, expected=document.version if document else None)
        except DocumentChangedError:
            return

    def delete(self, tenant: str) -> None:
        """Forgets a tenant."""
        self._documents.delete(_key(tenant))


def _read(content: bytes) -> dict[str, Look]:
    try:
        return _Looks.model_validate_json(content).looks
    except ValidationError:
        return {}


def _key(tenant: str) -> str:
    return f"drift/{check_slug(tenant, 'tenant')}.json"
