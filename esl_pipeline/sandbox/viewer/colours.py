"""Notion's colours as CSS classes."""

from __future__ import annotations

_NAMES = ("default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
COLOURS = frozenset(_NAMES) | {f"{name}_background" for name in _NAMES}


def colour_class(colour: object) -> str:
    """Returns the class of a colour; nothing for the default and for what is no colour."""
    return f"c-{colour}" if colour in COLOURS and colour not in ("default", "default_background") else ""
