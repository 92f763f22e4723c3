"""The account: what it may use, what it used, and what it had spoken."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from esl_pipeline.sandbox.elevenlabs.faults import FaultError

SCHEMA = """
CREATE TABLE IF NOT EXISTS usage (credits INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS history (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, date_unix INTEGER NOT NULL, item TEXT NOT NULL,
  audio BLOB NOT NULL
);
INSERT INTO usage SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM usage);
"""
LIMITS_FILE = "limits.json"
"""May hold other limits than the server was started with; it is read anew for every request."""


@dataclass(frozen=True)
class Limits:
    """Of the account's plan: credits in all, and requests at a time (twice as many with fast models)."""

    characters: int
    concurrent: int


@dataclass(frozen=True)
class Bill:
    """Credits used before and after one generation."""

    before: int
    after: int


class Account:
    """State in one folder; safe from several threads and processes.

    Args:
        folder: made when missing.
        limits: valid where the folder's ``limits.json`` says nothing else.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._defaults = folder, limits
        with self._open() as db:
            db.executescript(SCHEMA)

    @property
    def limits(self) -> Limits:
        """The limits now."""
        file = self._folder / LIMITS_FILE
        changed = json.loads(file.read_text("utf-8")) if file.exists() else {}
        return Limits(
            changed.get("characters", self._defaults.characters), changed.get("concurrent", self._defaults.concurrent)
        )

    @property
    def used(self) -> int:
        """Credits used so far."""
        with self._open() as db:
            return int(db.execute("SELECT credits FROM usage").fetchone()[0])

    def bill(self, credits_needed: int) -> Bill:
        """Takes the credits of a generation that now begins.

        Raises:
            FaultError: fewer are left.
        """
        limit = self.limits.characters
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            used = int(db.execute("SELECT credits FROM usage").fetchone()[0])
            if used + credits_needed > limit:
                message = (
                    f"This request exceeds your quota of {limit}. You have {max(limit - used, 0)} credits remaining, "
                    f"while {credits_needed} credits are required for this request."
                )
                raise FaultError("quota_exceeded", message)
            db.execute("UPDATE usage SET credits = ?", (used + credits_needed,))
        return Bill(used, used + credits_needed)

    def remember(self, item: dict[str, Any], audio: bytes) -> None:
        """Adds a generation to the history."""
        with self._open() as db:
            db.execute(
                "INSERT INTO history (id, date_unix, item, audio) VALUES (?, ?, ?, ?)",
                (item["history_item_id"], item["date_unix"], json.dumps(item), audio),
            )

    def items(self) -> list[dict[str, Any]]:
        """Returns the history, newest first."""
        with self._open() as db:
            return [json.loads(row[0]) for row in db.execute("SELECT item FROM history ORDER BY number DESC")]

    def audio(self, history_item_id: str) -> tuple[bytes, str]:
        """Returns a generation again, and its content type.

        Raises:
            FaultError: there is none of this id.
        """
        with self._open() as db:
            row = db.execute("SELECT audio, item FROM history WHERE id = ?", (history_item_id,)).fetchone()
        if row is None:
            message = f"History item with id {history_item_id} not found."
            raise FaultError("history_item_not_found", message, "history_item_id")
        return bytes(row[0]), json.loads(row[1])["content_type"]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._folder / "account.sqlite", timeout=30)) as db, db:
            yield db


def now_unix() -> int:
    """Seconds since 1970."""
    return int(time.time())
