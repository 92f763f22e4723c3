"""Catalogues of voices as documents: ``catalogues/<tenant>/<engine>-<hash of its name and endpoint>.json``."""

from __future__ import annotations

import hashlib

from pydantic import ValidationError

from esl_pipeline.manifests import check_slug, suggest_slug
from esl_pipeline.stores.catalogues import Catalogue
from esl_pipeline.stores.documents import DocumentChangedError, Documents


class DocumentCatalogueStore:
    """The catalogues of all tenants' accounts."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def read_catalogue(self, tenant: str, engine: str, endpoint: str) -> Catalogue | None:
        """Returns the catalogue, None where there is none or it is damaged: it is only read anew then.

        Raises:
            StoreUnavailableError: asking again may help.
        """
        document = self._documents.get(_key(tenant, engine, endpoint))
        if document is None:
            return None
        try:
            found = Catalogue.model_validate_json(document.content)
        except ValidationError:
            return None
        return found if (found.engine, found.endpoint) == (engine, endpoint) else None

    def write_catalogue(self, tenant: str, catalogue: Catalogue) -> None:
        """Puts a catalogue in place of the older one; what somebody else read in this moment is as new, and stays.

        Raises:
            StoreUnavailableError: it is not certain that it was written; asking again may help.
        """
        key = _key(tenant, catalogue.engine, catalogue.endpoint)
        before = self._documents.get(key)
        content = catalogue.model_dump_json(indent=1).encode()
        try:
            self._documents.put(key, content, expected=before.version if before else None)
        except DocumentChangedError:
            return

    def delete_catalogues(self, tenant: str) -> None:
        """Removes all catalogues of a tenant."""
        for key in list(self._documents.keys(f"catalogues/{check_slug(tenant, 'tenant')}/")):
            self._documents.delete(key)


def _key(tenant: str, engine: str, endpoint: str) -> str:
    place = hashlib.sha256(f"{engine}\n{endpoint}".encode()).hexdigest()[:16]
    return f"catalogues/{check_slug(tenant, 'tenant')}/{suggest_slug(engine)}-{place}.json"
