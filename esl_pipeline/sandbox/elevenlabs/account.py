"""The account: what it may use, what it used, and what it had spoken."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

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


Scope = Literal["text_to_speech", "voices_read", "models_read", "user_read", "speech_history_read"]
"""What a key may be allowed to do."""


class AccountChanges(BaseModel):
    """What is otherwise with the account than it was when the server started.

    Attributes:
        characters: credits in all.
        concurrent: requests at a time.
        withdrawn_voices: ids, names or categories of voices that the account no longer has.
        missing_scopes: what its keys may not do.
    """

    model_config = ConfigDict(extra="forbid")

    characters: int | None = Field(None, ge=0)
    concurrent: int | None = Field(None, ge=0)
    withdrawn_voices: frozenset[str] = frozenset()
    missing_scopes: frozenset[Scope] = frozenset()


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
    def changes(self) -> AccountChanges:
        """What is changed now."""
        file = self._folder / LIMITS_FILE
        return AccountChanges.model_validate_json(file.read_text("utf-8")) if file.exists() else AccountChanges()

    @property
    def limits(self) -> Limits:
        """The limits now."""
        changed, start = self.changes, self._defaults
        return Limits(
            start.characters if changed.characters is None else changed.characters,
            start.concurrent if changed.concurrent is None else changed.concurrent,
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

    def item(self, history_item_id: str) -> dict[str, Any]:
        """Returns one generation.

        Raises:
            FaultError: there is none of this id.
        """
        with self._open() as db:
            row = db.execute("SELECT item FROM history WHERE id = ?", (history_item_id,)).fetchone()
        if row is None:
            message = f"History item with id {history_item_id} not found."
            raise FaultError("history_item_not_found", message, "history_item_id")
        item: dict[str, Any] = json.loads(row[0])
        return item

    def items(self) -> list[dict[str, Any]]:
        """Returns the history, newest first."""
        with self._open() as db:
            return [json.loads(row[0]) for row in db.execute("SELECT item FROM history ORDER BY number DESC")]

    def audio(self, history_item_id: str) -> tuple[bytes, str]:
        """Returns a generation again, and its content type.

        Raises:
            FaultError: there is none of this id.
        """
        item = self.item(history_item_id)
        with self._open() as db:
            row = db.execute("SELECT audio FROM history WHERE id = ?", (history_item_id,)).fetchone()
        return bytes(row[0]), item["content_type"]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._folder / "account.sqlite", timeout=30)) as db, db:
            yield db


def change(folder: Path, changes: AccountChanges) -> None:
    """Changes the account of a folder while its server runs; what ``changes`` leaves out is as it was at the start."""
    file = folder / LIMITS_FILE
    part = file.with_suffix(".part")
    part.write_text(changes.model_dump_json(), "utf-8")
    part.replace(file)


def now_unix() -> int:
    """Seconds since 1970."""
    return int(time.time())
