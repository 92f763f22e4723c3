"""The colours of text and blocks, and what authors write for them."""

from __future__ import annotations

import difflib
import re
from typing import Literal, get_args

Colour = Literal[
    "default",
    "gray",
    "brown",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "red",
    "gray_background",
    "brown_background",
    "orange_background",
    "yellow_background",
    "green_background",
    "blue_background",
    "purple_background",
    "pink_background",
    "red_background",
]
"""Notion's. Source: developers.notion.com/reference/block, read 2026-11-23."""

COLOURS: tuple[Colour, ...] = get_args(Colour)
HIGHLIGHT: Colour = "yellow_background"
"""Of what stands between ``==`` and ``==``."""

_BLANKS = re.compile(r"[\s_-]+")


def read_colour(text: str) -> Colour | None:
    """Returns the colour that an author means: case, *grey* and ways to write ``_background`` make no difference."""
    name = _folded(text)
    return next((colour for colour in COLOURS if colour == name), None)


def nearest_colour(text: str) -> Colour | None:
    """Returns the colour whose name is most like ``text``, None where no name is."""
    near = difflib.get_close_matches(_folded(text), COLOURS, n=1, cutoff=0.5)
    return next((colour for colour in COLOURS if colour in near), None)


def _folded(text: str) -> str:
    name = _BLANKS.sub("_", text.strip().lower()).replace("grey", "gray")
    return f"{name.removesuffix('_bg')}_background" if name.endswith("_bg") else name
