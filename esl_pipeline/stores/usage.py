"""What was spent on speech, and what is about to be: an account book per tenant and month."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict


class UsageEntry(BaseModel):
    """One line of the book; the last line of a segment's ``sha256`` within its month holds.

    ``reserved`` is written before a segment is asked for, with estimates; ``bought`` when its audio is stored,
    ``released`` when it is certain that nothing was billed. ``reused`` tells of segments that a run had already:
    ``sha256`` is then that of the first of them, and the figures are sums per model and voice.

    Attributes:
        at: UTC.
        characters: of the text as sent.
        credits: the vendor's own count: billed where it was bought and the vendor said so, else an estimate.
        estimated_credits: what was expected.
        usd: by the price list.
        seconds: of sound; 0 where there is none yet.
        segments: how many; 1 but for ``reused``.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: Literal["reserved", "bought", "released", "reused"]
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
        """

    def lines(self, tenant: str, month: str) -> Sequence[UsageEntry]:
        """Returns a month's lines in the order in which they were added; none where nothing was spoken."""

    def months(self) -> Sequence[tuple[str, str]]:
        """Returns the pairs of tenant and month that have lines, sorted."""
