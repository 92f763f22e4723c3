"""ElevenLabs' alignments, which are null, short, shuffled or zero at times."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from esl_pipeline.speech import CharacterTimings
from esl_pipeline.speech.timings import sane

Timed = tuple[str, float, float]

_LONGEST_S = 1e6
"""No sound is longer; numbers of any size can stand in JSON."""


def read_timings(alignment: object, text: str, length_s: float) -> CharacterTimings | None:
    """Returns when each character of a text is heard, None where the alignment does not tell or can't be right.

    Args:
        alignment: the vendor's, of the text as it was sent; anything.
        text: as it was sent, of all inputs one after the other.
        length_s: of the sound.
    """
    told = _characters(alignment)
    heard = None if told is None else _without_more_blanks(told, text)
    if not heard:
        return None
    characters, starts_s, ends_s = zip(*heard, strict=True)
    timings = CharacterTimings(characters, starts_s, ends_s)
    return timings if sane(timings, length_s) else None


def _characters(alignment: object) -> list[Timed] | None:
    if not isinstance(alignment, dict):
        return None
    names = ("characters", "character_start_times_seconds", "character_end_times_seconds")
    lists = [alignment.get(name) for name in names]
    if not all(isinstance(one, list) for one in lists) or len({len(one) for one in lists if one is not None}) != 1:
        return None
    characters, starts, ends = (one for one in lists if one is not None)
    if not all(isinstance(one, str) for one in characters):
        return None
    if not all(type(second) in (int, float) and abs(second) < _LONGEST_S for second in chain(starts, ends)):
        return None
    return [
        (character, float(start), float(end))
        for element, start, end in zip(characters, starts, ends, strict=True)
        for character in element
    ]


def _without_more_blanks(told: list[Timed], text: str) -> list[Timed] | None:
    """Returns the times of exactly the text's characters; blanks between the lines of a dialogue are left out."""
    left: Iterator[Timed] = iter(told)
    heard = []
    for wanted in text:
        found = next((one for one in left if one[0] == wanted or not one[0].isspace()), None)
        if found is None or found[0] != wanted:
            return None
        heard.append(found)
    return heard if all(character.isspace() for character, _, _ in left) else None
