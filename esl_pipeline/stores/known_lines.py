"""What was read of journals before, so that a shared store is asked only for what is new."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock

JOURNALS = 64
"""How many journals are remembered."""


@dataclass(frozen=True, slots=True)
class Known:
    """The beginning of a journal.

    Attributes:
        lines: as they were added.
        number: of the last addition; 0 where nothing is known.
        mark: by which the store tells that this addition is still the one that was read.
    """

    lines: tuple[bytes, ...] = ()
    number: int = 0
    mark: Hashable = None


class KnownLines:
    """The journals that were read last."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str) -> Known:
        """Returns what is known of a journal."""
        with self._lock:
            return self._known.get(name, Known())

    def keep(self, name: str, known: Known) -> None:
        """Remembers what was read of a journal, and forgets the one that was not read for longest."""
        with self._lock:
            self._known[name] = known
            self._known.move_to_end(name)
            while len(self._known) > JOURNALS:
                self._known.popitem(last=False)
