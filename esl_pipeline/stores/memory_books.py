"""Account books and catalogues in memory: for tests and hosts that keep state themselves."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from esl_pipeline.manifests import check_slug
from esl_pipeline.stores.catalogues import Catalogue
from esl_pipeline.stores.usage import Decide, UsageEntry, check_month


class MemoryUsageStore:
    """Account books of one process."""

    def __init__(self) -> None:
        self._books: dict[tuple[str, str], tuple[UsageEntry, ...]] = {}
        self._lock = Lock()

    def add(self, tenant: str, month: str, decide: Decide) -> Sequence[UsageEntry]:
        """Reads and adds as one step."""
        key = _key(tenant, month)
        with self._lock:
            before = self._books.get(key, ())
            added = tuple(decide(before))
            if added:
                self._books[key] = before + added
        return added

    def lines(self, tenant: str, month: str) -> Sequence[UsageEntry]:
        """Returns a month's lines."""
        return self._books.get(_key(tenant, month), ())

    def months(self) -> Sequence[tuple[str, str]]:
        """Returns tenants and months, sorted."""
        return sorted(self._books)

    def delete(self, tenant: str) -> None:
        """Removes all books of a tenant."""
        with self._lock:
            self._books = {key: lines for key, lines in self._books.items() if key[0] != check_slug(tenant, "tenant")}


class MemoryCatalogueStore:
    """Catalogues of one process."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], Catalogue] = {}

    def read_catalogue(self, tenant: str, engine: str, endpoint: str) -> Catalogue | None:
        """Returns the catalogue, None where there is none."""
        return self._known.get((check_slug(tenant, "tenant"), engine, endpoint))

    def write_catalogue(self, tenant: str, catalogue: Catalogue) -> None:
        """Puts a catalogue in place of the older one."""
        self._known[(check_slug(tenant, "tenant"), catalogue.engine, catalogue.endpoint)] = catalogue

    def delete_catalogues(self, tenant: str) -> None:
        """Removes all catalogues of a tenant."""
        owner = check_slug(tenant, "tenant")
        self._known = {key: catalogue for key, catalogue in self._known.items() if key[0] != owner}


def _key(tenant: str, month: str) -> tuple[str, str]:
    return check_slug(tenant, "tenant"), check_month(month)
