"""The body of a request for speech, and all that the vendor refuses in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Literal

from pydantic import BaseModel

from esl_pipeline.sandbox.elevenlabs.faults import FaultError
from esl_pipeline.sandbox.elevenlabs.models import DEFAULT_MODEL, Model, find_model

MAX_SEED = 4294967295
MAX_LINKED = 3
"""Most request ids, or pronunciation dictionaries, in one request."""


class VoiceSettings(BaseModel):
    """How the voice speaks; what is left out takes the API's default, not the voice's own setting."""

    stability: float | None = None
    similarity_boost: float | None = None
    style: float | None = None
    use_speaker_boost: bool | None = None
    speed: float | None = None


class DictionaryLocator(BaseModel):
    """Names a pronunciation dictionary."""

    pronunciation_dictionary_id: str
    version_id: str | None = None


class SpeechRequest(BaseModel, protected_namespaces=()):
    """What is to be spoken; fields that the vendor does not know are ignored, as it does."""

    text: str
    model_id: str = DEFAULT_MODEL
    language_code: str | None = None
    voice_settings: VoiceSettings | None = None
    pronunciation_dictionary_locators: list[DictionaryLocator] | None = None
    seed: int | None = None
    previous_text: str | None = None
    next_text: str | None = None
    previous_request_ids: list[str] | None = None
    next_request_ids: list[str] | None = None
    use_pvc_as_ivc: bool = False
    apply_text_normalization: Literal["auto", "on", "off"] = "auto"
    apply_language_text_normalization: bool = False

    @property
    def speed(self) -> float:
        """Pace asked for; 1 is the voice's own."""
        settings = self.voice_settings
        return 1.0 if settings is None or settings.speed is None else settings.speed

    def model(self) -> Model:
        """Returns the model asked for.

        Raises:
            FaultError: there is none of this id, or it is not for this endpoint.
        """
        model = find_model(self.model_id)
        if not model.speaks:
            message = f"Model '{self.model_id}' is not available on text-to-speech. Use text-to-dialogue."
            raise FaultError("unsupported_model", message, "model_id")
        return model


def check(request: SpeechRequest) -> None:
    """Refuses what the vendor refuses.

    Raises:
        FaultError: the first fault, in the order of the checks.
    """
    model = request.model()
    refuse_first(_of_text(request, model), _of_settings(request, model), _of_context(request, model))


def _of_text(request: SpeechRequest, model: Model) -> Iterator[FaultError]:
    if not request.text.strip():
        yield FaultError("empty_text", "Text must not be empty.", "text")
    if len(request.text) > model.max_characters:
        message = (
            f"A maximum of {model.max_characters} characters is allowed in one request with {model.model_id}; "
            f"this one has {len(request.text)}."
        )
        yield FaultError("text_too_long", message, "text")


def _of_settings(request: SpeechRequest, model: Model) -> Iterator[FaultError]:
    settings = request.voice_settings or VoiceSettings()
    for name, lowest, highest in (
        ("stability", 0.0, 1.0),
        ("similarity_boost", 0.0, 1.0),
        ("style", 0.0, 1.0),
        ("speed", 0.7, 1.2),
    ):
        value = getattr(settings, name)
        if value is not None and not lowest <= value <= highest:
            message = f"Invalid setting for {name} received, expected to be between {lowest} and {highest}."
            yield FaultError("invalid_voice_settings", message, f"voice_settings.{name}")
    if not model.free_stability and settings.stability not in (None, 0.0, 0.5, 1.0):
        message = "Invalid TTD stability value. Must be one of: [0.0, 0.5, 1.0]."
        yield FaultError("invalid_ttd_stability", message, "voice_settings.stability")


def _of_context(request: SpeechRequest, model: Model) -> Iterator[FaultError]:
    for name in ("previous_text", "next_text", "previous_request_ids", "next_request_ids"):
        value = getattr(request, name)
        if value and not model.takes_context:
            yield FaultError("unsupported_model", f"Model '{model.model_id}' does not support {name}.", name)
        if isinstance(value, list) and len(value) > MAX_LINKED:
            yield FaultError("invalid_parameters", f"At most {MAX_LINKED} {name} are allowed.", name)
    yield from seed_faults(request.seed)
    yield from dictionary_faults(request.pronunciation_dictionary_locators)


def refuse_first(*checks: Iterable[FaultError]) -> None:
    """Raises the first fault that the checks find, in their order."""
    for fault in chain(*checks):
        raise fault


def seed_faults(seed: int | None) -> Iterator[FaultError]:
    """Yields what is wrong with a seed."""
    if seed is not None and not 0 <= seed <= MAX_SEED:
        yield FaultError("invalid_parameters", f"seed must be between 0 and {MAX_SEED}.", "seed")


def dictionary_faults(locators: Sequence[DictionaryLocator] | None) -> Iterator[FaultError]:
    """Yields what is wrong with pronunciation dictionaries; the account has none."""
    for locator in (locators or [])[:1]:
        message = f"Pronunciation dictionary {locator.pronunciation_dictionary_id} was not found."
        yield FaultError("pronunciation_dictionary_not_found", message, "pronunciation_dictionary_locators")
