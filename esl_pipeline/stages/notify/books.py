"""Where the books of notices are: a document for each owner."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from pydantic import ValidationError

from esl_pipeline.manifests import check_slug
from esl_pipeline.slugs import is_slug
from esl_pipeline.stages.notify.book import Book
from esl_pipeline.stores.documents import DocumentChangedError, Documents, StoreUnavailableError

OPERATORS = ""
"""The owner that is no tenant."""
ATTEMPTS = 20
FOLDER: Final = "notices/"
TENANTS: Final = "notices/tenants/"


class NoticeBooks:
    """Books as documents; each change is one step, whoever else changes the book."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def read(self, owner: str) -> Book:
        """Returns the book of a tenant, or of the operators; a damaged one counts as empty, since it only remembers."""
        return self._read(owner)[0]

    def change(self, owner: str, change: Callable[[Book], Book]) -> Book:
        """Reads, changes and writes as one step; ``change`` may be called more than once.

        Raises:
            StoreUnavailableError: asking again may help.
        """
        for _ in range(ATTEMPTS):
            before, version = self._read(owner)
            after = change(before)
            if after is before:
                return before
            try:
                self._documents.put(key_of(owner), after.model_dump_json().encode(), expected=version)
            except DocumentChangedError:
                continue
            return after
        raise StoreUnavailableError("Others change the book of notices all the time. Try again.")

    def owners(self) -> Iterator[str]:
        """Yields the owners that have a book."""
        for key in self._documents.keys(FOLDER):
            name = key.removeprefix(TENANTS).removesuffix(".json")
            if key == key_of(OPERATORS):
                yield OPERATORS
            elif key.startswith(TENANTS) and is_slug(name):
                yield name

    def delete(self, owner: str) -> None:
        """Forgets a tenant that goes."""
        self._documents.delete(key_of(owner))

    def _read(self, owner: str) -> tuple[Book, str | None]:
        document = self._documents.get(key_of(owner))
        if document is None:
            return Book(), None
        try:
            return Book.model_validate_json(document.content), document.version
        except ValidationError:
            return Book(), document.version


def key_of(owner: str) -> str:
    """Returns the key of an owner's document."""
    return f"{FOLDER}operators.json" if owner == OPERATORS else f"{TENANTS}{check_slug(owner, 'tenant')}.json"
