"""What a request asks to have spoken, whichever endpoint it came to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esl_pipeline.sandbox.elevenlabs.models import Model
from esl_pipeline.sandbox.voices import CatalogueVoice


@dataclass(frozen=True)
class Line:
    """A text and who speaks it."""

    voice: CatalogueVoice
    text: str


@dataclass(frozen=True)
class Order:
    """One generation.

    Attributes:
        lines: 1 or more, in order; more only in a dialogue.
        model: speaks them.
        settings: of the voice, as they were asked for.
        speed: pace asked for; 1 is the voice's own.
        dialogue: whether it came to the endpoint for dialogues.
    """

    lines: tuple[Line, ...]
    model: Model
    settings: Mapping[str, Any] | None = None
    speed: float = 1.0
    dialogue: bool = False

    @property
    def cost(self) -> int:
        """Credits; every character counts, markup and stage directions too."""
        return math.ceil(sum(len(line.text) for line in self.lines) * self.model.cost_multiplier)
