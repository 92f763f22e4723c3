"""The addresses of places that the installation's variables name: buckets and databases.

None of what is raised here, nor what it came from, shows an address: it may hold a password.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from esl_pipeline.slugs import leads_elsewhere

if TYPE_CHECKING:
    import sqlalchemy as sa

CONNECT_TIMEOUT_S = 5
CONNECTIONS = 3
"""Of a process to a database. Its threads wait for one another: each further one would cost Postgres a process."""
_BUCKET = re.compile(r"s3://(?P<bucket>[A-Za-z0-9._-]+)(?:/(?P<path>[^?#]*))?", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9._:%-]+", re.ASCII)
_LAST_PORT = 65535


class AddressError(ValueError):
    """An address is none."""

    def __init__(self) -> None:
        super().__init__("This is no address.")


def bucket_of(address: str) -> tuple[str, str]:
    """Returns bucket and path of ``s3://bucket/path``, the path without slashes around it.

    Raises:
        AddressError: it is none, or has ``.`` or ``..`` between slashes: places are kept apart by how they begin.
    """
    found = _BUCKET.fullmatch(address)
    if not found or leads_elsewhere(found["path"] or ""):
        raise AddressError
    return found["bucket"], (found["path"] or "").strip("/")


@lru_cache(maxsize=8)
def engine_of(address: str) -> sa.Engine:
    """Returns what connects to a Postgres, the same for all who name it; nobody is asked yet.

    Raises:
        AddressError: the address is none.
    """
    import psycopg2  # type: ignore[import-untyped]
    import sqlalchemy as sa

    engine: sa.Engine | None = None
    with suppress(sa.exc.SQLAlchemyError, ValueError, ImportError, psycopg2.Error):
        engine = _engine(sa.make_url(address))
    if engine is None:
        # Not in a handler: those exceptions show a part of the address.
        raise AddressError
    return engine


def _engine(url: sa.URL) -> sa.Engine | None:
    import sqlalchemy as sa
    from psycopg2.extensions import make_dsn  # type: ignore[import-untyped]

    host, port = url.host or "", url.port
    is_named = url.database and _HOST.fullmatch(host) and (port is None or 0 < port <= _LAST_PORT)
    if url.get_backend_name() != "postgresql" or not is_named:
        return None
    make_dsn(**url.query)  # refuses options that no Postgres knows
    connect = {"connect_timeout": CONNECT_TIMEOUT_S}
    return sa.create_engine(url, pool_size=CONNECTIONS, max_overflow=0, pool_pre_ping=True, connect_args=connect)
