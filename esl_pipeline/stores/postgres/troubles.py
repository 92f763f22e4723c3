"""What is wrong with a database, in words that show no password and nothing of a statement."""

from __future__ import annotations

import psycopg2  # type: ignore[import-untyped]
import sqlalchemy as sa

PRIVILEGE = "42501"
"""SQLSTATE of a missing right. **Source**: PostgreSQL documentation, appendix A, read 2026-11-25."""

_FIXES = (
    (("password", "pg_hba", "role"), "Check the user and password in its address, or PGPASSWORD."),
    (("does not exist",), "Create the database, or mend its name in the address."),
    (
        ("translate host name", "refused", "timeout", "timed out", "unreachable"),
        "Check host and port, and that it runs.",
    ),
)
"""What libpq or the server says of a connection that fails, and how to mend it; else nothing is advised."""


def words_of(engine: sa.Engine, error: sa.exc.SQLAlchemyError) -> str:
    """Returns where the database is, what is wrong, and how to mend it where that is known."""
    url, cause = engine.url, getattr(error, "orig", None) or error
    host = f"{url.host}:{url.port}" if url.port else url.host
    user = f", user {url.username}" if url.username else ""
    return f"Postgres at {host} (database {url.database}{user}): {_what(url, cause)}"


def _what(url: sa.URL, cause: BaseException) -> str:
    code = getattr(cause, "pgcode", None)
    if code == PRIVILEGE:
        denied = cause.diag.message_primary  # type: ignore[attr-defined]
        grant = f": GRANT CREATE ON DATABASE {url.database} TO {url.username}" if " database " in denied else ""
        return f"{denied}. Let its owner give the right{grant}."
    if code is None and isinstance(cause, psycopg2.OperationalError):
        # There is no connection. Lines with a tab are hints; of several addresses of a host the last one is told.
        said = next((line for line in reversed(str(cause).splitlines()) if line and not line.startswith("\t")), "")
        said = said.rpartition("failed: ")[2].removeprefix("FATAL:").strip().rstrip(".")
        fix = next((fix for words, fix in _FIXES if any(word in said for word in words)), "")
        return f"{said}. {fix}".strip()
    return f"{type(cause).__name__}."
