"""Tenants' settings as files in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from stat import S_ISDIR

from esl_pipeline.manifests.errors import AskingError
from esl_pipeline.slugs import check_slug
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
        file = one_of([tenant + suffix for suffix in SUFFIXES if self._has(tenant + suffix)])
        if file is None:
            return None
        path = self._folder / file
        if not path.is_file():
            raise refused(file, "This is no file, or a link to one that is not there.", "Put the file itself there.")
        try:
            with path.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
        except OSError as error:
            raise _unreadable(file, error) from error
        found = document_of(content, file)
        return known if known == found else found

    def _has(self, name: str) -> bool:
        """Tells whether there is such an entry: a file, or what is there in its place but for a folder."""
        try:
            return not S_ISDIR((self._folder / name).lstat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise _unreadable(name, error) from error

    def tenants(self) -> Sequence[str]:
        """Returns the tenants that have a file, sorted."""
        return tenants_in(path.name for path in self._folder.glob("*.*") if not path.is_dir())


def _unreadable(file: str, error: OSError) -> AskingError:
    why = error.strerror or type(error).__name__
    return refused(file, f"The file can't be read: {why}.", "Check who may read it.")
