"""How well a voice fits a speaker: the predecessor's points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from esl_pipeline.speech.voices import Voice

_ROLE_HINTS = {
    "narrator": ("narration", "narrative", "audiobook", "news"),
    "teacher": ("narration", "news", "conversational", "audiobook"),
    "student": ("conversational", "social", "social_media", "characters", "dialogue"),
    "system": ("narration", "news", "conversational"),
}
_STYLE_HINTS = {
    "professional": ("professional", "narration", "news"),
    "social": ("social", "conversational", "casual"),
    "calm": ("calm", "relaxed", "soothing"),
    "energetic": ("energetic", "hyped", "excited"),
    "creative": ("creative", "expressive"),
    "practical": ("practical", "clear", "confident"),
    "thoughtful": ("thoughtful", "calm", "narration"),
}

Points = tuple[int, str]
"""Points for one trait, and why."""


@dataclass(frozen=True, slots=True)
class WantedVoice:
    """What a speaker's voice should be like, in lower case; None where there is no preference."""

    role: str
    gender: str | None = None
    age: str | None = None
    accent: str | None = None
    style: str | None = None


def score(voice: Voice, wanted: WantedVoice) -> tuple[int, tuple[str, ...]]:
    """Returns the sum of the points and what each was given for."""
    points = (
        *_gender(voice, wanted),
        *_label("age", voice.age, wanted.age),
        *_label("accent", voice.accent, wanted.accent),
        *_role(voice, wanted.role),
        *_style(voice, wanted.style),
    )
    return sum(number for number, _ in points), tuple(f"{why} {number:+d}" for number, why in points)


def _gender(voice: Voice, wanted: WantedVoice) -> Iterator[Points]:
    if not wanted.gender:
        return
    if not voice.gender:
        yield 5, "gender not labelled"
    elif voice.gender == wanted.gender:
        yield 40, f"gender {voice.gender}"
    else:
        yield -15, f"gender {voice.gender}"


def _label(name: str, label: str, wanted: str | None) -> Iterator[Points]:
    if wanted and label:
        yield (20 if label == wanted else -5), f"{name} {label}"


def _role(voice: Voice, role: str) -> Iterator[Points]:
    use = voice.use_case
    if voice.accent:
        yield 3, "accent labelled"
    if _any_in(_ROLE_HINTS.get(role, ()), use):
        yield 10, f"use fits {role}"
    if role == "narrator":
        if "narration" in use or "narration" in voice.category:
            yield 30, "narration"
        if "news" in use:
            yield 10, "news"
    elif role == "teacher" and _any_in(("narration", "news", "conversation"), use):
        yield 20, f"use {use}"
    elif role == "student":
        if "conversation" in use:
            yield 10, "conversation"
        if "social" in use:
            yield 5, "social"


def _style(voice: Voice, style: str | None) -> Iterator[Points]:
    if not style:
        return
    hints = _STYLE_HINTS.get(style, ())
    if voice.descriptive == style:
        yield 15, f"style {style}"
    elif style in voice.descriptive:
        yield 10, f"style {voice.descriptive}"
    elif _any_in(hints, voice.descriptive) or _any_in(hints, voice.use_case):
        yield 8, f"style near {style}"


def _any_in(hints: tuple[str, ...], label: str) -> bool:
    return any(hint in label for hint in hints)
