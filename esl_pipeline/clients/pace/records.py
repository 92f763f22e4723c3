"""Small records that several processes change, one at a time; in memory, those of one process."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Protocol, TypeVar

T = TypeVar("T")


class Records(Protocol):
    """Where books are kept; all who share them see one clock.

    Attributes:
        lease_s: seconds after which a process that says nothing is taken for dead; None where ``is_gone`` knows.
    """

    @property
    def lease_s(self) -> float | None:
        """See above."""

    def change(self, key: str, change: Callable[[bytes, float], tuple[bytes, T]]) -> T:
        """Replaces a record while nobody else does.

        Args:
            key: names it.
            change: given the record, empty where there is none, and the time in seconds; returns the new one and what
                is to be returned. It may be called again where the first time came to nothing.
        """

    def process(self) -> str:
        """Returns a name of this process, another one after a fork."""

    def is_gone(self, process: str) -> bool:
        """Tells whether a process of this name is known to have ended; False where that can't be told."""


class MemoryRecords:
    """Records of one process.

    Args:
        now: the clock.
    """

    lease_s: float | None = None

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._lock = now, Lock()
        self._records: dict[str, bytes] = {}

    def change(self, key: str, change: Callable[[bytes, float], tuple[bytes, T]]) -> T:
        """Replaces a record while nobody else does."""
        with self._lock:
            self._records[key], told = change(self._records.get(key, b""), self._now())
        return told

    def process(self) -> str:
        """Returns the only process."""
        return "this"

    def is_gone(self, process: str) -> bool:  # noqa: ARG002 there is only one
        """Tells that it is there."""
        return False
