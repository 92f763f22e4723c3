"""When each word of the lesson is heard, from the times of the characters that were sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from esl_pipeline.speech.timings import CharacterTimings

_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>")
_DIRECTION = re.compile(r"\[[^\[\]]*\]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is written, with its signs, and when it is heard: seconds from the start of the track."""

    text: str
    start_s: float
    end_s: float


def timed_words(
    written: str, timings: CharacterTimings, *, head_s: float, length_s: float, offset_s: float
) -> tuple[Word, ...]:
    """Returns the written text's words in order, one for each of ``written.split()``; none where no times are told.

    Where something else was sent (a number in words, a pronunciation) the written words share the time of what was
    spoken instead; what is not spoken, such as ``[laughs]``, has the time between its neighbours. Words never overlap,
    and lie within the segment.

    Args:
        written: as it stands in the lesson.
        timings: of the text as it was sent, sane ones.
        head_s: seconds of the timed sound before the segment, such as silence that was cut off.
        length_s: of the segment in the track.
        offset_s: where the segment starts in the track.
    """
    texts, spoken = written.split(), _spoken(timings)
    if not texts or not spoken:
        return ()
    spans = _aligned(texts, spoken)
    marks = [min(max(mark - head_s, 0.0), length_s) for start, end in spans for mark in (start, end)]
    for place in range(1, len(marks)):
        marks[place] = max(marks[place], marks[place - 1])
    times = [mark + offset_s for mark in marks]
    return tuple(Word(text, start, end) for text, start, end in zip(texts, times[::2], times[1::2], strict=True))


def _spoken(timings: CharacterTimings) -> list[Word]:
    """Returns the words that were sent to be spoken, without markup and stage directions."""
    text = "".join(timings.characters)
    owner = [place for place, character in enumerate(timings.characters) for _ in character]
    for unsaid in (_MARKUP, _DIRECTION):
        text = unsaid.sub(lambda found: " " * len(found[0]), text)
    words = []
    for found in re.finditer(r"\S+", text):
        first, last = owner[found.start()], owner[found.end() - 1]
        words.append(Word(found[0], timings.starts_s[first], timings.ends_s[last]))
    return words


def _aligned(texts: Sequence[str], spoken: Sequence[Word]) -> list[tuple[float, float]]:
    """Returns each written word's start and end, in order."""
    bare = [_bare(text) for text in texts], [_bare(word.text) for word in spoken]
    spans: list[tuple[float, float]] = []
    for kind, from_, to, first, stop in SequenceMatcher(None, *bare, autojunk=False).get_opcodes():
        if kind == "equal":
            spans += [(word.start_s, word.end_s) for word in spoken[first:stop]]
        elif kind == "insert" and spans:
            spans[-1] = (spans[-1][0], spoken[stop - 1].end_s)
        elif kind != "insert":
            start = spoken[first].start_s if kind == "replace" else spans[-1][1] if spans else spoken[0].start_s
            end = (
                spoken[stop - 1].end_s if kind == "replace" else spoken[first].start_s if first < len(spoken) else start
            )
            spans += _shared(texts[from_:to], start, end)
    return spans


def _shared(texts: Sequence[str], start_s: float, end_s: float) -> Iterator[tuple[float, float]]:
    """Shares a time out by the words' lengths."""
    marks, before = [start_s], 0
    for text in texts:
        before += len(text)
        marks.append(start_s + (end_s - start_s) * before / sum(map(len, texts)))
    return pairwise(marks)


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()
