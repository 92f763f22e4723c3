"""Tenants' settings as files in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from esl_pipeline.manifests.slugs import check_slug
from esl_pipeline.stores.config import MAX_BYTES, SUFFIXES, ConfigText, document_of, one_of, refused, tenants_in


class FolderConfig:
    """Documents ``<tenant>.yaml``, ``.yml`` or ``.json``; every reading sees the file as it is now.

    Args:
        folder: need not exist; then no tenant has settings of its own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, tenant: str, known: ConfigText | None = None) -> ConfigText | None:
        """Returns a tenant's document, None where it has none."""
        check_slug(tenant, "tenant")
        file = one_of([name for name in (tenant + suffix for suffix in SUFFIXES) if (self._folder / name).is_file()])
        if file is None:
            return None
        try:
            with (self._folder / file).open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise refused(file, f"The file can't be read: {why}.", "Check who may read it.") from error
        found = document_of(content, file)
        return known if known == found else found

    def tenants(self) -> Sequence[str]:
        """Returns the tenants that have a file, sorted."""
        return tenants_in(path.name for path in self._folder.glob("*.*") if path.is_file())
