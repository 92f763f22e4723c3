"""The speech of an order, and when each character of it is heard."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
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
    """One line as it was spoken; the alignment's times, its start and its end are those of the whole."""

    line: Line
    alignment: Alignment
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Performance:
    """The whole.

    Attributes:
        spoken: its sound.
        parts: one for each line, in order.
    """

    spoken: Utterance
    parts: tuple[Part, ...]

    def timings(self) -> Json:
        """Returns the two alignments as the vendor's answers have them.

        The normalised one is null where numbers and signs are said otherwise than they are written.
        """
        alignment = joined([part.alignment for part in self.parts]).json()
        as_said = not re.search(r"[^\w\s.,;:!?'’\"“”—–-]|\d", "".join(alignment["characters"]))
        return {"alignment": alignment, "normalized_alignment": alignment if as_said else None}

    def voice_segments(self) -> list[Json]:
        """Returns who speaks when."""
        found: list[Json] = []
        begin = 0
        for number, part in enumerate(self.parts):
            end = begin + len(part.line.text)
            found.append(
                {
                    "voice_id": part.line.voice.voice_id,
                    "start_time_seconds": part.start_s,
                    "end_time_seconds": part.end_s,
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
        return Performance(spoken, (_part(line, order, spoken, 0.0),))
    plain = OutputFormat("", CONTAINERS["pcm"], form.rate_hz)
    gap = bytes(2 * round(GAP_S * form.rate_hz))
    pcm, parts = bytearray(), list[Part]()
    for line, voiced in lines:
        spoken = Utterance(encode(voiced, plain), form.rate_hz)
        pcm += gap if parts else b""
        parts.append(_part(line, order, spoken, len(pcm) / 2 / form.rate_hz))
        pcm += spoken.pcm
    return Performance(Utterance(bytes(pcm), form.rate_hz), tuple(parts))


def _speak(line: Line, order: Order, engine: Engine) -> Utterance:
    text = DIRECTIONS.sub(" ", line.text) if order.model.converses else line.text
    manner = line.voice.manner
    return engine.speak(text, replace(manner, speed=manner.speed * order.speed))


def _part(line: Line, order: Order, spoken: Utterance, start_s: float) -> Part:
    alignment = align(line.text, spoken, acted=order.model.converses).later(start_s)
    end_s = start_s + len(spoken.pcm) / 2 / spoken.rate_hz
    return Part(line, alignment, round(start_s, 3), round(end_s, 3))
