"""Documents in a folder."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from esl_pipeline.stores.documents import Document, DocumentChangedError
from esl_pipeline.stores.file_locks import locked
from esl_pipeline.stores.whole_files import remove_empty, remove_file, write_whole

KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*\.json", re.ASCII)


class FileDocuments:
    """One file per document; the version is the hash of its content."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def get(self, key: str) -> Document | None:
        """Returns the document, None where there is none."""
        try:
            content = self._path(key).read_bytes()
        except FileNotFoundError:
            return None
        return Document(key, content, _version(content))

    def put(self, key: str, content: bytes, *, expected: str | None) -> str:
        """Writes the document if it still has the version that was read; returns the new version.

        Raises:
            DocumentChangedError: it has another version by now.
            LeaseHeldError: others keep the document locked.
        """
        path = self._path(key)
        with locked(self._lock(key), key):
            known = self.get(key)
            if (known.version if known else None) != expected:
                raise DocumentChangedError(key)
            write_whole(path, content)
        return _version(content)

    def delete(self, key: str) -> None:
        """Removes a document and the file of its lock."""
        for path in (self._path(key), self._lock(key)):
            remove_file(path)
            remove_empty(path.parent)

    def keys(self, prefix: str) -> Iterator[str]:
        """Yields the keys that begin with ``prefix``, sorted; files of other names are passed over."""
        found = (
            path.relative_to(self._root).as_posix() for path in (self._root / prefix.rpartition("/")[0]).rglob("*.json")
        )
        yield from sorted(key for key in found if key.startswith(prefix) and KEY.fullmatch(key))

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise ValueError(f"{key[:80]!r} is no key of a document.")
        return self._root / key

    def _lock(self, key: str) -> Path:
        return self._root / "locks" / f"{key}.document"


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
