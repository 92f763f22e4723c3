"""What ticks tell people."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 20


def told(remarks: Sequence[str]) -> str:
    r"""Returns the remarks of a tick as one text, the first 20 of them in full.

    Bytes of a file's name that are no text are written out, such as ``\udce9``: the web server can't send them.
    """
    more = len(remarks) - MOST
    ended = (one if one.endswith((".", "…")) else f"{one}." for one in remarks[:MOST])
    text = " ".join([*ended, *([f"And {more} more."] if more > 0 else [])])
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
