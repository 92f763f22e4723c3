"""What is asked of the speech vendor, segment by segment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from esl_pipeline.lessons.model import Turn
from esl_pipeline.manifests.settings import SpeechSettings, VoiceSettings
from esl_pipeline.speech.casting import Casting
from esl_pipeline.speech.cleaning import clean_for_speech
from esl_pipeline.speech.models import SpeechModel, speech_model
from esl_pipeline.speech.splitting import split_turn
from esl_pipeline.speech.voices import Voice

OUTPUT_FORMAT = "pcm_24000"
"""Uncompressed, so that the track is encoded once; every plan may ask for it.

**Source**: ElevenLabs' OpenAPI document of 2026-09-23, ``output_format``.
"""
CONTEXT_CHARACTERS = 200
"""How much of the neighbouring piece of the same turn goes with a request, for the melody of the sentence."""


@dataclass(frozen=True, slots=True)
class SegmentRequest:
    """One text in one voice.

    Attributes:
        sha256: of all that decides how it sounds; the key under which the audio is kept.
        body: JSON for ``POST /v1/text-to-speech/{voice.id}``.
        output_format: query parameter of that request.
    """

    sha256: str
    speaker: str
    voice: Voice
    text: str
    body: Mapping[str, Any]
    output_format: str = OUTPUT_FORMAT


def plan_segments(
    turns: Iterable[Turn], casting: Casting, settings: SpeechSettings, *, endpoint: str
) -> tuple[SegmentRequest, ...]:
    """Makes one request per turn, several for a turn that is too long for one, none where nothing is to be said.

    A request depends on its own turn alone: an edit elsewhere in the lesson leaves its hash as it was.

    Args:
        turns: in playing order.
        casting: without problems; has a voice for each speaker.
        settings: model, seed, language and voice settings.
        endpoint: the vendor's base URL.
    """
    model = speech_model(settings.model)
    requests: list[SegmentRequest] = []
    for turn in turns:
        texts = _texts(turn, model)
        for number, text in enumerate(texts):
            voice = casting.voices[turn.speaker].voice
            body = _body(text, settings, model) | (_context(texts, number) if model.takes_context else {})
            requests.append(SegmentRequest(_sha256(endpoint, voice, body), turn.speaker, voice, text, body))
    return tuple(requests)


def _texts(turn: Turn, model: SpeechModel) -> tuple[str, ...]:
    clean = (clean_for_speech(paragraph, model) for paragraph in turn.paragraphs)
    return split_turn([paragraph for paragraph in clean if paragraph], model.max_characters)


def _body(text: str, settings: SpeechSettings, model: SpeechModel) -> dict[str, Any]:
    body: dict[str, Any] = {
        "text": text,
        "model_id": model.id,
        "voice_settings": _voice_settings(settings.voice_settings, model),
        "seed": settings.seed,
        "apply_text_normalization": "auto",
    }
    if settings.language_code and model.takes_language_code:
        body["language_code"] = settings.language_code
    return body


def _voice_settings(asked: VoiceSettings, model: SpeechModel) -> dict[str, Any]:
    """Returns every setting: one left out would be the API's default, not the voice's own.

    What a model ignores is sent as its default, so that changing it does not buy the same speech again.
    """
    default = VoiceSettings()
    heard = asked if model.uses_style else default
    return {
        "stability": round(asked.stability * 2) / 2 if model.stability_steps else asked.stability,
        "similarity_boost": asked.similarity_boost,
        "style": heard.style,
        "use_speaker_boost": heard.use_speaker_boost,
        "speed": heard.speed,
    }


def _context(texts: tuple[str, ...], number: int) -> dict[str, str]:
    context = {}
    if number > 0:
        context["previous_text"] = texts[number - 1][-CONTEXT_CHARACTERS:]
    if number + 1 < len(texts):
        context["next_text"] = texts[number + 1][:CONTEXT_CHARACTERS]
    return context


def _sha256(endpoint: str, voice: Voice, body: Mapping[str, Any]) -> str:
    asked = {
        "endpoint": endpoint.rstrip("/"),
        "engine": "elevenlabs",
        "path": f"/v1/text-to-speech/{voice.id}",
        "output_format": OUTPUT_FORMAT,
        "body": body,
    }
    canonical = json.dumps(asked, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
