"""Pieces of a text that the model can say in one go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

MAX_SOUNDS = 400
"""The model takes 510; long before that it begins to hurry."""


@dataclass(frozen=True)
class Clause:
    """What is said in one go.

    Attributes:
        sounds: IPA; never empty.
        mark: the punctuation after it, one character; empty where there is none.
    """

    sounds: str
    mark: str

    @property
    def ends_sentence(self) -> bool:
        """Whether a sentence ends with it."""
        return self.mark in {".", "!", "?", "…", ""}


def pieces(clauses: Iterable[Clause], at_most: int = MAX_SOUNDS) -> Iterator[str]:
    """Joins clauses to pieces, whole sentences where they fit, else whole clauses, else whole words.

    Args:
        clauses: in order.
        at_most: characters of a piece, 1 or more.
    """
    yield from _joined((part for sentence in _sentences(clauses) for part in _parts(sentence, at_most)), at_most)


def _sentences(clauses: Iterable[Clause]) -> Iterator[list[str]]:
    number = 0

    def sentence_of(clause: Clause) -> int:
        nonlocal number
        mine = number
        number += clause.ends_sentence
        return mine

    for _, group in groupby(clauses, sentence_of):
        yield [f"{clause.sounds}{clause.mark}" for clause in group]


def _parts(sentence: list[str], at_most: int) -> Iterator[str]:
    whole = " ".join(sentence)
    if len(whole) <= at_most:
        yield whole
        return
    for clause in sentence:
        if len(clause) <= at_most:
            yield clause
            continue
        words = (word[begin : begin + at_most] for word in clause.split() for begin in range(0, len(word), at_most))
        yield from _joined(words, at_most)


def _joined(parts: Iterable[str], at_most: int) -> Iterator[str]:
    piece = ""
    for part in parts:
        if piece and len(piece) + 1 + len(part) > at_most:
            yield piece
            piece = ""
        piece = f"{piece} {part}" if piece else part
    if piece:
        yield piece
