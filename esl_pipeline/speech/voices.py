"""The voices of an account, as one shape for the vendor's list and the predecessor's catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Any


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice; all labels are lower case and empty where nobody gave them.

    Attributes:
        rate: how much dearer it is than others; 1 or more.
        leaves_on: the day on which its owner takes it out of the library, None where none is known.
    """

    id: str
    name: str
    category: str = ""
    gender: str = ""
    accent: str = ""
    age: str = ""
    use_case: str = ""
    descriptive: str = ""
    rate: float = 1.0
    leaves_on: date | None = None


def voices_from_catalogue(entries: Iterable[Mapping[str, Any]]) -> tuple[Voice, ...]:
    """Reads voices in the order given; what has no id is left out, and so is the second of one id.

    Args:
        entries: ``voices`` of ``GET /v2/voices``, or of the predecessor's ``elevenlabs.voices.json``.
    """
    read = (_voice(entry) for entry in entries)
    return tuple({voice.id: voice for voice in reversed([v for v in read if v.id])}.values())[::-1]


def _voice(entry: Mapping[str, Any]) -> Voice:
    labels = {str(key).lower().replace(" ", "_"): value for key, value in (entry.get("labels") or {}).items()}

    def label(*names: str) -> str:
        return next((str(labels[name]).strip().lower() for name in names if labels.get(name)), "")

    sharing = entry.get("sharing") or {}
    leaves_unix = sharing.get("disable_at_unix")
    id_ = str(entry.get("voice_id") or entry.get("id") or "")
    return Voice(
        id=id_,
        name=str(entry.get("name") or id_).strip(),
        category=str(entry.get("category") or "").lower(),
        gender=label("gender"),
        accent=label("accent"),
        age=label("age"),
        use_case=label("use_case"),
        descriptive=label("descriptive", "description"),
        rate=max(1.0, float(sharing.get("rate") or 1)),
        leaves_on=datetime.fromtimestamp(leaves_unix, UTC).date() if leaves_unix else None,
    )


def find_voices(wanted: str, catalogue: Iterable[Voice]) -> tuple[Voice, ...]:
    """Returns what ``wanted`` may mean: the voice of that id, else those of that name, else of that short name.

    ElevenLabs writes a description after the name ("George - Warm, Captivating Storyteller"); the short name is what
    stands before it.
    """
    voices = tuple(catalogue)
    name = wanted.strip().casefold()
    return (
        tuple(voice for voice in voices if voice.id == wanted.strip())
        or tuple(voice for voice in voices if voice.name.casefold() == name)
        or tuple(voice for voice in voices if _short_name(voice) == name)
    )


def nearest_names(wanted: str, catalogue: Iterable[Voice], *, at_most: int = 3) -> tuple[str, ...]:
    """Returns names that look like ``wanted``, or the first ones of the catalogue where none does."""
    voices = tuple(catalogue)
    names = {_short_name(voice): voice.name for voice in reversed(voices)}
    near = get_close_matches(wanted.strip().casefold(), names, n=at_most, cutoff=0.5)
    return tuple(names[name] for name in near) or tuple(voice.name for voice in voices[:at_most])


def _short_name(voice: Voice) -> str:
    return voice.name.partition(" - ")[0].strip().casefold()
