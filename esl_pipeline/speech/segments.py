"""What is asked of an engine, segment by segment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from esl_pipeline.lessons.model import Turn
from esl_pipeline.manifests.settings import SpeechSettings, VoiceSettings
from esl_pipeline.speech.casting import Casting
from esl_pipeline.speech.cleaning import clean_for_speech
from esl_pipeline.speech.models import SpeechModel
from esl_pipeline.speech.splitting import split_turn
from esl_pipeline.speech.voices import Voice

CONTEXT_CHARACTERS = 200
"""How much of the neighbouring piece of the same turn goes with a request, for the melody of the sentence."""

PauseKind = Literal["turn", "paragraph", "sentence"]
"""What ends after a segment, and so how long the pause there is."""


@dataclass(frozen=True, slots=True)
class SpokenInput:
    """One voice's text within a request.

    Attributes:
        text: as it is sent.
        written: as it stands in the lesson, for captions.
        pause_after: what ends after it.
    """

    speaker: str
    voice: Voice
    text: str
    written: str
    pause_after: PauseKind = "turn"


@dataclass(frozen=True)
class SegmentRequest:
    """What one purchase asks for: one text in one voice, or several turns of a dialogue.

    Attributes:
        engine: name of the engine.
        endpoint: where it is.
        model: the model's id.
        inputs: one; several in a dialogue.
        options: the voice settings that the model heeds, by ElevenLabs' names.
        with_timings: whether to tell when each character is heard; not a part of the key, since it sounds the same.
    """

    engine: str
    endpoint: str
    model: str
    inputs: tuple[SpokenInput, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    language_code: str | None = None
    previous_text: str = ""
    next_text: str = ""
    with_timings: bool = False

    @property
    def characters(self) -> int:
        """Length of all that is spoken."""
        return sum(len(one.text) for one in self.inputs)

    @cached_property
    def sha256(self) -> str:
        """The hash of all that decides how it sounds; the key under which the audio is kept."""
        asked = {
            "engine": self.engine,
            "endpoint": self.endpoint.rstrip("/"),
            "model": self.model,
            "inputs": [(one.voice.id, one.text) for one in self.inputs],
            "options": self.options,
            "seed": self.seed,
            "language_code": self.language_code,
            "previous_text": self.previous_text,
            "next_text": self.next_text,
        }
        canonical = json.dumps(asked, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def plan_segments(
    turns: Sequence[Turn],
    casting: Casting,
    settings: SpeechSettings,
    *,
    engine: str,
    endpoint: str,
    model: SpeechModel,
    speed: float = 1.0,
) -> tuple[SegmentRequest, ...]:
    """Makes the requests of a study text in playing order; none where nothing is to be said.

    Args:
        turns: in playing order.
        casting: without problems; has a voice for each speaker.
        settings: mode, seed, language, voice settings and pronunciations.
        engine: its name.
        endpoint: where it is.
        model: what the chosen model takes.
        speed: pace where the settings name none; the model's own limits hold.
    """
    requests: list[SegmentRequest] = []
    for turn in turns:
        texts = _texts(turn, model)
        for number, text in enumerate(texts):
            last = number + 1 == len(texts)
            spoken = SpokenInput(
                turn.speaker, casting.voices[turn.speaker].voice, text, text, "turn" if last else "sentence"
            )
            requests.append(
                SegmentRequest(
                    engine,
                    endpoint,
                    model.id,
                    (spoken,),
                    _options(settings.voice_settings, model, speed),
                    settings.seed if model.takes_seed else None,
                    settings.language_code if model.takes_language_code else None,
                    texts[number - 1][-CONTEXT_CHARACTERS:] if number and model.takes_context else "",
                    texts[number + 1][:CONTEXT_CHARACTERS] if not last and model.takes_context else "",
                    settings.word_captions and model.times_characters,
                )
            )
    return tuple(requests)


def _texts(turn: Turn, model: SpeechModel) -> tuple[str, ...]:
    clean = (clean_for_speech(paragraph, model) for paragraph in turn.paragraphs)
    return split_turn([paragraph for paragraph in clean if paragraph], model.max_characters)


def _options(asked: VoiceSettings, model: SpeechModel, speed: float) -> dict[str, Any]:
    """Returns every setting that the model heeds: one left out would be the API's default, not the voice's own."""
    slowest, fastest = model.speeds
    pace = min(max(asked.speed or speed, slowest), fastest)
    options = asked.model_dump() | {"speed": pace}
    if model.stability_steps:
        options["stability"] = round(asked.stability * 2) / 2
    return {name: value for name, value in options.items() if name in model.heeds}
