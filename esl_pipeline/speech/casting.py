"""Who speaks with which voice: the author's choice, else the voice that fits best and nobody else has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from esl_pipeline.lessons.model import SpeakerProfile
from esl_pipeline.manifests.settings import SpeechSettings
from esl_pipeline.speech.names import guess_gender
from esl_pipeline.speech.scoring import WantedVoice, score
from esl_pipeline.speech.voices import Voice, find_voices, nearest_names

DEFAULT = "default"
"""The key of ``speech.voices`` whose voice serves the first speaker who has none of their own."""

Source = Literal["profile", "voices", "default", "auto", "reuse"]


@dataclass(frozen=True, slots=True)
class CastVoice:
    """A speaker's voice.

    Attributes:
        source: who chose it: the lesson's profile, the settings, or the casting (``auto``; ``reuse`` where there are
            more speakers than voices).
        score: points of a voice that the casting chose, None where a person did.
        reasons: what the points were for.
    """

    voice: Voice
    source: Source
    score: int | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CastingProblem:
    """Why a speaker got no voice, and how to mend it."""

    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Casting:
    """The voice of each speaker, in order of first speaking; complete where there are no problems."""

    voices: Mapping[str, CastVoice]
    problems: tuple[CastingProblem, ...] = ()


def cast(
    speakers: Sequence[str],
    profiles: Sequence[SpeakerProfile],
    settings: SpeechSettings,
    catalogue: Sequence[Voice],
) -> Casting:
    """Gives each speaker a voice; the same arguments give the same voices.

    A voice that a person chose is given as often as it was chosen; the others are given once, in order of speaking.

    Args:
        speakers: those who speak, each once, in order of first speaking; one alone is a narrator.
        profiles: of these speakers and perhaps others, found by name in any case.
        settings: voices by speaker's name in any case, and the accent preferred.
        catalogue: the account's voices; the earlier one wins where two fit equally well.
    """
    if not catalogue:
        fix = "Add voices to it under Voices in ElevenLabs, or check that the API key may read voices."
        return Casting({}, (CastingProblem("The account has no voices.", fix),))
    return _Cast(speakers, profiles, settings, catalogue).fill()


class _Cast:
    def __init__(
        self,
        speakers: Sequence[str],
        profiles: Sequence[SpeakerProfile],
        settings: SpeechSettings,
        catalogue: Sequence[Voice],
    ) -> None:
        self.speakers, self.profiles, self.catalogue = speakers, profiles, catalogue
        self.chosen = {_key(name): voice for name, voice in settings.voices.items()}
        self.default_accent = (settings.default_accent or "").lower() or None
        self.problems: list[CastingProblem] = []
        self.uses: Counter[str] = Counter()

    def fill(self) -> Casting:
        own = {speaker: self._own(speaker) for speaker in self.speakers}
        self.uses.update(cast_voice.voice.id for cast_voice in own.values() if cast_voice)
        by_default = None if DEFAULT in map(_key, self.speakers) else self._default(own)
        voices: dict[str, CastVoice] = {}
        for speaker in self.speakers:
            cast_voice = own[speaker]
            if cast_voice is None:
                free = by_default and not self.uses[by_default.voice.id]
                cast_voice = by_default if by_default and free else self._best(speaker)
                self.uses[cast_voice.voice.id] += 1
            voices[speaker] = cast_voice
        return Casting(voices if not self.problems else {}, tuple(self.problems))

    def _own(self, speaker: str) -> CastVoice | None:
        profile = _profile(speaker, self.profiles)
        if profile and profile.voice:
            return self._named(profile.voice, "profile", f"The lesson's profile of {speaker}")
        if _key(speaker) in self.chosen:
            return self._named(self.chosen[_key(speaker)], "voices", f"The setting speech.voices.{speaker}")
        return None

    def _default(self, own: Mapping[str, CastVoice | None]) -> CastVoice | None:
        if DEFAULT not in self.chosen or all(own.values()):
            return None
        return self._named(self.chosen[DEFAULT], "default", "The setting speech.voices.default")

    def _named(self, name: str, source: Source, where: str) -> CastVoice | None:
        found = find_voices(name, self.catalogue)
        if len(found) == 1:
            return CastVoice(found[0], source)
        if found:
            named = ", ".join(f"{voice.name} ({voice.id})" for voice in found)
            problem = CastingProblem(f"{where} asks for the voice {name!r}, which may be {named}.", "Give the id.")
        else:
            near = ", ".join(nearest_names(name, self.catalogue))
            problem = CastingProblem(
                f"{where} asks for the voice {name!r}, which the account does not have.",
                f"Take one it has, such as {near}, or add the voice to the account in ElevenLabs.",
            )
        self.problems.append(problem)
        return None

    def _best(self, speaker: str) -> CastVoice:
        profile = _profile(speaker, self.profiles)
        fewest = min(self.uses[voice.id] for voice in self.catalogue)
        free = [voice for voice in self.catalogue if self.uses[voice.id] == fewest]
        wanted = self._wanted(speaker, profile)
        pool = _of_gender(free, profile.gender if profile else None)
        best = max(pool, key=lambda voice: score(voice, wanted)[0])
        points, reasons = score(best, wanted)
        return CastVoice(best, "reuse" if fewest else "auto", points, reasons)

    def _wanted(self, speaker: str, profile: SpeakerProfile | None) -> WantedVoice:
        profile = profile or SpeakerProfile(speaker)
        return WantedVoice(
            role=profile.role or self._role(speaker),
            gender=profile.gender or guess_gender(speaker),
            age=None if profile.age == "universal" else profile.age,
            accent=profile.accent or self.default_accent,
            style=profile.style,
        )

    def _role(self, speaker: str) -> str:
        if _key(speaker) == "narrator":
            return "narrator"
        if "teacher" in _key(speaker):
            return "teacher"
        return "narrator" if len(self.speakers) == 1 else "student"


def _of_gender(voices: Sequence[Voice], gender: str | None) -> Sequence[Voice]:
    """Returns the voices of a gender that the author asks for, neutral ones where there are none, else all."""
    if not gender or gender == "neutral":
        return voices
    exactly = [voice for voice in voices if voice.gender == gender]
    return exactly or [voice for voice in voices if voice.gender == "neutral"] or voices


def _profile(speaker: str, profiles: Sequence[SpeakerProfile]) -> SpeakerProfile | None:
    by_id = next((profile for profile in profiles if profile.id == speaker), None)
    return by_id or next((profile for profile in profiles if _key(profile.id) == _key(speaker)), None)


def _key(name: str) -> str:
    return name.strip().casefold()
