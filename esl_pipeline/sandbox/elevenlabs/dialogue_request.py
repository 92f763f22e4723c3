"""The body of a request for a dialogue, and all that the vendor refuses in it.

**Source**: ElevenLabs' OpenAPI document of 2026-09-23, ``POST /v1/text-to-dialogue``; the refusal of an eleventh voice:
elevenlabs/elevenlabs-python, issue 715; both read 2026-11-23.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel

from esl_pipeline.sandbox.elevenlabs.faults import FaultError
from esl_pipeline.sandbox.elevenlabs.models import Model, find_model
from esl_pipeline.sandbox.elevenlabs.speech_request import (
    DictionaryLocator,
    dictionary_faults,
    refuse_first,
    seed_faults,
)

DEFAULT_DIALOGUE_MODEL = "eleven_v3"
MAX_VOICES = 10
MAX_CHARACTERS = 2_000
"""Of all inputs together; beyond, the vendor either refuses or stops in the middle, and here it always refuses."""


class DialogueInput(BaseModel):
    """What one voice says."""

    text: str
    voice_id: str


class DialogueSettings(BaseModel):
    """How the voices speak; there is neither speed nor style."""

    stability: float | None = None
    similarity: float | None = None


class DialogueRequest(BaseModel, protected_namespaces=()):
    """What is to be spoken; fields that the vendor does not know are ignored, as it does."""

    inputs: list[DialogueInput]
    model_id: str = DEFAULT_DIALOGUE_MODEL
    language_code: str | None = None
    settings: DialogueSettings | None = None
    pronunciation_dictionary_locators: list[DictionaryLocator] | None = None
    seed: int | None = None
    apply_text_normalization: Literal["auto", "on", "off"] = "auto"

    def model(self) -> Model:
        """Returns the model asked for.

        Raises:
            FaultError: there is none of this id, or it is not for this endpoint.
        """
        model = find_model(self.model_id)
        if not model.converses:
            message = f"Model '{self.model_id}' is not available on text-to-dialogue. Use eleven_v3 or eleven_v4."
            raise FaultError("unsupported_model", message, "model_id")
        return model


def check_dialogue(request: DialogueRequest) -> None:
    """Refuses what the vendor refuses.

    Raises:
        FaultError: the first fault, in the order of the checks.
    """
    model = request.model()
    refuse_first(
        _of_inputs(request),
        _of_settings(request, model),
        seed_faults(request.seed),
        dictionary_faults(request.pronunciation_dictionary_locators),
    )


def _of_inputs(request: DialogueRequest) -> Iterator[FaultError]:
    if not request.inputs or not all(one.text.strip() for one in request.inputs):
        yield FaultError("empty_text", "Every dialogue input needs a text.", "inputs")
    voices = {one.voice_id for one in request.inputs}
    if len(voices) > MAX_VOICES:
        message = f"Too many reference voices: {len(voices)} were given, the maximum is {MAX_VOICES}."
        yield FaultError("invalid_parameters", message, "inputs")
    characters = sum(len(one.text) for one in request.inputs)
    if characters > MAX_CHARACTERS:
        message = f"The inputs have {characters} characters together; the maximum for a dialogue is {MAX_CHARACTERS}."
        yield FaultError("text_too_long", message, "inputs")


def _of_settings(request: DialogueRequest, model: Model) -> Iterator[FaultError]:
    settings = request.settings or DialogueSettings()
    for name, value in (("stability", settings.stability), ("similarity", settings.similarity)):
        if value is not None and not 0 <= value <= 1:
            message = f"Invalid setting for {name} received, expected to be between 0.0 and 1.0."
            yield FaultError("invalid_voice_settings", message, f"settings.{name}")
    if not model.free_stability and settings.stability not in (None, 0.0, 0.5, 1.0):
        message = "Invalid TTD stability value. Must be one of: [0.0, 0.5, 1.0]."
        yield FaultError("invalid_ttd_stability", message, "settings.stability")
