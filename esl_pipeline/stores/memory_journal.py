"""Journals in memory: for tests and hosts that keep state themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock

from esl_pipeline.stores.journal import Decide, check_name


class MemoryJournal:
    """Journals of one process."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[bytes, ...]] = {}
        self._lock = Lock()

    def add(self, name: str, decide: Decide) -> Sequence[bytes]:
        """Reads and adds as one step."""
        with self._lock:
            before = self._known.get(check_name(name), ())
            added = tuple(decide(before))
            if added:
                self._known[name] = before + added
        return added

    def lines(self, name: str) -> Sequence[bytes]:
        """Returns the lines."""
        return self._known.get(check_name(name), ())

    def names(self, prefix: str) -> Iterator[str]:
        """Yields the names that begin with ``prefix``, sorted."""
        yield from sorted(name for name in tuple(self._known) if name.startswith(prefix))

    def delete(self, name: str) -> None:
        """Removes a journal."""
        with self._lock:
            self._known.pop(check_name(name), None)
