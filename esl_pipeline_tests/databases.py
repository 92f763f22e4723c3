"""Databases of the tests' own, in the Postgres of their worker."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from esl_pipeline.stores.postgres import migrate


@contextmanager
def empty_database(server_url: str) -> Iterator[sa.Engine]:
    """Makes a database with our tables, and gives what connects to it."""
    name = f"test_{uuid.uuid4().hex}"
    server = sa.create_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine = sa.create_engine(server_url.rpartition("/")[0] + f"/{name}", pool_size=8)
    migrate(engine)
    yield engine
    engine.dispose()
