"""The publication of one assignment, as a stage sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from esl_pipeline.stores.protocols import PublicationStore
from esl_pipeline.stores.publication import Publication


@dataclass(frozen=True)
class Ledger:
    """Reads and changes one assignment's publication; each stage changes only its own part."""

    store: PublicationStore
    tenant: str
    assignment: str

    def read(self) -> Publication:
        """Returns the publication, an empty one where there is none yet."""
        found = self.store.read(self.tenant, self.assignment)
        return found or Publication(tenant=self.tenant, assignment=self.assignment)

    def update(self, change: Callable[[Publication], None]) -> Publication:
        """Writes a change at once and whole; see PublicationStore.update."""
        return self.store.update(self.tenant, self.assignment, change)
