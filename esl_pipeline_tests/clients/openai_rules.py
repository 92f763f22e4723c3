"""What OpenAI takes at ``/v1/audio/speech``.

**Source**: platform.openai.com/docs/api-reference/audio/createSpeech, as public copies had it on 2026-11-24.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KEYS = {"model", "input", "voice", "instructions", "response_format", "speed", "stream_format"}
FORMATS = {"mp3", "opus", "aac", "flac", "wav", "pcm"}
MAX_CHARACTERS = 4096


def check_openai_request(method: str, path: str, body: Mapping[str, Any] | None) -> None:
    """Asserts that the vendor takes a request and heeds all of it."""
    assert (method, path) == ("POST", "/v1/audio/speech"), f"there is no {method} {path}"
    assert body is not None
    assert {"model", "input", "voice"} <= body.keys(), "a required key is missing"
    assert body.keys() <= KEYS, f"unknown keys {sorted(body.keys() - KEYS)}"
    assert 0 < len(body["input"]) <= MAX_CHARACTERS
    assert body.get("response_format", "mp3") in FORMATS
    assert 0.25 <= body.get("speed", 1) <= 4
    assert not (body["model"].startswith("tts-1") and "instructions" in body), "tts-1 takes no instructions"
    assert not (body["model"].startswith("gpt-") and "speed" in body), "speed does nothing with gpt-4o-mini-tts"
