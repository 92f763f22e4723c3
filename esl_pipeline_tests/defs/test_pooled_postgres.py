from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import dagster as dg
import pytest
import sqlalchemy as sa

from esl_pipeline.defs.pooled_postgres import KEPT, PooledPostgresStorage
from esl_pipeline_tests.real_postgres import postgres_server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("postgres")]


@pytest.fixture
def storage(postgres: sa.Engine) -> Iterator[PooledPostgresStorage]:
    made = PooledPostgresStorage(postgres.url.render_as_string(hide_password=False))
    yield made
    made.run_storage.dispose()


def ask_all(storage: PooledPostgresStorage) -> None:
    storage.run_storage.add_run(dg.DagsterRun("publish_lesson", run_id=str(uuid.uuid4())))
    storage.event_log_storage.get_dynamic_partitions("assignments")
    storage.schedule_storage.all_instigator_state()


@contextmanager
def opened() -> Iterator[list[object]]:
    """Lists the connections that are opened in the block."""
    found: list[object] = []

    def note(connection: object, _: object) -> None:
        found.append(connection)

    sa.event.listen(sa.pool.Pool, "connect", note)
    yield found
    sa.event.remove(sa.pool.Pool, "connect", note)


def sessions(postgres: sa.Engine) -> int:
    """How many connections were open to the database at the same time as the one that asks."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with sa.create_engine(postgres.url, poolclass=sa.NullPool).connect() as connection:
        return int(connection.execute(sa.text(query)).scalar_one())


def test_runs_events_and_ticks_share_the_connection_that_opening_made(
    postgres: sa.Engine, storage: PooledPostgresStorage
) -> None:
    postgres.dispose()
    with opened() as connections:
        for _ in range(20):
            ask_all(storage)
    assert connections == []
    assert sessions(postgres) == 1


def test_threads_get_as_many_connections_as_they_need_and_few_are_kept(
    postgres: sa.Engine, storage: PooledPostgresStorage
) -> None:
    postgres.dispose()
    with ThreadPoolExecutor(16) as threads:
        for done in [threads.submit(ask_all, storage) for _ in range(64)]:
            done.result(timeout=60)
    assert 1 <= sessions(postgres) <= KEPT
    assert storage.run_storage.get_runs_count() == 64


def test_an_instance_that_is_disposed_of_leaves_no_connection(
    postgres: sa.Engine, storage: PooledPostgresStorage
) -> None:
    postgres.dispose()
    ask_all(storage)
    storage.run_storage.dispose()
    assert sessions(postgres) == 0


def test_a_postgres_that_was_started_anew_disturbs_nothing() -> None:
    with postgres_server() as server:
        storage = PooledPostgresStorage(server.url)
        ask_all(storage)
        server.crash()
        server.start()
        ask_all(storage)
        assert storage.run_storage.get_runs_count() == 2
        storage.run_storage.dispose()
