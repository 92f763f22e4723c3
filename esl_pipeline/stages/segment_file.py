"""The form in which segments are stored: WAV, so that a person can play one."""

from __future__ import annotations

import io
import wave

WAV = ".wav"
"""Suffix of a segment: signed 16 bit little-endian mono."""


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
