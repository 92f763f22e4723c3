"""When each character of a text is heard."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CharacterTimings:
    """Seconds from the start of a request's audio, for each character of the text as it was sent.

    The three have the same length; times never go back.
    """

    characters: tuple[str, ...]
    starts_s: tuple[float, ...]
    ends_s: tuple[float, ...]
