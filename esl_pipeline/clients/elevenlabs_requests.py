"""What ElevenLabs is asked for speech."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from esl_pipeline.clients.elevenlabs_errors import refused
from esl_pipeline.clients.wire import HttpRequest
from esl_pipeline.speech import SegmentRequest

Json = dict[str, Any]

OUTPUT_FORMAT, SAMPLE_RATE_HZ = "pcm_24000", 24_000
"""Uncompressed, so that the track is encoded once; every plan may ask for it.

**Source**: ElevenLabs' OpenAPI document of 2026-09-23, ``output_format``.
"""
DIALOGUE_CHARACTERS, DIALOGUE_VOICES = 2_000, 10
"""A dialogue's longest text, all voices together, and most voices; longer speech ends early without an error.

**Source**: ElevenLabs' OpenAPI document of 2026-09-23, ``inputs`` of text to dialogue.
"""
_DIALOGUE_SETTINGS = {"stability": "stability", "similarity_boost": "similarity"}
"""What a dialogue takes of the voice settings, and by which name.

**Source**: the vendor's Python SDK 2.78.0 of 2026-11-12.
"""
_SIMILAR_DIALOGUES = frozenset({"eleven_v4"})


def turn_request(request: SegmentRequest) -> HttpRequest:
    """Asks for one text in one voice.

    Raises:
        RejectedError: the voice's id is none; nothing was sent.
    """
    (spoken,) = request.inputs
    path = f"/v1/text-to-speech/{voice_segment(spoken.voice.id)}{'/with-timestamps' if request.with_timings else ''}"
    body = {"text": spoken.text, "model_id": request.model, "voice_settings": dict(request.options)}
    context = {"previous_text": request.previous_text, "next_text": request.next_text}
    body |= {name: text for name, text in context.items() if text}
    return HttpRequest("POST", path, {"output_format": OUTPUT_FORMAT}, body | _manner(request))


def dialogue_request(request: SegmentRequest, *, timed: bool) -> HttpRequest:
    """Asks for all inputs as one dialogue; speed, style and context are not taken there.

    Raises:
        RejectedError: it would be longer, or have more voices, than is spoken to its end; nothing was sent.
    """
    for one in request.inputs:
        voice_segment(one.voice.id)
    if request.characters > DIALOGUE_CHARACTERS:
        message = f"a dialogue of {request.characters} characters is longer than {DIALOGUE_CHARACTERS}"
        raise refused("text_too_long", message)
    if len({one.voice.id for one in request.inputs}) > DIALOGUE_VOICES:
        raise refused("invalid_parameters", f"a dialogue has at most {DIALOGUE_VOICES} voices")
    body = {
        "model_id": request.model,
        "inputs": [{"text": one.text, "voice_id": one.voice.id} for one in request.inputs],
        "settings": _dialogue_settings(request),
    }
    path = f"/v1/text-to-dialogue{'/with-timestamps' if timed else ''}"
    return HttpRequest("POST", path, {"output_format": OUTPUT_FORMAT}, body | _manner(request))


def voice_segment(voice_id: str) -> str:
    """Returns a voice's id as a part of a path.

    Raises:
        RejectedError: it is none.
    """
    if not voice_id.strip("."):
        raise refused("invalid_voice_id", f"“{voice_id}” is no id of a voice")
    return quote(voice_id, safe="")


def _dialogue_settings(request: SegmentRequest) -> Json:
    taken = {"stability"} | ({"similarity_boost"} if request.model in _SIMILAR_DIALOGUES else set())
    return {_DIALOGUE_SETTINGS[name]: value for name, value in request.options.items() if name in taken}


def _manner(request: SegmentRequest) -> Json:
    manner: Json = {"apply_text_normalization": "auto"}
    if request.seed is not None:
        manner["seed"] = request.seed
    if request.language_code:
        manner["language_code"] = request.language_code
    return manner
