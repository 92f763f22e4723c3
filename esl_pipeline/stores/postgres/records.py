"""Small records that processes of several machines change, as rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from esl_pipeline.stores.postgres.tables import RECORDS
from esl_pipeline.stores.postgres.transactions import transaction
from esl_pipeline.stores.process_name import ProcessName

T = TypeVar("T")

LEASE_S = 12.0
"""How long a process may be silent."""
KEPT = timedelta(days=1)
"""How long a record is kept that nobody changes; the tenants of its credential are in it."""

_READ = sa.text(
    "SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = '5s'; "
    "SELECT content, EXTRACT(EPOCH FROM clock_timestamp()) AS now FROM esl.records WHERE key = :key FOR UPDATE"
)
_COLUMNS = RECORDS.c


class PostgresRecords:
    """Records in the table ``esl.records``; the time is the database's.

    It holds no connection between two changes and needs none for itself alone, so pgbouncer may stand before it. A
    process that died is therefore noticed by its silence.

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

        Raises:
            StoreUnavailableError: it may not have been replaced.
        """
        stored = self._prefix + key
        with transaction(self._engine) as connection:
            self._sweep(connection)
            found = connection.execute(_READ, {"key": stored}).one_or_none()
            if found is None:
                connection.execute(insert(RECORDS).values(key=stored, content=b"").on_conflict_do_nothing())
                found = connection.execute(_READ, {"key": stored}).one()
            content, told = change(bytes(found.content), float(found.now))
            changed = {"content": content, "changed_at": sa.func.now()}
            connection.execute(sa.update(RECORDS).where(_COLUMNS.key == stored).values(**changed))
        return told

    def is_gone(self, process: str) -> bool:  # noqa: ARG002 its silence tells
        """Tells nothing."""
        return False

    def _sweep(self, connection: sa.Connection) -> None:
        """Removes, once, what nobody uses any more."""
        if not self._is_swept:
            connection.execute(sa.delete(RECORDS).where(_COLUMNS.changed_at < sa.func.now() - KEPT))
            self._is_swept = True
