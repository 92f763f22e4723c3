"""Documents in memory: for tests and hosts that keep state themselves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from threading import Lock

from esl_pipeline.stores.documents import Document, DocumentChangedError


class MemoryDocuments:
    """Documents of one process."""

    def __init__(self) -> None:
        self._known: dict[str, Document] = {}
        self._versions = count(1)
        self._lock = Lock()

    def get(self, key: str) -> Document | None:
        """Returns the document, None where there is none."""
        return self._known.get(key)

    def put(self, key: str, content: bytes, *, expected: str | None) -> str:
        """Writes the document if it still has the version that was read; returns the new version.

        Raises:
            DocumentChangedError: it has another version by now.
        """
        with self._lock:
            known = self._known.get(key)
            if (known.version if known else None) != expected:
                raise DocumentChangedError(key)
            self._known[key] = Document(key, bytes(content), str(next(self._versions)))
            return self._known[key].version

    def delete(self, key: str) -> None:
        """Removes a document."""
        with self._lock:
            self._known.pop(key, None)

    def keys(self, prefix: str) -> Iterator[str]:
        """Yields the keys that begin with ``prefix``, sorted."""
        yield from sorted(key for key in tuple(self._known) if key.startswith(prefix))
