"""Cuts a turn into pieces that a model speaks evenly: not too long, and not so short that the voice wavers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import Literal

import regex

from esl_pipeline.speech.models import SpeechModel

PauseKind = Literal["turn", "paragraph", "sentence"]
"""What ends after a piece, and so how long the pause there is."""

_ABBREVIATION = r"(?<!\b(?:Mr|Mrs|Ms|Dr|St|Prof|Sr|Jr|No|vs|etc|e\.g|i\.e|\p{Lu})\.)"
_OUTSIDE_BRACKETS = r"(?![^\[\]]{0,120}\])"
SENTENCE_END = regex.compile(
    rf"(?<=[.!?…。！？][\"”’'»)\]]*){_ABBREVIATION}\s+(?=\P{{Ll}}){_OUTSIDE_BRACKETS}|(?<=[。！？])|\n"
)
_CLAUSE_END = regex.compile(r"(?<=[,;:—–])\s+")
_WORD_END = regex.compile(r"\s+")
_ENDS = (SENTENCE_END, _CLAUSE_END, _WORD_END)

Say = Callable[[str], str]
"""Returns what is sent for a written text; empty where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a turn that is bought by itself.

    Attributes:
        written: as it stands in the lesson; paragraphs and verses in it are parted by newlines.
        text: as it is sent.
        pause_after: what ends after it.
    """

    written: str
    text: str
    pause_after: PauseKind = "paragraph"


def split_turn(paragraphs: Sequence[str], model: SpeechModel, say: Say) -> tuple[Piece, ...]:
    """Returns the pieces of a turn in order, none where there is nothing to say.

    A paragraph is a piece. One that is shorter than the model likes is joined to its neighbour, one that is too long
    is cut into pieces of about the same length: at the end of a sentence where there is one in reach, else of a
    clause, a word; only a word longer than a whole piece is cut itself.

    Args:
        paragraphs: of the turn, as written.
        model: its lengths are those of what is sent.
        say: makes what is sent.
    """
    longest = min(model.good_characters, model.max_characters)
    spoken = [Piece(paragraph, text) for paragraph in paragraphs if (text := say(paragraph))]
    pieces = [cut for piece in _joined(spoken, model.short_characters, longest) for cut in _cut(piece, longest, say)]
    return (*pieces[:-1], replace(pieces[-1], pause_after="turn")) if pieces else ()


def whole_turn(paragraphs: Sequence[str], say: Say) -> Piece | None:
    """Returns a turn in one piece, None where there is nothing to say."""
    spoken = [(paragraph, text) for paragraph in paragraphs if (text := say(paragraph))]
    written, text = ("\n".join(part) for part in zip(*spoken, strict=True)) if spoken else ("", "")
    return Piece(written, text, "turn") if spoken else None


def _joined(pieces: Iterable[Piece], short: int, longest: int) -> Iterator[Piece]:
    before: Piece | None = None
    for piece in pieces:
        if before is None:
            before = piece
            continue
        lengths = sorted((len(before.text), len(piece.text)))
        if lengths[0] < short and (sum(lengths) < longest or lengths[1] > longest):
            before = Piece(f"{before.written}\n{piece.written}", f"{before.text}\n{piece.text}")
        else:
            yield before
            before = piece
    if before is not None:
        yield before


def _cut(piece: Piece, longest: int, say: Say) -> Iterator[Piece]:
    """Cuts what is written, so that each part can be made ready by itself."""
    if len(piece.text) <= longest:
        yield piece
        return
    goal = ceil(len(piece.text) / ceil(len(piece.text) / longest))
    parts = list(_packed(_broken(piece.written, longest, say, _ENDS), longest, goal, say))
    spoken = [Piece(part, text, "sentence") for part in parts if (text := say(part))]
    yield from spoken[:-1]
    yield replace(spoken[-1], pause_after=piece.pause_after)


def _broken(text: str, longest: int, say: Say, ends: Sequence[regex.Pattern[str]]) -> Iterator[str]:
    """Breaks a text at the first kind of end, and a part that stays too long at the next kind.

    Each part begins with what parts it from the one before.
    """
    if not ends:
        yield from _halved(text, longest, say)
        return
    marks = [0, *(match.start() for match in ends[0].finditer(text)), len(text)]
    for start, stop in pairwise(marks):
        part = text[start:stop]
        if len(say(part)) <= longest:
            yield part
        else:
            yield from _broken(part, longest, say, ends[1:])


def _halved(word: str, longest: int, say: Say) -> Iterator[str]:
    if len(word) < 2 or len(say(word)) <= longest:
        yield word
        return
    middle = len(word) // 2
    yield from _halved(word[:middle], longest, say)
    yield from _halved(word[middle:], longest, say)


def _packed(parts: Iterable[str], longest: int, goal: int, say: Say) -> Iterator[str]:
    piece = ""
    for part in parts:
        if piece and (len(say(piece)) >= goal or len(say(piece + part)) > longest):
            yield piece.strip()
            piece = part
        else:
            piece += part
    if piece:
        yield piece.strip()
