from __future__ import annotations

from typing import Any

import pytest

from esl_pipeline.clients.elevenlabs_models import DEFAULT_MODEL, MODELS, elevenlabs_model
from esl_pipeline.clients.elevenlabs_requests import DIALOGUE_CHARACTERS
from esl_pipeline.speech.models import ALL_SETTINGS

TAKEN = {"stability", "similarity_boost"}

FACTS: dict[str, dict[str, Any]] = {
    "eleven_multilingual_v2": {
        "max_characters": 10_000, "heeds": ALL_SETTINGS, "takes_context": True, "takes_language_code": False,
        "performs_brackets": False, "stability_steps": False, "spells_out": True, "dialogue_characters": 0,
        "usd_per_1000_characters": 0.08,
    },
    "eleven_flash_v2_5": {
        "max_characters": 40_000, "takes_context": True, "takes_language_code": True, "performs_brackets": False,
        "spells_out": False, "dialogue_characters": 0, "usd_per_1000_characters": 0.04,
    },
    "eleven_flash_v2": {
        "max_characters": 30_000, "takes_context": True, "takes_language_code": False, "performs_brackets": False,
        "dialogue_characters": 0, "usd_per_1000_characters": 0.04,
    },
    "eleven_turbo_v2_5": {
        "max_characters": 40_000, "takes_language_code": True, "spells_out": False, "usd_per_1000_characters": 0.04,
    },
    "eleven_turbo_v2": {
        "max_characters": 30_000, "takes_language_code": False, "usd_per_1000_characters": 0.04,
    },
    "eleven_v3": {
        "max_characters": 5_000, "heeds": TAKEN, "takes_context": False, "takes_language_code": True,
        "performs_brackets": True, "stability_steps": True, "short_characters": 250, "dialogue_characters": 1_500,
        "usd_per_1000_characters": 0.08,
    },
    "eleven_v4": {
        "max_characters": 10_000, "heeds": TAKEN, "takes_context": True, "takes_language_code": True,
        "performs_brackets": True, "stability_steps": False, "dialogue_characters": 1_500,
        "usd_per_1000_characters": 0.08,
    },
}  # fmt: skip
"""What the vendor documents, and what probes found.

**Source**: see ``esl_pipeline.clients.elevenlabs_models``.
"""


@pytest.mark.parametrize("model_id", FACTS)
def test_each_model_takes_what_the_vendor_says(model_id: str) -> None:
    model = elevenlabs_model(model_id)
    assert {name: getattr(model, name) for name in FACTS[model_id]} == FACTS[model_id]


def test_every_model_of_the_table_has_its_facts() -> None:
    assert MODELS.keys() == FACTS.keys()


def test_all_models_take_seeds_tell_times_and_keep_to_the_same_pace() -> None:
    for model in MODELS.values():
        assert model.takes_seed
        assert model.times_characters
        assert model.speeds == (0.7, 1.2)


def test_dialogues_stay_well_below_the_length_at_which_they_break_off() -> None:
    assert all(model.dialogue_characters <= 0.75 * DIALOGUE_CHARACTERS for model in MODELS.values())


def test_the_default_is_the_api_s_own() -> None:
    assert elevenlabs_model(None).id == DEFAULT_MODEL == "eleven_multilingual_v2"


def test_an_unknown_model_is_asked_for_little() -> None:
    model = elevenlabs_model("eleven_v5")
    assert model.heeds == TAKEN
    assert (model.id, model.max_characters, model.dialogue_characters) == ("eleven_v5", 2000, 0)
    assert not any((model.takes_context, model.takes_language_code, model.performs_brackets, model.stability_steps))
