"""The body of a request for speech.

**Source**: platform.openai.com/docs/api-reference/audio/createSpeech: models, voices, formats,
4,096 characters, speeds.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from esl_pipeline.sandbox.openai.refusals import RefusedError, no_model

MODELS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")
MAX_CHARACTERS = 4096
VOICES = {
    "alloy": "River", "ash": "Liam", "ballad": "Daniel", "cedar": "Brian", "coral": "Sarah", "echo": "Chris",
    "fable": "George", "marin": "Laura", "nova": "Matilda", "onyx": "Brian", "sage": "Margaret", "shimmer": "Lily",
    "verse": "Chris",
}  # fmt: skip
"""The vendor's voices, and the local ones that stand in for them."""

NEWER_VOICES = frozenset({"ballad", "cedar", "marin", "verse"})
"""Which the models ``tts-1`` and ``tts-1-hd`` have not."""


class SpeechRequest(BaseModel):
    """What is to be spoken."""

    model_config = ConfigDict(extra="forbid")

    model: str
    input: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    voice: str
    instructions: str | None = None
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "mp3"
    speed: float = Field(1.0, ge=0.25, le=4.0)
    stream_format: Literal["audio"] = "audio"

    @property
    def is_older(self) -> bool:
        """Whether the model is one of those that take a speed, and have fewer voices."""
        return self.model.startswith("tts-1")


def read(body: bytes) -> SpeechRequest:
    """Reads a body.

    Raises:
        RefusedError: the vendor would refuse it.
    """
    try:
        asked = SpeechRequest.model_validate_json(body)
    except ValidationError as error:
        raise _refusal(error.errors()[0]) from error
    if asked.model not in MODELS:
        raise no_model(asked.model)
    left = VOICES if not asked.is_older else VOICES.keys() - NEWER_VOICES
    if asked.voice not in left:
        message = f"Invalid voice: '{asked.voice}'. Supported values are: {', '.join(sorted(left))}."
        raise RefusedError(400, message, param="voice", code="invalid_value")
    return asked


def _refusal(error: Any) -> RefusedError:
    where = str(error["loc"][0]) if error["loc"] else None
    if where is None:
        return RefusedError(400, "We could not parse the JSON body of your request.")
    if error["type"] == "missing":
        message = f"Missing required parameter: '{where}'."
        return RefusedError(400, message, param=where, code="missing_required_parameter")
    if error["type"] == "extra_forbidden":
        return RefusedError(400, f"Unknown parameter: '{where}'.", param=where, code="unknown_parameter")
    codes = {"string_too_long": "string_above_max_length", "string_too_short": "empty_string"}
    return RefusedError(400, f"Invalid '{where}': {error['msg']}.", param=where, code=codes.get(error["type"]))
