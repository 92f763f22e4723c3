"""The local voice: real speech without network, from whichever engine this machine has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Protocol

Accent = Literal["american", "british"]
Gender = Literal["female", "male", "neutral"]

MAX_BREAK_S = 3.0
"""**Source**: ElevenLabs, "Controls", read 2026-11-23: longest ``<break>``."""

_BREAK = re.compile(r'<break\s+time\s*=\s*"(\d+(?:\.\d+)?)(ms|s)"\s*/?>', re.IGNORECASE)
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>")
_OPEN_LINE = re.compile(r"(\w)[ \t]*\n")
"""An engine reads on over the end of a line that has no mark, such as an item of a list."""
_UNSPEAKABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff<>]")


@dataclass(frozen=True)
class Manner:
    """How somebody speaks.

    Attributes:
        accent: decides the pronunciation.
        gender: for engines that have a voice of each.
        pitch: height of the voice, 1 is the engine's own.
        speed: pace, 1 is the engine's own.
        formants: place of the resonances; below 1 sounds like a bigger person, above 1 like a smaller one.
    """

    accent: Accent
    gender: Gender
    pitch: float = 1.0
    speed: float = 1.0
    formants: float = 1.0


@dataclass(frozen=True)
class Utterance:
    """Samples, signed 16 bit little-endian mono, to be played at ``rate_hz``, which may be any rate."""

    pcm: bytes
    rate_hz: int


class Engine(Protocol):
    """Turns text into speech; the same text and manner give the same bytes."""

    def speak(self, text: str, manner: Manner) -> Utterance:
        """Speaks any text, however odd; text without a word gives a short silence.

        Raises:
            SpeakingError: the engine failed.
        """


class SpeakingError(Exception):
    """The engine is missing or failed; says what to do."""


def phrases_and_pauses(text: str) -> list[str | float]:
    """Splits a text at its pauses and removes what an engine would take for commands.

    Args:
        text: as it was sent, possibly with ``<break time="1.5s"/>``.

    Returns:
        Phrases, and lengths of silence in seconds, in order; nothing where there is neither.
    """
    pieces = _BREAK.split(text)
    found: list[str | float] = [_plain(pieces[0])]
    for amount, unit, after in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        found += [min(float(amount) / (1000 if unit.lower() == "ms" else 1), MAX_BREAK_S), _plain(after)]
    return [piece for piece in found if piece]


def _plain(text: str) -> str:
    text = _UNSPEAKABLE.sub(" ", _MARKUP.sub(" ", text)).strip()
    return _OPEN_LINE.sub(r"\1.\n", text)
