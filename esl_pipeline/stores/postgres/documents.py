"""Documents as rows, written on condition of their version."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from esl_pipeline.stores.documents import Document, DocumentChangedError
from esl_pipeline.stores.postgres.tables import DOCUMENTS, VERSIONS
from esl_pipeline.stores.postgres.transactions import single_statements


class PostgresDocuments:
    """Documents in the table ``esl.documents``; each statement is a transaction of its own.

    Args:
        engine: of the database.
        prefix: put before every key; empty or ending in a slash.
    """

    def __init__(self, engine: sa.Engine, prefix: str = "") -> None:
        self._engine, self._prefix = engine, prefix

    def get(self, key: str) -> Document | None:
        """Returns the document, None where there is none."""
        wanted = sa.select(DOCUMENTS.c.content, DOCUMENTS.c.version).where(DOCUMENTS.c.key == self._prefix + key)
        with single_statements(self._engine) as connection:
            found = connection.execute(wanted).one_or_none()
        return Document(key, bytes(found.content), str(found.version)) if found else None

    def put(self, key: str, content: bytes, *, expected: str | None) -> str:
        """Writes the document if it still has the version that was read; returns the new version.

        Raises:
            DocumentChangedError: it has another version by now.
            StoreUnavailableError: it is not certain that it was written.
        """
        with single_statements(self._engine) as connection:
            written = connection.execute(_write(self._prefix + key, content, expected)).scalar_one_or_none()
        if written is None:
            raise DocumentChangedError(key)
        return str(written)

    def delete(self, key: str) -> None:
        """Removes a document."""
        with single_statements(self._engine) as connection:
            connection.execute(sa.delete(DOCUMENTS).where(DOCUMENTS.c.key == self._prefix + key))

    def keys(self, prefix: str) -> Iterator[str]:
        """Yields the keys that begin with ``prefix``, sorted."""
        wanted = sa.select(DOCUMENTS.c.key).where(DOCUMENTS.c.key.startswith(self._prefix + prefix, autoescape=True))
        with single_statements(self._engine) as connection:
            found = connection.execute(wanted.order_by(DOCUMENTS.c.key)).scalars().all()
        yield from (key.removeprefix(self._prefix) for key in found)


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
