"""What was spent on speech, and what is about to be: an account book per tenant and month."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)

Kind = Literal["reserved", "asked", "bought", "released", "reused"]


class UnreadableUsageError(Exception):
    """A book is damaged; it stays as it is. Asking again can't help."""


class UsageEntry(BaseModel):
    """One line of the book.

    ``reserved`` is written before a run buys anything, with estimates; ``asked`` right before the request goes out,
    so that only these may have been billed where a run dies; ``bought`` when the audio is stored, ``released`` when it
    is certain that nothing was billed. ``reused`` tells of segments that a run had already: ``sha256`` is then that of
    the first of them, and the figures are sums per model and voice.

    Attributes:
        at: UTC.
        run_id: of the run that reserved, also where another one settles what that left.
        sha256: of the request.
        voice_id: several of a dialogue with ``+`` between.
        characters: of the text as sent.
        credits: the vendor's own count: billed where it was bought and the vendor said so, else an estimate.
        estimated_credits: what was expected.
        usd: by the price list.
        seconds: of sound; 0 where there is none yet.
        segments: how many requests; 1 but for ``reused``.
        recovered: True where the audio came from the vendor's history after its answer was lost.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: Kind
    at: datetime
    run_id: str
    assignment: str
    sha256: str
    engine: str
    model: str
    voice_id: str
    voice_name: str
    characters: int
    credits: int
    estimated_credits: int
    usd: float
    seconds: float = 0.0
    segments: int = 1
    recovered: bool = False

    @property
    def open(self) -> bool:
        """True while it is not known whether this is billed."""
        return self.kind in ("reserved", "asked")


Decide = Callable[[Sequence[UsageEntry]], Sequence[UsageEntry]]
"""Sees the month's lines so far and returns those to add; what it raises adds nothing."""


class UsageStore(Protocol):
    """The account books; lines are only ever added."""

    def add(self, tenant: str, month: str, decide: Decide) -> Sequence[UsageEntry]:
        """Reads a month's lines and adds to them as one step, one process at a time; returns the added ones.

        Args:
            tenant: a checked slug.
            month: ``2026-11``, UTC.
            decide: may be called more than once.

        Raises:
            LeaseHeldError: others keep the book locked.
            UnreadableUsageError: the book is damaged.
        """

    def lines(self, tenant: str, month: str) -> Sequence[UsageEntry]:
        """Returns a month's lines in the order in which they were added; none where nothing was spoken.

        Raises:
            UnreadableUsageError: the book is damaged.
        """

    def months(self) -> Sequence[tuple[str, str]]:
        """Returns the pairs of tenant and month that have lines, sorted."""

    def delete(self, tenant: str) -> None:
        """Removes all books of a tenant that goes; nobody writes them any more."""


def fold(lines: Iterable[UsageEntry]) -> Mapping[str, UsageEntry]:
    """Returns where each segment stands: the last line of its ``sha256``."""
    return {line.sha256: line for line in lines if line.kind != "reused"}


def spending(lines: Sequence[UsageEntry]) -> Sequence[UsageEntry]:
    """Returns the lines that count against a budget: all that was bought, and what is still open."""
    bought = [line for line in lines if line.kind == "bought"]
    return [*bought, *(line for line in fold(lines).values() if line.open)]


def month_of(at: datetime) -> str:
    """Returns the month whose book a line of this time, in UTC, belongs to."""
    return f"{at:%Y-%m}"


def month_before(month: str) -> str:
    """Returns the month before ``2026-01``: ``2025-12``."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - (number == 1):04}-{number - 1 or 12:02}"


def check_month(month: str) -> str:
    """Returns ``month`` if it is one.

    Raises:
        ValueError: it is not like ``2026-11``.
    """
    if not MONTH.fullmatch(month):
        raise ValueError(f"{month[:20]!r} is no month; write it as 2026-11.")
    return month
