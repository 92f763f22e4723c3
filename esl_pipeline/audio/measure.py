"""What an MP3 sounds like, measured on what a player hears."""

from __future__ import annotations

from dataclasses import dataclass

from esl_pipeline.audio.loudness import integrated_loudness_lufs
from esl_pipeline.audio.mp3 import decode
from esl_pipeline.audio.peaks import true_peak_dbtp


@dataclass(frozen=True, slots=True)
class Measured:
    """Of a decoded MP3; silence has −70 LUFS and −120 dBTP."""

    samples: int
    sample_rate_hz: int
    loudness_lufs: float
    true_peak_dbtp: float


def measure(mp3: bytes) -> Measured:
    """Decodes an MP3 and measures it.

    Raises:
        ValueError: it is no MP3, or a damaged one.
    """
    samples, rate_hz = decode(mp3)
    return Measured(samples.size, rate_hz, integrated_loudness_lufs(samples, rate_hz), true_peak_dbtp(samples))
