"""The voices that persons name: in the lesson's profiles and in the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from esl_pipeline.manifests.settings import SpeechSettings
from esl_pipeline.speech.voices import Voice, find_voices, nearest_names
from esl_pipeline.speech.wishes import Wish, key

NARRATOR = "narrator"


@dataclass(frozen=True, slots=True)
class CastingProblem:
    """Why a speaker got no voice, and how to mend it."""

    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a name: a voice and why it was taken, or a problem.

    Attributes:
        is_gone: whether the account has no such voice, so that another may stand in.
    """

    voice: Voice | None
    reason: str
    problem: CastingProblem | None = None
    is_gone: bool = False


def chosen_voice(wish: Wish, catalogue: Sequence[Voice]) -> Found:
    """Returns the voice that a person chose for the speaker; the lesson's profile comes before the settings."""
    if wish.by_profile:
        return named_voice(wish.by_profile, f"the lesson's profile of {wish.speaker}", catalogue)
    return named_voice(wish.by_settings or "", f"the setting speech.voices.{wish.speaker}", catalogue)


def default_voice(wish: Wish, catalogue: Sequence[Voice]) -> Found:
    """Returns the voice of those for whom nobody chose one."""
    return named_voice(wish.default or "", "the setting speech.voices.default", catalogue)


def stand_in(wish: Wish, settings: SpeechSettings, catalogue: Sequence[Voice]) -> Found | None:
    """Returns who stands in for the lost voice of a speaker of this role, None where the settings name nobody."""
    role = key(wish.wanted.role)
    named = _fallbacks(settings).get(role)
    return named_voice(named, f"the setting speech.fallback_voices.{role}", catalogue) if named else None


def reserved_ids(settings: SpeechSettings, catalogue: Sequence[Voice]) -> frozenset[str]:
    """Returns the voices that only a narrator may be given automatically: those that stand in for one."""
    named = _fallbacks(settings).get(NARRATOR)
    return frozenset(voice.id for voice in find_voices(named, catalogue)) if named else frozenset()


def _fallbacks(settings: SpeechSettings) -> dict[str, str]:
    return {key(role): voice for role, voice in settings.fallback_voices.items()}


def named_voice(name: str, where: str, catalogue: Sequence[Voice]) -> Found:
    """Returns the voice of an id or name that a person wrote somewhere.

    Args:
        name: of the voice, or its id.
        where: it is written, in words that can follow "chosen in".
        catalogue: the account's voices.
    """
    found = find_voices(name, catalogue)
    if len(found) == 1:
        return Found(found[0], f"chosen in {where}")
    asks = f"{where[0].upper()}{where[1:]} asks for the voice {name!r}"
    if found:
        named = ", ".join(f"{voice.name} ({voice.id})" for voice in found)
        return Found(None, "", CastingProblem(f"{asks}, which may be {named}.", "Give the id."))
    near = ", ".join(nearest_names(name, catalogue))
    fix = f"Take one it has, such as {near}, or add the voice to the account in ElevenLabs."
    problem = CastingProblem(f"{asks}, which the account does not have.", fix)
    return Found(None, f"{name!r} of {where} is not in the account", problem, is_gone=True)
