"""What one purchase asks of an engine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from esl_pipeline.speech.splitting import PauseKind
from esl_pipeline.speech.voices import Voice


@dataclass(frozen=True, slots=True)
class SpokenInput:
    """One voice's text within a request; paragraphs in it are parted by newlines.

    Attributes:
        text: as it is sent.
        written: as it stands in the lesson, for captions.
        pause_after: what ends after it.
    """

    speaker: str
    voice: Voice
    text: str
    written: str
    pause_after: PauseKind = "turn"


@dataclass(frozen=True)
class SegmentRequest:
    """What one purchase asks for: one text in one voice, or several turns of a dialogue.

    Attributes:
        engine: name of the engine.
        endpoint: where it is.
        model: the model's id.
        inputs: one; several in a dialogue.
        options: the voice settings that the model heeds, by ElevenLabs' names.
        with_timings: whether to tell when each character is heard; not a part of the key, since it sounds the same.
    """

    engine: str
    endpoint: str
    model: str
    inputs: tuple[SpokenInput, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    language_code: str | None = None
    previous_text: str = ""
    next_text: str = ""
    with_timings: bool = False

    @property
    def characters(self) -> int:
        """Length of all that is spoken."""
        return sum(len(one.text) for one in self.inputs)

    @property
    def priced_characters(self) -> float:
        """The same, those of a dearer voice counted as often as it is dearer."""
        return sum(len(one.text) * one.voice.rate for one in self.inputs)

    @cached_property
    def sha256(self) -> str:
        """The hash of all that decides how it sounds; the key under which the audio is kept."""
        asked = {
            "engine": self.engine,
            "endpoint": self.endpoint.rstrip("/"),
            "model": self.model,
            "inputs": [(one.voice.id, one.text) for one in self.inputs],
            "options": self.options,
            "seed": self.seed,
            "language_code": self.language_code,
            "previous_text": self.previous_text,
            "next_text": self.next_text,
        }
        canonical = json.dumps(asked, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()
