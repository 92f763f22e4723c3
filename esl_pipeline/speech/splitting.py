"""Cuts a long turn into pieces that a model speaks evenly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import ceil

import regex

PIECE = 1200
"""Characters that a piece of a turn has at most, where a turn must be cut: voice and loudness drift in longer ones.

**Source**: elevenlabs/elevenlabs-python, issues 8 and 772, read 2026-11-23.
"""

_ABBREVIATION = r"(?<!\b(?:Mr|Mrs|Ms|Dr|St|Prof|Sr|Jr|No|vs|etc|e\.g|i\.e|\p{Lu})\.)"
_SENTENCE_END = regex.compile(rf"(?<=[.!?…。！？][\"”’'»)\]]*){_ABBREVIATION}\s+(?=\P{{Ll}})")
_CLAUSE_END = regex.compile(r"(?<=[,;:—–])\s+")
_WORD_END = regex.compile(r"\s+")

Unit = tuple[str, str]
"""A stretch of text that is not cut, after what stands before it: a line end, a blank or nothing."""


def split_turn(paragraphs: Sequence[str], max_characters: int) -> tuple[str, ...]:
    """Returns the turn as one text, or as several of about the same length where it is too long for one.

    A cut is made at the end of a paragraph where there is one in reach, else of a sentence, a clause, a word; only a
    word longer than a whole piece is cut itself.

    Args:
        paragraphs: clean and not empty.
        max_characters: the model's limit per request.
    """
    whole = "\n".join(paragraphs)
    if len(whole) <= max_characters:
        return (whole,) if whole else ()
    longest = min(PIECE, max_characters)
    goal = ceil(len(whole) / ceil(len(whole) / longest))
    ends = (_SENTENCE_END, _CLAUSE_END, _WORD_END)
    units = (unit for paragraph in paragraphs for unit in _broken(("\n", paragraph), longest, ends))
    return tuple(_packed(units, longest, goal))


def _broken(unit: Unit, longest: int, ends: Sequence[regex.Pattern[str]]) -> Iterator[Unit]:
    """Breaks a text at the first kind of end, and a part that stays too long at the next kind."""
    before, text = unit
    if not ends:
        for at in range(0, len(text), longest):
            yield ("" if at else before, text[at : at + longest])
        return
    marks = [0, *(match.end() for match in ends[0].finditer(text)), len(text)]
    for start, stop in pairwise(marks):
        part = (" " if start else before, text[start:stop].strip())
        if len(part[1]) <= longest:
            yield part
        else:
            yield from _broken(part, longest, ends[1:])


def _packed(units: Iterable[Unit], longest: int, goal: int) -> Iterator[str]:
    piece = ""
    for before, unit in units:
        enough = goal * 0.8 if before == "\n" else goal
        if piece and (len(piece) >= enough or len(piece) + len(before) + len(unit) > longest):
            yield piece
            piece = unit
        else:
            piece = piece + before + unit if piece else unit
    if piece:
        yield piece
