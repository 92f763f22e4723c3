"""Dialogues that one request speaks whole, turn after turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from esl_pipeline.manifests.settings import SpeechSettings
from esl_pipeline.speech.models import SpeechModel
from esl_pipeline.speech.request import SpokenInput

MAX_VOICES = 10
"""Different voices of one request.

**Source**: ElevenLabs' OpenAPI document of 2026-09-23, ``inputs`` of POST /v1/text-to-dialogue, read 2026-11-23.
"""
HEEDED = frozenset({"stability"})
"""The voice settings that a dialogue heeds, for all its voices together.

**Source**: the same document, ``settings``.
"""


def mode_problem(settings: SpeechSettings, model: SpeechModel) -> str | None:
    """Says why the model can't speak as ``speech.mode`` asks and what to do, None where it can."""
    if settings.mode != "dialogue" or model.dialogue_characters:
        return None
    return (
        f"The setting speech.mode is dialogue, but the model {model.id} speaks one voice per request. "
        "Choose a model that speaks dialogues, such as eleven_v3 of ElevenLabs, or set speech.mode to turns."
    )


def dialogues(turns: Sequence[SpokenInput], model: SpeechModel) -> Iterator[range]:
    """Groups consecutive turns that one request can speak, as many as the model takes; yields their places.

    Args:
        turns: whole ones, in playing order. One that is too long for a dialogue stands alone.
        model: one that speaks dialogues.
    """
    start = 0
    for stop in range(1, len(turns)):
        if not _fit(turns[start : stop + 1], model):
            yield range(start, stop)
            start = stop
    if turns:
        yield range(start, len(turns))


def _fit(turns: Sequence[SpokenInput], model: SpeechModel) -> bool:
    characters = sum(len(turn.text) for turn in turns)
    return characters <= model.dialogue_characters and len({turn.voice.id for turn in turns}) <= MAX_VOICES
