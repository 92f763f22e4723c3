"""Bounds the requests that are under way at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class InFlight:
    """Counts the requests of one client that are under way; ``limit`` of None bounds nothing."""

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._changed = Condition()
        self._count = 0
        self._departures = 0

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Waits for a free slot and holds it."""
        with self._changed:
            self._changed.wait_for(lambda: self._limit is None or self._count < self._limit)
            self._count += 1
        try:
            yield
        finally:
            with self._changed:
                self._count -= 1
                self._departures += 1
                self._changed.notify_all()

    def wait_for_departure(self, timeout_s: float) -> None:
        """Waits until one of the requests now under way is done; returns at once where there is none."""
        with self._changed:
            seen = self._departures
            self._changed.wait_for(lambda: self._count == 0 or self._departures > seen, timeout_s)
