"""The voices of each tenant's accounts, as they were last read."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict


class Catalogue(BaseModel):
    """The voices of one engine's account at one time, in the form of ``GET /v2/voices``."""

    model_config = ConfigDict(extra="allow", frozen=True)

    engine: str
    endpoint: str
    synced_at: datetime
    voices: list[dict[str, Any]]


class CatalogueStore(Protocol):
    """Keeps the newest catalogue per tenant, engine and endpoint."""

    def read_catalogue(self, tenant: str, engine: str, endpoint: str) -> Catalogue | None:
        """Returns the catalogue, None where none was ever read or the file is damaged."""

    def write_catalogue(self, tenant: str, catalogue: Catalogue) -> None:
        """Puts a catalogue in place of the older one, whole or not at all."""

    def delete_catalogues(self, tenant: str) -> None:
        """Removes all catalogues of a tenant that goes."""
