"""Transactions on a database that has our tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, local
from weakref import WeakSet

import sqlalchemy as sa

from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.postgres.schema import migrate
from esl_pipeline.stores.postgres.troubles import words_of

_MIGRATED: WeakSet[sa.Engine] = WeakSet()
_LOCK = Lock()
_OWN = local()
"""The connections of this thread's transactions, by engine."""


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Does the block as one transaction; the first one on an engine brings the tables up to date before.

    Within another transaction of the same thread it is a part of that one, so a thread never needs two connections.

    Raises:
        StoreUnavailableError: it is not certain that it was done; the message shows no statement and no password.
    """
    if outer := _own().get(engine):
        yield outer
        return
    with _told(engine), engine.begin() as connection:
        _own()[engine] = connection
        try:
            yield connection
        finally:
            del _own()[engine]


@contextmanager
def single_statements(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Does each statement of the block by itself, which spares two messages to the database and back.

    Within a transaction of the same thread they are a part of that.

    Raises:
        StoreUnavailableError: it is not certain that all were done; the message shows no statement and no password.
    """
    if outer := _own().get(engine):
        yield outer
        return
    with _told(engine), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def _own() -> dict[sa.Engine, sa.Connection]:
    own: dict[sa.Engine, sa.Connection] = _OWN.__dict__.setdefault("connections", {})
    return own


@contextmanager
def _told(engine: sa.Engine) -> Iterator[None]:
    try:
        with _LOCK:
            if engine not in _MIGRATED:
                migrate(engine)
                _MIGRATED.add(engine)
        yield
    except sa.exc.SQLAlchemyError as error:
        raise StoreUnavailableError(words_of(engine, error)) from error
