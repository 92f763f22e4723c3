"""The form in which segments are stored: WAV, so that a person can play one; beside it its cost and its timings."""

from __future__ import annotations

import io
import json
import wave

from esl_pipeline.speech.timings import CharacterTimings

WAV = ".wav"
"""Suffix of a segment: signed 16 bit little-endian mono."""

COST = ".json"
"""Suffix of what a segment cost; it may be missing where a run died right after storing the speech."""

TIMINGS = ".timings.json"
"""Suffix of when each character is heard, from the start of the WAV; only where it was asked for and told."""


def to_wav(pcm: bytes, sample_rate_hz: int) -> bytes:
    """Wraps samples as a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate_hz)
        file.writeframes(pcm)
    return buffer.getvalue()


def from_wav(content: bytes) -> tuple[bytes, int]:
    """Returns samples and samples per second of what ``to_wav`` made."""
    with wave.open(io.BytesIO(content), "rb") as file:
        return file.readframes(file.getnframes()), file.getframerate()


def to_timings_file(timings: CharacterTimings) -> bytes:
    """Returns timings as they are stored."""
    fields = {"characters": timings.characters, "starts_s": timings.starts_s, "ends_s": timings.ends_s}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def from_timings_file(content: bytes) -> CharacterTimings:
    """Returns what ``to_timings_file`` wrote."""
    fields = json.loads(content)
    return CharacterTimings(tuple(fields["characters"]), tuple(fields["starts_s"]), tuple(fields["ends_s"]))


def to_cost_file(character_cost: int) -> bytes:
    """Returns what a segment cost, as it is stored."""
    return json.dumps({"character_cost": character_cost}).encode()


def from_cost_file(content: bytes) -> int:
    """Returns the vendor's credits."""
    return int(json.loads(content)["character_cost"])
