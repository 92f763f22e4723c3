"""Brings a database to the newest form of the tables."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

LOCK = 0x65736C
"""Of Postgres' advisory locks, so that two programs that start at once do not both migrate ("esl" in ASCII)."""


class NewerTablesError(Exception):
    """The tables have a form that this program does not know; asking again can't help."""

    def __init__(self, database: str) -> None:
        super().__init__(
            f"The tables of the database {database} were made by a newer version of this program. Update this one; "
            "nothing was changed."
        )


def migrate(engine: sa.Engine) -> None:
    """Creates the schema ``esl`` and its tables, or brings them up to date; does nothing where they are.

    Raises:
        NewerTablesError: a newer version of this program was there; nothing is changed.
        sqlalchemy.exc.SQLAlchemyError: the database is out of reach, or the user may not create tables.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS esl"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise NewerTablesError(engine.url.database or "") from error
