"""Documents as rows, written on condition of their version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from esl_pipeline.stores.documents import Document, DocumentChangedError, StoreUnavailableError
from esl_pipeline.stores.postgres.tables import DOCUMENTS, VERSIONS


class PostgresDocuments:
    """Documents in the table ``esl.documents``; each statement is a transaction of its own.

    Args:
        engine: of a database that ``migrate`` brought up to date.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def get(self, key: str) -> Document | None:
        """Returns the document, None where there is none."""
        wanted = sa.select(DOCUMENTS.c.content, DOCUMENTS.c.version).where(DOCUMENTS.c.key == key)
        with self._transaction() as connection:
            found = connection.execute(wanted).one_or_none()
        return Document(key, bytes(found.content), str(found.version)) if found else None

    def put(self, key: str, content: bytes, *, expected: str | None) -> str:
        """Writes the document if it still has the version that was read; returns the new version.

        Raises:
            DocumentChangedError: it has another version by now.
            StoreUnavailableError: it is not certain that it was written.
        """
        with self._transaction() as connection:
            written = connection.execute(_write(key, content, expected)).scalar_one_or_none()
        if written is None:
            raise DocumentChangedError(key)
        return str(written)

    def delete(self, key: str) -> None:
        """Removes a document."""
        with self._transaction() as connection:
            connection.execute(sa.delete(DOCUMENTS).where(DOCUMENTS.c.key == key))

    def keys(self, prefix: str) -> Iterator[str]:
        """Yields the keys that begin with ``prefix``, sorted."""
        wanted = sa.select(DOCUMENTS.c.key).where(DOCUMENTS.c.key.startswith(prefix, autoescape=True))
        with self._transaction() as connection:
            found = connection.execute(wanted.order_by(DOCUMENTS.c.key)).scalars().all()
        yield from found

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise StoreUnavailableError(f"Postgres did not answer well: {type(error.orig).__name__}") from error


def _write(key: str, content: bytes, expected: str | None) -> sa.Executable:
    if expected is None:
        made = insert(DOCUMENTS).values(key=key, content=content, version=VERSIONS.next_value())
        return made.on_conflict_do_nothing().returning(DOCUMENTS.c.version)
    if not expected.isdecimal():
        raise DocumentChangedError(key)
    changed = sa.update(DOCUMENTS).where(DOCUMENTS.c.key == key, DOCUMENTS.c.version == int(expected))
    return changed.values(content=content, version=VERSIONS.next_value(), updated_at=sa.func.now()).returning(
        DOCUMENTS.c.version
    )
