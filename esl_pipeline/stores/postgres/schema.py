"""Brings a database to the newest form of the tables."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

LOCK = 0x65736C
"""Of Postgres' advisory locks, so that two programs that start at once do not both migrate ("esl" in ASCII)."""


def migrate(engine: sa.Engine) -> None:
    """Creates the schema ``esl`` and its tables, or brings them up to date; does nothing where they are.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database is out of reach, or the user may not create tables.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS esl"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
