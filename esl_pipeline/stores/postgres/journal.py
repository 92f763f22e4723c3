"""Journals as rows: one per line, numbered within the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from esl_pipeline.stores.journal import Decide, check_name
from esl_pipeline.stores.known_lines import Known, KnownLines
from esl_pipeline.stores.postgres.tables import JOURNAL_LINES
from esl_pipeline.stores.postgres.transactions import single_statements, transaction

COLUMNS = JOURNAL_LINES.c


class PostgresJournal:
    """Journals in the table ``esl.journal_lines``; what was read before is not read again while its last line stands.

    Args:
        engine: of the database.
        prefix: put before every name; empty or ending in a slash.
    """

    def __init__(self, engine: sa.Engine, prefix: str = "") -> None:
        self._engine, self._prefix = engine, prefix
        self._known = KnownLines()

    def add(self, name: str, decide: Decide) -> Sequence[bytes]:
        """Reads and adds as one transaction; others who add to this journal wait for its end.

        Raises:
            StoreUnavailableError: it is not certain that it was added.
        """
        stored = self._prefix + check_name(name)
        with transaction(self._engine) as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(stored, 0))))
            known = self._read(connection, stored)
            added = tuple(decide(known.lines))
            rows = [
                {"name": stored, "number": number, "line": line} for number, line in enumerate(added, known.number + 1)
            ]
            if rows:
                connection.execute(sa.insert(JOURNAL_LINES), rows)
        return added

    def lines(self, name: str) -> Sequence[bytes]:
        """Returns the lines."""
        with single_statements(self._engine) as connection:
            return self._read(connection, self._prefix + check_name(name)).lines

    def names(self, prefix: str) -> Iterator[str]:
        """Yields the names that begin with ``prefix``, sorted."""
        wanted = sa.select(COLUMNS.name).where(
            COLUMNS.number == 1, COLUMNS.name.startswith(self._prefix + prefix, autoescape=True)
        )
        with single_statements(self._engine) as connection:
            found = connection.execute(wanted.order_by(COLUMNS.name)).scalars().all()
        yield from (name.removeprefix(self._prefix) for name in found)

    def delete(self, name: str) -> None:
        """Removes a journal."""
        with single_statements(self._engine) as connection:
            connection.execute(sa.delete(JOURNAL_LINES).where(COLUMNS.name == self._prefix + check_name(name)))

    def _read(self, connection: sa.Connection, stored: str) -> Known:
        known = self._known.get(stored)
        found = self._from(connection, stored, known.number)
        if known.number and (not found or found[0] != known.mark):
            known, found = Known(), self._from(connection, stored, 0)
        new = found[1:] if known.number else found
        if new:
            known = Known(known.lines + tuple(new), known.number + len(new), new[-1])
            self._known.keep(stored, known)
        return known

    def _from(self, connection: sa.Connection, stored: str, number: int) -> Sequence[bytes]:
        wanted = (
            sa.select(COLUMNS.line).where(COLUMNS.name == stored, COLUMNS.number >= number).order_by(COLUMNS.number)
        )
        return [bytes(line) for line in connection.execute(wanted).scalars()]
