"""Voices that will not be there for long, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from esl_pipeline.speech.voices import Voice

PREMADE = "premade"
PREMADE_EXPIRE_ON = date(2026, 12, 31)
"""The day on which ElevenLabs' default voices go.

**Source**: ElevenLabs' help pages on default voices, read 2026-11-23.
"""

_REPLACEMENTS = {
    "Sarah": "Talia (OZ0L6eISlOejga3XjDFt)",
    "Chris": "Caleb (AaOhDHYJ1XLZk74lXhdE)",
    "Roger": "Darian",
    "George": "Eldrin",
}
"""Voices that ElevenLabs, or people who compared them, name in place of the old ones."""


@dataclass(frozen=True, slots=True)
class ExpiringVoice:
    """A voice that goes on ``day``; ``message`` says so in words, and what to do."""

    voice: Voice
    day: date
    message: str


def expiring(voices: Iterable[Voice], today: date) -> tuple[ExpiringVoice, ...]:
    """Returns those that are known to go, the first to go first; one that should be gone already is among them.

    Args:
        voices: of an ElevenLabs account or of a cast; one that comes twice is told once.
        today: the day from which days are counted.
    """
    days = {voice: day for voice in voices if (day := _day(voice))}
    return tuple(
        ExpiringVoice(voice, day, _message(voice, day, today))
        for voice, day in sorted(days.items(), key=lambda pair: pair[1])
    )


def _day(voice: Voice) -> date | None:
    return PREMADE_EXPIRE_ON if voice.category == PREMADE else voice.leaves_on


def _message(voice: Voice, day: date, today: date) -> str:
    left = (day - today).days
    when = f"in {left} days" if left > 1 else "tomorrow" if left == 1 else "today" if not left else "which has passed"
    owner = "ElevenLabs ends its default voices" if voice.category == PREMADE else "its owner takes it back"
    short = voice.name.partition(" - ")[0].strip()
    instead = f", such as {_REPLACEMENTS[short]}," if short in _REPLACEMENTS and voice.category == PREMADE else ""
    return (
        f"{voice.name} goes on {day.isoformat()} ({when}): {owner}. Add another voice{instead} to the account in "
        "ElevenLabs, and name it in speech.voices, or in speech.fallback_voices for its role."
    )
