"""When each character of a text is heard."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

SLACK_S = 0.25
"""How far the last character may end after the sound does: engines round, and trailing silence may be cut."""

_LEAST_SPAN = 0.5
"""Share of the sound that the characters fill at least; less means times of zero, which ElevenLabs' dialogues have.

**Source**: elevenlabs/elevenlabs-python, issues 707 and 760, read 2026-11-23.
"""


@dataclass(frozen=True, slots=True)
class CharacterTimings:
    """Seconds from the start of a request's audio, for each character of the text as it was sent.

    The three have the same length; times never go back.
    """

    characters: tuple[str, ...]
    starts_s: tuple[float, ...]
    ends_s: tuple[float, ...]


def sane(timings: CharacterTimings, length_s: float) -> bool:
    """Returns whether the times can be true of a sound of that length; engines tell zeros or times beyond its end.

    Args:
        timings: as the engine told them, which may break the promises of ``CharacterTimings``.
        length_s: of the whole sound, as it was received.
    """
    starts, ends = timings.starts_s, timings.ends_s
    if not starts or not len(timings.characters) == len(starts) == len(ends):
        return False
    if not all(map(isfinite, (*starts, *ends))):
        return False
    in_order = all(a <= b for times in (starts, ends) for a, b in pairwise(times))
    forward = all(start <= end for start, end in zip(starts, ends, strict=True))
    inside = starts[0] >= 0 and ends[-1] <= length_s + SLACK_S
    return in_order and forward and inside and ends[-1] - starts[0] >= _LEAST_SPAN * length_s and _told(timings)


def _told(timings: CharacterTimings) -> bool:
    """Returns whether most letters have a time of their own."""
    times = zip(timings.characters, timings.starts_s, timings.ends_s, strict=True)
    lasting = [end > start for character, start, end in times if character.isalnum()]
    return bool(lasting) and sum(lasting) * 2 > len(lasting)
