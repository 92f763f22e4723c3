"""What OpenAI's speech models take, and their voices.

**Source**: platform.openai.com/docs/api-reference/audio/createSpeech and /docs/guides/text-to-speech, and
developers.openai.com/api/docs/models/gpt-4o-mini-tts, as public copies had them on 2026-11-24.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from esl_pipeline.speech.models import SpeechModel

Json = dict[str, Any]

DEFAULT_MODEL = "gpt-4o-mini-tts"
MAX_CHARACTERS = 4_096

GPT_USD_PER_1000_CHARACTERS = 0.016
"""The model is billed by tokens: 0.60 USD per million of text, 12 USD per million of sound, which is 0.015 USD a minute
by the vendor's own estimate; 4,096 characters of English were measured to last 256 s.

**Source**: the model's page; sanand0/blog, posts/2025/openai-tts-cost.md, of 2025-11-02; both read 2026-11-24.
"""

_SNAPSHOT = re.compile(r"-(\d{4}|\d{4}-\d\d-\d\d)$")
"""The date in the name of a model that stays as it is, such as ``tts-1-1106``."""


def _model(model_id: str, usd: float, *, speed: bool) -> SpeechModel:
    return SpeechModel(
        model_id,
        MAX_CHARACTERS,
        heeds=frozenset({"speed"}) if speed else frozenset(),
        speeds=(0.25, 4.0) if speed else (1.0, 1.0),
        takes_seed=False,
        times_characters=False,
        usd_per_1000_characters=usd,
    )


MODELS = {
    # Its documentation said that speed does not work with it, and no longer says so; who tried reports both.
    DEFAULT_MODEL: _model(DEFAULT_MODEL, GPT_USD_PER_1000_CHARACTERS, speed=False),
    "tts-1": _model("tts-1", 0.015, speed=True),
    "tts-1-hd": _model("tts-1-hd", 0.030, speed=True),
}


def openai_speech_model(model_id: str | None) -> SpeechModel:
    """Returns what is known of a model; one that is not known gets what all have in common, at the highest price."""
    wanted = model_id or DEFAULT_MODEL
    known = MODELS.get(_SNAPSHOT.sub("", wanted))
    highest_usd = max(model.usd_per_1000_characters for model in MODELS.values())
    return replace(known, id=wanted) if known else _model(wanted, highest_usd, speed=False)


_VOICES: tuple[tuple[str, str, str, str], ...] = (
    ("alloy", "neutral", "american", "balanced"),
    ("ash", "male", "american", "clear"),
    ("ballad", "male", "british", "melodic"),
    ("cedar", "male", "american", "warm"),
    ("coral", "female", "american", "friendly"),
    ("echo", "male", "american", "warm"),
    ("fable", "male", "british", "expressive"),
    ("marin", "female", "american", "bright"),
    ("nova", "female", "american", "energetic"),
    ("onyx", "male", "american", "deep"),
    ("sage", "female", "american", "calm"),
    ("shimmer", "female", "american", "soft"),
    ("verse", "male", "american", "dynamic"),
)
"""The vendor labels none; gender and accent are what most of its users hear."""
_ONLY_NEWEST = frozenset({"ballad", "cedar", "marin", "verse"})


def openai_voices(model_id: str | None) -> list[Json]:
    """Returns the voices that a model speaks with, in the form of ``GET /v2/voices`` of ElevenLabs."""
    older = (model_id or DEFAULT_MODEL).startswith("tts-1")
    return [
        {
            "voice_id": voice_id,
            "name": voice_id.title(),
            "category": "openai",
            "labels": {"gender": gender, "accent": accent, "descriptive": descriptive},
        }
        for voice_id, gender, accent, descriptive in _VOICES
        if not (older and voice_id in _ONLY_NEWEST)
    ]
