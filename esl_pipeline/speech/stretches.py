"""A text's sentences, and where a sound with several of them in it is cut: in the pauses between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from esl_pipeline.speech.splitting import SENTENCE_END
from esl_pipeline.speech.timings import CharacterTimings, sane

Pause = tuple[float, float]
"""A quiet moment: its start and end, in seconds."""

NEARBY_S = 0.25
"""How far from a told time a pause may be to be taken for it."""

# Tuned on 16 turns of the local voice in 60 dialogues: 92 % of the cuts were right with pauses of 0.3 to 0.8 s between
# turns, whose own inner pauses last up to 0.6 s.
_EACH = 3
"""Characters' worth of time that a stretch takes beside its characters: last syllables are drawn out."""
_UNEVEN = 0.15
"""How much the length of a stretch differs from what its characters suggest, as a share of it."""
_UNEVEN_S = 0.1
_PER_PAUSE_S = 2.0
"""What a second of pause is worth, beside a stretch that is as much too long as is usual."""
_LONGEST_S = 1.0
_NO_PAUSE = 4.0
"""What it costs to cut where there is no pause."""


def sentences(text: str) -> tuple[str, ...]:
    """Returns the sentences of a text, where a new line ends one too; none where it has no letter and no digit.

    What says nothing by itself, such as "…", stays with the sentence before it.
    """
    found: list[str] = []
    for line in text.splitlines():
        for part in map(str.strip, SENTENCE_END.split(line)):
            if any(map(str.isalnum, part)):
                found.append(part)
            elif part and found:
                found[-1] += f" {part}"
    return tuple(found)


def cut_times(
    weights: Sequence[int], length_s: float, pauses: Sequence[Pause], timings: CharacterTimings | None
) -> tuple[float, ...]:
    """Returns where a sound is to be cut so that each stretch has its own text, one time less than there are weights.

    Sane timings decide, and the longest pause near the told place is taken. Without them the pauses are chosen that
    share out the speech as the characters are shared, long pauses rather than short ones. The times rise, and
    lie within the sound; a cut is in the middle of a pause, or between two pauses where there are not enough.

    Args:
        weights: characters of each stretch's text as it was sent, 1 or more each; of one stretch or more.
        length_s: of the sound, above 0.
        pauses: the quiet moments in it, in any order.
        timings: of all the stretches' characters, with or without the blanks between them.
    """
    if len(weights) < 2:
        return ()
    quiet = _merged(pauses, length_s)
    if timings and sane(timings, length_s) and (words := _spans(weights, timings)):
        return _near(words, length_s, quiet)
    return _shared_out(weights, length_s, quiet)


def timings_of_stretches(weights: Sequence[int], timings: CharacterTimings) -> tuple[CharacterTimings, ...]:
    """Returns each stretch's own timings, still from the start of the whole sound; none if they are of another text.

    Args:
        weights: characters of each stretch's text as it was sent.
        timings: of all the stretches' characters, with or without the blanks between them.
    """
    stretches, at, characters = [], 0, timings.characters
    for weight in weights:
        while at < len(characters) and characters[at].isspace():
            at += 1
        own = slice(at, at + weight)
        stretches.append(CharacterTimings(characters[own], timings.starts_s[own], timings.ends_s[own]))
        at += weight
    return tuple(stretches) if at <= len(characters) and not "".join(characters[at:]).strip() else ()


def _merged(pauses: Iterable[Pause], length_s: float) -> tuple[Pause, ...]:
    """Returns the pauses in order, within the sound, with no two that touch."""
    merged: list[Pause] = []
    for start, end in sorted((max(start, 0.0), min(end, length_s)) for start, end in pauses):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif start < end:
            merged.append((start, end))
    return tuple(merged)


def _spans(weights: Sequence[int], timings: CharacterTimings) -> tuple[Pause, ...]:
    """Returns when each stretch is heard, signs at its edges apart; none where the timings are of another text."""
    spans = []
    for stretch in timings_of_stretches(weights, timings):
        heard = [place for place, character in enumerate(stretch.characters) if character.isalnum()]
        if not heard:
            return ()
        spans.append((stretch.starts_s[heard[0]], stretch.ends_s[heard[-1]]))
    return tuple(spans)


def _near(spans: Sequence[Pause], length_s: float, quiet: Sequence[Pause]) -> tuple[float, ...]:
    """Returns the middle of the longest pause near each told place, else the place; never past a stretch's middle."""
    cuts = []
    for before, after in pairwise(spans):
        earliest, latest = (min(_middle(span), length_s) for span in (before, after))
        start, end = max(before[1] - NEARBY_S, earliest), min(after[0] + NEARBY_S, latest)
        close = (pause for pause in quiet if pause[0] < end and pause[1] > start)
        cut = _middle(max(close, key=_length, default=(before[1], after[0])))
        cuts.append(min(max(cut, earliest), latest))
    return tuple(cuts)


def _middle(span: Pause) -> float:
    return (span[0] + span[1]) / 2


def _length(span: Pause) -> float:
    return span[1] - span[0]


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a cut may be: its time, how much is said before it (pauses apart), and what it costs to cut there."""

    times_s: NDArray[np.float64]
    said_s: NDArray[np.float64]
    costs: NDArray[np.float64]


def _shared_out(weights: Sequence[int], length_s: float, quiet: Sequence[Pause]) -> tuple[float, ...]:
    longer = np.asarray(weights, dtype=np.float64) + _EACH
    shares = longer / longer.sum()
    places, speech_s = _places(shares, length_s, quiet)
    wanted = shares * speech_s
    best = _cost(places.said_s, wanted[0]) + places.costs
    came_from: list[NDArray[np.intp]] = []
    lengths = places.said_s[:, None] - places.said_s[None, :]
    for want in wanted[1:-1]:
        totals = _cost(lengths, want) + best[None, :]
        came_from.append(totals.argmin(axis=1))
        best = totals.min(axis=1) + places.costs
    chosen = [int((best + _cost(speech_s - places.said_s, wanted[-1])).argmin())]
    for before in reversed(came_from):
        chosen.append(int(before[chosen[-1]]))
    return tuple(float(places.times_s[place]) for place in reversed(chosen))


def _places(shares: NDArray[np.float64], length_s: float, quiet: Sequence[Pause]) -> tuple[_Places, float]:
    """Returns where a cut may be, in order, and how long is spoken: each pause, and each proportional place."""
    silent = [0.0, *accumulate(map(_length, quiet))]  # before each pause, and in all
    speech_s = length_s - silent[-1]
    if speech_s < length_s / 1000:  # nothing is heard: only the proportions are left
        return _places(shares, length_s, ())
    places = [
        (start - before, _middle((start, end)), -_PER_PAUSE_S * min(end - start, _LONGEST_S))
        for (start, end), before in zip(quiet, silent, strict=False)
        if start > 0 and end < length_s
    ]
    for said in np.cumsum(shares[:-1]) * speech_s:
        paused = sum(_length(pause) for pause, before in zip(quiet, silent, strict=False) if pause[0] - before < said)
        places.append((float(said), float(said) + paused, _NO_PAUSE))
    said_s, times_s, costs = zip(*sorted(places), strict=True)
    return _Places(np.array(times_s), np.array(said_s), np.array(costs)), speech_s


def _cost(length_s: NDArray[np.float64], wanted_s: float) -> NDArray[np.float64]:
    """Returns how unusual stretches of these lengths are; no stretch is empty."""
    unusual = ((length_s - wanted_s) / (_UNEVEN * wanted_s + _UNEVEN_S)) ** 2
    return np.where(length_s > 0, unusual, np.inf)
