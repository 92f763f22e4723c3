"""The speech of an order, and when each character of it is heard."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from esl_pipeline.clients.local_voice.speaking import Engine, Utterance
from esl_pipeline.sandbox.elevenlabs.alignment import DIRECTIONS, Alignment, align, joined
from esl_pipeline.sandbox.elevenlabs.formats import CONTAINERS, OutputFormat, encode
from esl_pipeline.sandbox.elevenlabs.orders import Line, Order

Json = dict[str, Any]

GAP_S = 0.3
"""Between the speakers of a dialogue."""


@dataclass(frozen=True)
class Part:
    """One line as it was spoken, and where it begins in the whole."""

    line: Line
    spoken: Utterance
    start_s: float

    @property
    def end_s(self) -> float:
        """Where it ends in the whole."""
        return self.start_s + len(self.spoken.pcm) / 2 / self.spoken.rate_hz


@dataclass(frozen=True)
class Performance:
    """The whole.

    Attributes:
        spoken: its sound.
        parts: one for each line, in order.
        acted: whether stage directions are not heard as words.
    """

    spoken: Utterance
    parts: tuple[Part, ...]
    acted: bool

    @cached_property
    def timings(self) -> Json:
        """The two alignments as the vendor's answers have them.

        The normalised one is null where numbers and signs are said otherwise than they are written.
        """
        alignment = joined([self._alignment(part) for part in self.parts]).json()
        as_said = not re.search(r"[^\w\s.,;:!?'’\"“”—–-]|\d", "".join(alignment["characters"]))
        return {"alignment": alignment, "normalized_alignment": alignment if as_said else None}

    def _alignment(self, part: Part) -> Alignment:
        return align(part.line.text, part.spoken, acted=self.acted).later(part.start_s)

    def voice_segments(self) -> list[Json]:
        """Returns who speaks when."""
        found: list[Json] = []
        begin = 0
        for number, part in enumerate(self.parts):
            end = begin + len(part.line.text)
            found.append(
                {
                    "voice_id": part.line.voice.voice_id,
                    "start_time_seconds": round(part.start_s, 3),
                    "end_time_seconds": round(part.end_s, 3),
                    "character_start_index": begin,
                    "character_end_index": end,
                    "dialogue_input_index": number,
                }
            )
            begin = end
        return found


def perform(order: Order, engine: Engine, form: OutputFormat) -> Performance:
    """Speaks an order.

    Raises:
        SpeakingError: the engine is missing or failed.
    """
    lines = [(line, _speak(line, order, engine)) for line in order.lines]
    if not order.dialogue:
        [(line, spoken)] = lines
        return Performance(spoken, (Part(line, spoken, 0.0),), order.model.converses)
    plain = OutputFormat("", CONTAINERS["pcm"], form.rate_hz)
    gap = bytes(2 * round(GAP_S * form.rate_hz))
    pcm, parts = bytearray(), list[Part]()
    for line, voiced in lines:
        spoken = Utterance(encode(voiced, plain), form.rate_hz)
        pcm += gap if parts else b""
        parts.append(Part(line, spoken, len(pcm) / 2 / form.rate_hz))
        pcm += spoken.pcm
    return Performance(Utterance(bytes(pcm), form.rate_hz), tuple(parts), order.model.converses)


def _speak(line: Line, order: Order, engine: Engine) -> Utterance:
    text = DIRECTIONS.sub(" ", line.text) if order.model.converses else line.text
    manner = line.voice.manner
    return engine.speak(text, replace(manner, speed=manner.speed * order.speed))
