"""Dagster's tables in Postgres, over connections that stay open between statements."""

from __future__ import annotations

import sqlalchemy as sa
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage, PostgresRunStorage
from dagster_postgres.utils import create_pg_engine, retry_pg_connection_fn

KEPT = 2
"""Idle connections that a process keeps; further ones are opened where its threads need them, and closed after use."""
TABLES = frozenset({"runs", "instance_info", "event_logs", "jobs"})
"""One of each storage, and the youngest of the runs'."""


class PooledRunStorage(PostgresRunStorage):
    """The runs; closes the connections of all three when the instance is disposed of."""

    def dispose(self) -> None:
        """Closes what is open and idle."""
        self._engine.dispose()


class PooledPostgresStorage(DagsterPostgresStorage):
    """Runs, events and ticks share one pool.

    Dagster's own storages open a connection for each statement, some 160 in a run of six assets: most of what the
    run costs Postgres, and a third of what it costs its worker. A connection is asked for a sign of life before it
    is used again, so a Postgres that was started anew disturbs nothing but the statement that it interrupted.
    """

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Opens the storage; tables that are missing are made.

        Raises:
            DagsterPostgresException: nobody answers there.
        """
        engine = create_pg_engine(
            postgres_url, isolation_level="AUTOCOMMIT", pool_size=KEPT, max_overflow=-1, pool_pre_ping=True
        )
        there = retry_pg_connection_fn(lambda: sa.inspect(engine).get_table_names())
        super().__init__(postgres_url, should_autocreate_tables=not TABLES.issubset(there), inst_data=inst_data)
        self._run_storage = PooledRunStorage(postgres_url, should_autocreate_tables=False)
        for part in (self._run_storage, self._event_log_storage, self._schedule_storage):
            part._engine = engine
