"""Requests for speech, as the stages make them."""

from __future__ import annotations

from typing import Any

from esl_pipeline.speech import SegmentRequest, SpokenInput, Voice

ALL_OPTIONS = {"stability": 0.5, "similarity_boost": 0.75, "style": 0.0, "use_speaker_boost": True, "speed": 1.0}


def asked(
    text: str = "Hello.", voice: str = "voice", *, model: str = "eleven_multilingual_v2", **more: Any
) -> SegmentRequest:
    """Returns the request of one text; ``more`` are the other fields of a request."""
    return dialogue((voice, text), model=model, **{"options": ALL_OPTIONS, **more})


def dialogue(*lines: tuple[str, str], model: str = "eleven_v3", **more: Any) -> SegmentRequest:
    """Returns the request of several lines, each of a voice and a text."""
    inputs = tuple(SpokenInput(voice.title(), Voice(voice, voice.title()), text, text) for voice, text in lines)
    given = {"options": {"stability": 0.5}, **more}
    return SegmentRequest("elevenlabs", "https://api.elevenlabs.io", model, inputs, **given)
