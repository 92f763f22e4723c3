"""The models that the account may use.

**Source**: elevenlabs.io/docs models page and pricing, read 2026-11-23.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from esl_pipeline.sandbox.elevenlabs.faults import FaultError

ENGLISH = ("en", "English")
DEFAULT_MODEL = "eleven_multilingual_v2"


@dataclass(frozen=True)
class Model:
    """One model.

    Attributes:
        model_id: the vendor's id.
        name: for people.
        max_characters: longest text of one request.
        speaks: whether ``/v1/text-to-speech`` takes it; dialogue and agent models are refused there.
        converses: whether ``/v1/text-to-dialogue`` takes it; it acts stage directions such as ``[laughs]`` too.
        takes_context: whether it takes previous and next text and request ids.
        free_stability: False where stability must be 0, 0.5 or 1.
        cost_multiplier: credits per character.
        concurrency_group: ``turbo`` allows twice as many requests at a time as ``standard``.
    """

    model_id: str
    name: str
    max_characters: int
    speaks: bool = True
    converses: bool = False
    takes_context: bool = True
    free_stability: bool = True
    cost_multiplier: Fraction = Fraction(1)
    concurrency_group: str = "standard"

    def json(self) -> dict[str, Any]:
        """Returns the model as the vendor lists it."""
        language_id, language = ENGLISH
        return {
            "model_id": self.model_id,
            "name": self.name,
            "description": f"{self.name}, spoken by the sandbox's local voice.",
            "can_be_finetuned": False,
            "can_do_text_to_speech": self.speaks,
            "can_do_voice_conversion": False,
            "can_use_style": False,
            "can_use_speaker_boost": False,
            "serves_pro_voices": False,
            "token_cost_factor": 1.0,
            "requires_alpha_access": False,
            "max_characters_request_free_user": self.max_characters,
            "max_characters_request_subscribed_user": self.max_characters,
            "maximum_text_length_per_request": self.max_characters,
            "languages": [{"language_id": language_id, "name": language}],
            "model_rates": {
                "character_cost_multiplier": float(self.cost_multiplier),
                "cost_discount_multiplier": 1.0,
            },
            "concurrency_group": self.concurrency_group,
        }


def _fast(model_id: str, name: str, max_characters: int) -> Model:
    return Model(model_id, name, max_characters, cost_multiplier=Fraction(1, 2), concurrency_group="turbo")


MODELS = {
    model.model_id: model
    for model in (
        Model(DEFAULT_MODEL, "Eleven Multilingual v2", 10_000),
        Model("eleven_v4", "Eleven v4", 10_000, speaks=False, converses=True),
        Model("eleven_v3", "Eleven v3", 5_000, converses=True, takes_context=False, free_stability=False),
        _fast("eleven_flash_v2_5", "Eleven Flash v2.5", 40_000),
        _fast("eleven_flash_v2", "Eleven Flash v2", 30_000),
        _fast("eleven_turbo_v2_5", "Eleven Turbo v2.5", 40_000),
        _fast("eleven_turbo_v2", "Eleven Turbo v2", 30_000),
    )
}


def find_model(model_id: str) -> Model:
    """Returns a model.

    Raises:
        FaultError: there is none of this id.
    """
    if model_id not in MODELS:
        raise FaultError("model_not_found", f"A model with model ID {model_id} does not exist.", "model_id")
    return MODELS[model_id]
