"""Small records that the processes of one machine change, in a file of SQLite."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TypeVar

from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.life_signs import LifeSigns

T = TypeVar("T")

FILE = "records.sqlite"
SCHEMA = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, content BLOB NOT NULL, changed_at REAL NOT NULL)",
)
KEPT_S = 86_400.0
"""How long a record is kept that nobody changes; the tenants of its credential are in it."""
BUSY_S = 5.0
"""A change takes less than a millisecond; who waits longer than this meets a stuck machine."""


class MachineRecords:
    """Records by key; safe to share between threads, processes and containers of one machine.

    The time is that of the machine's steady clock, which all of its processes share and nobody sets. What is written
    outlives processes; a power cut may take the last changes along.

    Args:
        folder: on a local disk; made when it is first needed.
    """

    lease_s: float | None = None

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock, self._signs = folder, Lock(), LifeSigns(folder)
        self._connection: sqlite3.Connection | None = None
        self._pid = 0

    def change(self, key: str, change: Callable[[bytes, float], tuple[bytes, T]]) -> T:
        """Replaces a record while nobody else does.

        Args:
            key: names it.
            change: given the record, empty where there is none, and the time; returns the new one and what to return.

        Raises:
            StoreUnavailableError: it may not have been replaced.
        """
        with self._transaction() as connection:
            found = connection.execute("SELECT content FROM records WHERE key = ?", (key,)).fetchone()
            content, told = change(found[0] if found else b"", time.monotonic())
            connection.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", (key, content, time.time()))
        return told

    def process(self) -> str:
        """Returns a name of this process, which the operating system knows to be alive."""
        return self._signs.own()

    def is_gone(self, process: str) -> bool:
        """Tells whether a process has ended."""
        return self._signs.is_gone(process)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                connection = self._open()
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except (sqlite3.Error, OSError) as error:
                self._close()
                raise StoreUnavailableError(f"{self._folder / FILE} can't be used: {error}") from error
            except BaseException:
                self._close()
                raise

    def _open(self) -> sqlite3.Connection:
        if self._connection is None or self._pid != os.getpid():
            self._folder.mkdir(parents=True, exist_ok=True)
            file = self._folder / FILE
            self._connection = sqlite3.connect(file, BUSY_S, isolation_level=None, check_same_thread=False)
            self._pid = os.getpid()
            for statement in SCHEMA:
                self._connection.execute(statement)
            self._connection.execute("DELETE FROM records WHERE changed_at < ?", (time.time() - KEPT_S,))
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None
