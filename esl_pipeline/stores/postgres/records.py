"""Small records that processes of several machines change, as rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.postgres.tables import RECORDS
from esl_pipeline.stores.postgres.transactions import single_statements
from esl_pipeline.stores.process_name import ProcessName

T = TypeVar("T")

LEASE_S = 12.0
"""How long a process may be silent."""
KEPT = timedelta(days=1)
"""How long a record is kept that nobody changes; the tenants of its credential are in it."""
TRIES = 100
"""A record that others change so often in between is not changed as it should be."""

_COLUMNS = RECORDS.c
_NOW = sa.extract("epoch", sa.func.clock_timestamp()).label("now")


class PostgresRecords:
    """Records in the table ``esl.records``; the time is the database's.

    A record is written if it is still the one that was read, so nothing is locked between two statements. It holds no
    connection between two changes and needs none for itself alone, so pgbouncer may stand before it. A process that
    died is therefore noticed by its silence.

    Args:
        engine: of the database.
        prefix: put before every key; empty or ending in a slash.
        lease_s: how long a process may be silent, in seconds.
    """

    def __init__(self, engine: sa.Engine, prefix: str = "", lease_s: float = LEASE_S) -> None:
        self._engine, self._prefix, self.lease_s = engine, prefix, lease_s
        self.process = ProcessName()
        self._is_swept = False

    def change(self, key: str, change: Callable[[bytes, float], tuple[bytes, T]]) -> T:
        """Replaces a record while nobody else does.

        Args:
            key: names it.
            change: given the record, empty where there is none, and the time; returns the new one and what to return.
                It is called again where another changed the record in between.

        Raises:
            StoreUnavailableError: it may not have been replaced.
        """
        mine = _COLUMNS.key == self._prefix + key
        with single_statements(self._engine) as connection:
            self._sweep(connection)
            for _ in range(TRIES):
                found = connection.execute(sa.select(_COLUMNS.content, _NOW).where(mine)).one_or_none()
                if found is None:
                    made = insert(RECORDS).values(key=self._prefix + key, content=b"")
                    connection.execute(made.on_conflict_do_nothing())
                    continue
                content, told = change(bytes(found.content), float(found.now))
                write = sa.update(RECORDS).where(mine, _COLUMNS.content == found.content)
                if connection.execute(write.values(content=content, changed_at=sa.func.now())).rowcount:
                    return told
        raise StoreUnavailableError(f"the record {key} was changed by others all the time")

    def is_gone(self, process: str) -> bool:  # noqa: ARG002 its silence tells
        """Tells nothing."""
        return False

    def _sweep(self, connection: sa.Connection) -> None:
        """Removes, once, what nobody uses any more."""
        if not self._is_swept:
            connection.execute(sa.delete(RECORDS).where(_COLUMNS.changed_at < sa.func.now() - KEPT))
            self._is_swept = True
