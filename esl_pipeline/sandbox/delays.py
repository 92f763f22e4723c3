"""Seconds that the vendors' answers take in addition to their work."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SPEAKERS = frozenset({"elevenlabs", "openai"})
SPEECH_DELAY = "esl.speech_delay"
"""Where a request carries the wait that its generation is to take; it begins when the generation is billed."""


@dataclass
class Delays:
    """The delays in force."""

    notion_s: float = 0.0
    speech_s: float = 0.0
    speech_s_per_character: float = 0.0
    s3_s: float = 0.0

    def of(self, vendor: str, environ: WSGIEnvironment) -> float:
        """Returns the delay of one request; of those who speak only speech is slow."""
        if vendor == "notion":
            return self.notion_s
        if vendor == "s3":
            return self.s3_s
        if environ["REQUEST_METHOD"] != "POST" or not (self.speech_s or self.speech_s_per_character):
            return 0.0
        return self.speech_s + self.speech_s_per_character * _characters(environ)


def speech_delay(environ: WSGIEnvironment) -> Callable[[], object]:
    """Returns what waits as long as the generation that a request asks for is to take in addition."""
    wait: Callable[[], object] = environ.get(SPEECH_DELAY, lambda: None)
    return wait


def body_of(environ: WSGIEnvironment) -> bytes:
    """Returns the body of a request, and leaves it to be read again."""
    content: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(content)
    return content


def _characters(environ: WSGIEnvironment) -> int:
    with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
        return sum(len(text) for text in _texts(json.loads(body_of(environ))))
    return 0


def _texts(body: Any) -> list[str]:
    if "inputs" in body:
        return [one["text"] for one in body["inputs"]]
    return [body.get("text") or body["input"]]
