"""Requests at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from esl_pipeline.sandbox.elevenlabs.faults import FaultError


@dataclass(frozen=True)
class Place:
    """A request's place among those in flight, of which ``maximum`` are allowed."""

    current: int
    maximum: int


class InFlight:
    """Counts the requests of each concurrency group."""

    def __init__(self) -> None:
        self._lock, self._running = Lock(), Counter[str]()

    @contextmanager
    def place(self, group: str, maximum: int) -> Iterator[Place]:
        """Holds a place while the request runs.

        Raises:
            FaultError: as many as are allowed are running.
        """
        with self._lock:
            if self._running[group] >= maximum:
                message = (
                    "Too many concurrent requests. Your current subscription is associated with a maximum of "
                    f"{maximum} concurrent requests (running in parallel)."
                )
                raise FaultError("concurrent_limit_exceeded", message)
            self._running[group] += 1
            taken = Place(self._running[group], maximum)
        try:
            yield taken
        finally:
            with self._lock:
                self._running[group] -= 1
