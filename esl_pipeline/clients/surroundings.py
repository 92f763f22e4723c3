"""What a client needs of the machine: the clock, chance, and the wire; a test gives its own."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from requests.adapters import BaseAdapter


class Clock(Protocol):
    """Tells the time and passes it."""

    def now(self) -> datetime:
        """Returns the time of day, in UTC."""

    def monotonic(self) -> float:
        """Returns seconds from an arbitrary start, never backwards."""

    def sleep(self, seconds: float) -> None:
        """Waits."""


class MachineClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Returns the time of day, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Returns seconds from an arbitrary start, never backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)


@dataclass(frozen=True)
class Surroundings:
    """The clock, chance and wire of a client.

    Attributes:
        uniform: returns a number between two, by chance.
        adapter: takes prepared requests to the vendor; a pool of connections where None.
    """

    clock: Clock = field(default_factory=MachineClock)
    uniform: Callable[[float, float], float] = random.uniform
    adapter: BaseAdapter | None = None
