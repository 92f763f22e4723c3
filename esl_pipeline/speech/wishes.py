"""What is wanted of each speaker's voice: by the lesson's profile, the settings, and the speaker's part."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from esl_pipeline.lessons.model import SpeakerProfile
from esl_pipeline.manifests.settings import SpeechSettings
from esl_pipeline.speech.names import guess_gender
from esl_pipeline.speech.scoring import WantedVoice

DEFAULT = "default"
"""The key of ``speech.voices`` whose voice serves the first speaker who has none of their own."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of a speaker's voice.

    Attributes:
        by_profile: id or name of a voice that the lesson's profile asks for.
        by_settings: id or name of a voice that ``speech.voices`` asks for.
        default: the voice that ``speech.voices.default`` offers, where nobody asks for one.
        gender: what the profile says, which is no mere preference; ``wanted`` has the guess too.
    """

    speaker: str
    by_profile: str | None
    by_settings: str | None
    default: str | None
    gender: str | None
    wanted: WantedVoice

    @property
    def is_choice(self) -> bool:
        """Whether a person chose the voice."""
        return bool(self.by_profile or self.by_settings)

    @property
    def sha256(self) -> str:
        """The hash of the wish: a voice that was cast for the same wish may be kept."""
        canonical = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def wishes(speakers: Sequence[str], profiles: Sequence[SpeakerProfile], settings: SpeechSettings) -> tuple[Wish, ...]:
    """Returns each speaker's wish, in the order given; one speaker alone is a narrator.

    Args:
        speakers: those who speak, each once.
        profiles: of these speakers and perhaps others, found by name in any case.
        settings: voices by speaker's name in any case, and the accent preferred.
    """
    chosen = {key(name): voice for name, voice in settings.voices.items()}
    offered = None if DEFAULT in map(key, speakers) else chosen.get(DEFAULT)
    made = []
    for speaker in speakers:
        profile, by_settings = _profile(speaker, profiles), chosen.get(key(speaker))
        role = profile.role or _role(speaker, alone=len(speakers) == 1)
        wanted = _wanted(profile, role, settings.default_accent)
        default = None if profile.voice or by_settings else offered
        made.append(Wish(speaker, profile.voice or None, by_settings, default, profile.gender, wanted))
    return tuple(made)


def key(name: str) -> str:
    """Returns what a speaker's name is found by."""
    return name.strip().casefold()


def _wanted(profile: SpeakerProfile, role: str, default_accent: str | None) -> WantedVoice:
    return WantedVoice(
        role=role,
        gender=profile.gender or guess_gender(profile.id),
        age=None if profile.age == "universal" else profile.age,
        accent=profile.accent or (default_accent or "").lower() or None,
        style=profile.style,
    )


def _profile(speaker: str, profiles: Sequence[SpeakerProfile]) -> SpeakerProfile:
    exactly = [profile for profile in profiles if profile.id == speaker]
    in_any_case = [profile for profile in profiles if key(profile.id) == key(speaker)]
    return next(iter(exactly + in_any_case), SpeakerProfile(speaker))


def _role(speaker: str, *, alone: bool) -> str:
    if key(speaker) == "narrator":
        return "narrator"
    if "teacher" in key(speaker):
        return "teacher"
    return "narrator" if alone else "student"
