"""Catalogues of voices in a folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import ValidationError

from esl_pipeline.manifests import check_slug, suggest_slug
from esl_pipeline.stores.catalogues import Catalogue
from esl_pipeline.stores.whole_files import remove_empty, remove_file, write_whole


class FileCatalogueStore:
    """One JSON file per account: ``catalogues/<tenant>/<engine>-<hash of its name and endpoint>.json``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read_catalogue(self, tenant: str, engine: str, endpoint: str) -> Catalogue | None:
        """Returns the catalogue, None where there is none or the file is damaged: it is only read anew then."""
        try:
            found = Catalogue.model_validate_json(self._path(tenant, engine, endpoint).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        return found if (found.engine, found.endpoint) == (engine, endpoint) else None

    def write_catalogue(self, tenant: str, catalogue: Catalogue) -> None:
        """Puts a catalogue in place of the older one, whole or not at all."""
        path = self._path(tenant, catalogue.engine, catalogue.endpoint)
        write_whole(path, catalogue.model_dump_json(indent=1).encode())

    def delete_catalogues(self, tenant: str) -> None:
        """Removes all catalogues of a tenant."""
        folder = self._root / "catalogues" / check_slug(tenant, "tenant")
        for path in folder.glob("*.json"):
            remove_file(path)
        remove_empty(folder)

    def _path(self, tenant: str, engine: str, endpoint: str) -> Path:
        place = hashlib.sha256(f"{engine}\n{endpoint}".encode()).hexdigest()[:16]
        return self._root / "catalogues" / check_slug(tenant, "tenant") / f"{suggest_slug(engine)}-{place}.json"
