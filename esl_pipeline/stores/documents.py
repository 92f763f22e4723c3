"""Small documents with versions: what a shared store must offer so that several machines can keep state in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol


class DocumentChangedError(Exception):
    """Somebody else wrote or removed the document since it was read; read it again."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was read.

    Attributes:
        version: of this content in the store's own words, such as an ETag; it says nothing about order.
    """

    key: str
    content: bytes = field(repr=False)
    version: str


class Documents(Protocol):
    """Documents by key; a write takes effect whole or not at all, and is seen by every later read.

    Keys are checked slugs joined by slashes, with a suffix. Every method may raise ``StoreUnavailableError``: asking
    again may help.
    """

    def get(self, key: str) -> Document | None:
        """Returns the document, None where there is none."""

    def put(self, key: str, content: bytes, *, expected: str | None) -> str:
        """Writes the document if it still has the version that was read; returns the new version.

        Args:
            key: the document's.
            content: the whole document.
            expected: version that was read; None where there must be no document.

        Raises:
            DocumentChangedError: it has another version by now; nothing was written.
        """

    def delete(self, key: str) -> None:
        """Removes a document; one that is gone already is no error."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Yields the keys that begin with ``prefix``, sorted by code points."""


class StoreUnavailableError(Exception):
    """The store is out of reach or did not answer well; asking again may help."""
