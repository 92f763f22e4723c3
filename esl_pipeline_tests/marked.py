"""Secrets that can be told from everything else, and a search for them in all that a program left behind."""

from __future__ import annotations

import secrets
import sqlite3
import zlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import quote, quote_plus

PART = 12
"""So many characters of a secret are already too many."""


def mark(prefix: str) -> str:
    """Returns a secret that nothing else contains; it has the characters that addresses and JSON write otherwise."""
    return f"{prefix}{secrets.token_hex(12)}/+={secrets.token_hex(4)}"


@dataclass(frozen=True)
class Marked:
    """Secrets by name."""

    values: dict[str, str] = field(repr=False)

    def found_in(self, content: bytes) -> list[str]:
        """Returns the names of the secrets that stand in something, whole, in part, or encoded."""
        return [name for name, value in self.values.items() if any(form in content for form in _forms(value))]

    def left_in(self, folder: Path) -> list[str]:
        """Returns where secrets stand in files, in whatever columns of databases, and in files' names."""
        return [
            f"{name} in {where}"
            for path in sorted(folder.rglob("*"))
            for where, content in _contents(path, folder)
            for name in self.found_in(content)
        ]


@cache
def _forms(value: str) -> tuple[bytes, ...]:
    return tuple(_written(value))


def _written(value: str) -> Iterator[bytes]:
    yield value[:PART].encode()
    yield value[-PART:].encode()
    yield quote(value, safe="").encode()
    yield quote_plus(value[4:]).encode()
    yield value.encode().hex().encode()
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            # Base64 depends on where among three bytes the secret begins; the ends depend on what is around it.
            yield encode(b"\0" * before + value.encode())[4:-4]


def _contents(path: Path, folder: Path) -> Iterator[tuple[str, bytes]]:
    where = str(path.relative_to(folder))
    yield f"the name {where}", where.encode()
    if not path.is_file():
        return
    content = path.read_bytes()
    yield where, content
    if content.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                for row in database.execute(f'SELECT * FROM "{table}"'):
                    for value in row:
                        yield f"{where}, {table}", _bytes(value)


def _bytes(value: object) -> bytes:
    """Returns a column's content; Dagster packs some."""
    content = value if isinstance(value, bytes) else str(value).encode()
    with suppress(zlib.error):
        return zlib.decompress(content)
    return content
