"""The voices of a tenant's account: read from the engine now and then, and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from esl_pipeline.speech import SpeechEngine
from esl_pipeline.stores.catalogues import Catalogue, CatalogueStore

Json = dict[str, Any]


@dataclass(frozen=True)
class Catalogues:
    """The catalogues of one tenant's engine; ``now`` tells the time in UTC."""

    store: CatalogueStore
    tenant: str
    engine: SpeechEngine
    now: Callable[[], datetime]

    def known(self) -> Catalogue | None:
        """Returns the catalogue that was last read, however old, None where there is none."""
        return self.store.read_catalogue(self.tenant, self.engine.name, self.engine.endpoint)

    def recent(self, max_age_h: int) -> Catalogue | None:
        """Returns the known catalogue unless it is older than so many hours."""
        known = self.known()
        return known if known and self.now() - known.synced_at < timedelta(hours=max_age_h) else None

    def read_anew(self, *, keep: bool = True) -> Catalogue:
        """Asks the engine for its voices.

        Args:
            keep: False where nothing may be written, as in a dry run.
        """
        read = Catalogue(
            engine=self.engine.name,
            endpoint=self.engine.endpoint,
            synced_at=self.now(),
            voices=list(self.engine.list_voices()),
        )
        if keep:
            self.store.write_catalogue(self.tenant, read)
        return read


def voice_names(voices: Sequence[Json]) -> dict[str, str]:
    """Returns the names of voices by their ids."""
    return {str(voice.get("voice_id", "")): str(voice.get("name", "")) for voice in voices}
