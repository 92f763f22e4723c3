"""What each speech model of ElevenLabs takes.

**Source**: ElevenLabs' OpenAPI document of 2026-09-23 and https://elevenlabs.io/docs/overview/models, both read
2026-11-23; what a model ignores or refuses was reported by live probes between August and October 2026.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpeechModel:
    """One model; the defaults are for a model that nothing is known of: send little, expect little.

    Attributes:
        max_characters: longest text of one request.
        takes_language_code: whether ``language_code`` has an effect and is not refused.
        takes_context: whether ``previous_text`` and ``next_text`` are taken; others answer 400 ``unsupported_model``.
        performs_brackets: whether ``[laughs]`` is acted; others read it aloud.
        uses_style: whether ``style``, ``use_speaker_boost`` and ``speed`` have an effect.
        stability_steps: whether stability must be 0, 0.5 or 1; others answer 400 ``invalid_ttd_stability``.
    """

    id: str
    max_characters: int = 2000
    takes_language_code: bool = False
    takes_context: bool = False
    performs_brackets: bool = False
    uses_style: bool = True
    stability_steps: bool = False


KNOWN_MODELS = {
    model.id: model
    for model in (
        SpeechModel("eleven_multilingual_v2", 10_000, takes_context=True),
        SpeechModel("eleven_flash_v2_5", 40_000, takes_language_code=True, takes_context=True),
        SpeechModel("eleven_flash_v2", 30_000, takes_context=True),
        SpeechModel("eleven_turbo_v2_5", 40_000, takes_language_code=True, takes_context=True),
        SpeechModel("eleven_turbo_v2", 30_000, takes_context=True),
        SpeechModel("eleven_v3", 5_000, True, performs_brackets=True, uses_style=False, stability_steps=True),
        SpeechModel("eleven_v4", 10_000, True, takes_context=True, performs_brackets=True, uses_style=False),
    )
}


def speech_model(model_id: str) -> SpeechModel:
    """Returns what is known of a model; one that is too new to be known gets the careful defaults."""
    return KNOWN_MODELS.get(model_id) or SpeechModel(model_id)
