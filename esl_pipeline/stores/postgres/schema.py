"""Brings a database to the newest form of the tables."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

LOCK = 0x65736C
"""Of Postgres' advisory locks, so that two programs that start at once do not both migrate ("esl" in ASCII)."""

NEWEST = "0005"
"""The last of the migrations, as a test says; so that a program whose tables are up to date need not load them."""

VERSION_TABLE = "migrations"
"""Not alembic's own name: where the user is called esl, Dagster's tables are looked for in our schema first."""
_TAKE_OVER = f"""
DO $$ BEGIN
    IF to_regclass('esl.{VERSION_TABLE}') IS NULL AND to_regclass('esl.alembic_version') IS NOT NULL THEN
        IF EXISTS (SELECT FROM esl.alembic_version WHERE length(version_num) = 4) THEN
            ALTER TABLE esl.alembic_version RENAME TO {VERSION_TABLE};
        END IF;
    END IF;
END $$
"""
"""Renames the table of older versions of this program; one of Dagster's has longer numbers."""


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
    if _is_newest(engine):
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS esl"))
        connection.execute(sa.text(_TAKE_OVER))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise NewerTablesError(engine.url.database or "") from error


def _is_newest(engine: sa.Engine) -> bool:
    versions = sa.table(VERSION_TABLE, sa.column("version_num"), schema="esl")
    with engine.connect() as connection:
        if connection.execute(sa.text(f"SELECT to_regclass('esl.{VERSION_TABLE}')")).scalar() is None:
            return False
        found = connection.execute(sa.select(versions.c.version_num)).scalars().all()
    return found == [NEWEST]
