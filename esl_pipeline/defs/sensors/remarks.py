"""What ticks tell people."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 20


def told(remarks: Sequence[str]) -> str:
    """Returns the remarks of a tick as one text, the first 20 of them in full."""
    more = len(remarks) - MOST
    return " ".join([*remarks[:MOST], *([f"And {more} more."] if more > 0 else [])])
