"""When each character of a text is heard: measured on the sound where it pauses, estimated between the pauses."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

from esl_pipeline.clients.local_voice.speaking import Utterance
from esl_pipeline.sandbox.elevenlabs.pauses import Span, phrases

MARKUP = re.compile(r"<[^<>]*>")
DIRECTIONS = re.compile(r"\[[^\[\]]*\]")
"""Stage directions such as ``[laughs]``, which some models act and others read aloud."""

WORD_COST, DIGIT_LETTERS = 0.6, 4.0
"""Of a word beside its letters, and of a digit, both in letters."""

WIDEST_DOUBT = 20
"""How many words a phrase may end before or after the word that an even pace would suggest."""

STOPS = ".,;:!?…—–"
CLOSERS = "\"'”’)]"
NOT_AT_A_STOP_S, STOP_UNHEARD_S = 0.6, 0.35
"""What it costs to believe that the voice paused where the text has no stop, or that it read over one."""


@dataclass(frozen=True)
class Alignment:
    """When each character is heard, in seconds; times never go back."""

    characters: tuple[str, ...]
    starts_s: tuple[float, ...]
    ends_s: tuple[float, ...]

    def json(self) -> dict[str, Any]:
        """Returns it in the vendor's form."""
        return {
            "characters": list(self.characters),
            "character_start_times_seconds": list(self.starts_s),
            "character_end_times_seconds": list(self.ends_s),
        }

    def later(self, seconds: float) -> Alignment:
        """Returns the same, begun later."""
        starts, ends = (tuple(round(time + seconds, 3) for time in times) for times in (self.starts_s, self.ends_s))
        return Alignment(self.characters, starts, ends)


@dataclass(frozen=True)
class _Word:
    """A word by its place in the text, how long it takes in letters, and whether the text stops after it."""

    start: int
    end: int
    weight: float
    stops: bool


@dataclass(frozen=True)
class _Cut:
    """A phrase's end: after so many words, at what cost up to here, and the end before."""

    end: int
    cost: float
    before: _Cut | None = None

    def chain(self) -> list[int]:
        """Returns all ends up to this one, without the beginning."""
        ends: list[int] = []
        cut = self
        while cut.before:
            ends.append(cut.end)
            cut = cut.before
        return ends[::-1]


def align(text: str, spoken: Utterance, *, acted: bool = False) -> Alignment:
    """Places the characters of a text.

    Args:
        text: as it was sent.
        spoken: its speech.
        acted: whether stage directions are not heard as words.
    """
    length_s = len(spoken.pcm) / 2 / spoken.rate_hz
    words = _words(text, acted=acted)
    spans = _place(words, phrases(spoken)) if words else []
    edges = [(0, 0.0), *(edge for word, span in zip(words, spans, strict=True) for edge in _edges(word, span))]
    times = _interpolate([*edges, (len(text), length_s)], len(text))
    return Alignment(tuple(text), tuple(times[:-1]), tuple(times[1:]))


def joined(parts: Sequence[Alignment]) -> Alignment:
    """Returns several alignments as one."""
    return Alignment(
        tuple(character for part in parts for character in part.characters),
        tuple(time for part in parts for time in part.starts_s),
        tuple(time for part in parts for time in part.ends_s),
    )


def _words(text: str, *, acted: bool) -> list[_Word]:
    heard = _blanked(MARKUP, text)
    heard = _blanked(DIRECTIONS, heard) if acted else heard
    found: list[_Word] = []
    for piece in re.finditer(r"\S+", heard):
        letters = sum(DIGIT_LETTERS if c.isdigit() else c.isalpha() for c in piece[0])
        after = heard[piece.end() :]
        markup = text[piece.end() :][: len(after) - len(after.lstrip())].strip()
        stops = piece[0].rstrip(CLOSERS).endswith(tuple(STOPS)) or "<break" in markup
        if letters:
            found.append(_Word(piece.start(), piece.end(), letters + WORD_COST, stops))
        elif found and stops:
            found[-1] = _Word(found[-1].start, found[-1].end, found[-1].weight, stops=True)
    return found


def _blanked(what: re.Pattern[str], text: str) -> str:
    return what.sub(lambda found: " " * len(found[0]), text)


def _place(words: Sequence[_Word], heard: Sequence[Span]) -> list[Span]:
    """Shares the words out to the phrases that were heard, and each phrase's time to its words by their weight."""
    placed: list[Span] = []
    begin, spans = 0, _joined_up(heard, len(words))
    for phrase, end in zip(spans, _cuts(words, spans), strict=True):
        group = words[begin:end]
        total = sum(word.weight for word in group)
        until = [phrase.start_s + phrase.length_s * part / total for part in accumulate(word.weight for word in group)]
        placed += [Span(a, b) for a, b in zip([phrase.start_s, *until[:-1]], until, strict=True)]
        begin = end
    return placed


def _joined_up(heard: Sequence[Span], most: int) -> list[Span]:
    """Joins phrases over their shortest pauses until there are no more than words."""
    spans = list(heard)
    while len(spans) > most:
        shortest = min(range(len(spans) - 1), key=lambda i: spans[i + 1].start_s - spans[i].end_s)
        spans[shortest : shortest + 2] = [Span(spans[shortest].start_s, spans[shortest + 1].end_s)]
    return spans


def _cuts(words: Sequence[_Word], heard: Sequence[Span]) -> list[int]:
    """Returns after which word each phrase ends, so that their lengths fit and stops are where it pauses."""
    pace = sum(span.length_s for span in heard) / sum(word.weight for word in words)
    sums = [0.0, *accumulate(word.weight * pace for word in words)]
    stops_before = [0, *accumulate(word.stops for word in words)]
    best: dict[int, _Cut] = {0: _Cut(0, 0.0)}
    expected = _expected(sums, heard)
    for span, likely in zip(heard, expected, strict=True):
        following: dict[int, _Cut] = {}
        for end in range(likely - WIDEST_DOUBT, likely + WIDEST_DOUBT + 1):
            ways = [
                _Cut(end, cut.cost + abs(sums[end] - sums[begin] - span.length_s) + STOP_UNHEARD_S * read_over, cut)
                for begin, cut in best.items()
                if begin < end <= len(words)
                for read_over in [stops_before[end - 1] - stops_before[begin]]
            ]
            if ways:
                way = min(ways, key=lambda cut: cut.cost)
                following[end] = replace(way, cost=way.cost + NOT_AT_A_STOP_S * (not words[end - 1].stops))
        best = following
    return best[len(words)].chain()


def _expected(sums: Sequence[float], heard: Sequence[Span]) -> list[int]:
    """Returns after which word each phrase would end if all were spoken at one pace; each has one word or more."""
    ends: list[int] = []
    for number, until in enumerate(accumulate(span.length_s for span in heard)):
        last = len(sums) - 1 - (len(heard) - number - 1)
        ends.append(min(max(bisect_left(sums, until), number + 1, (ends or [0])[-1] + 1), last))
    ends[-1] = len(sums) - 1
    return ends


def _edges(word: _Word, span: Span) -> list[tuple[int, float]]:
    return [(word.start, span.start_s), (word.end, span.end_s)]


def _interpolate(edges: Sequence[tuple[int, float]], length: int) -> list[float]:
    """Returns the time of each character's beginning and of the end."""
    times = [0.0] * (length + 1)
    for (left, before), (right, after) in pairwise(edges):
        for place in range(left, right + 1):
            share = (place - left) / (right - left) if right > left else 1.0
            times[place] = round(before + (after - before) * share, 3)
    return times
