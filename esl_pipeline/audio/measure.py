"""What an MP3 sounds like, measured on what a player hears."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

from esl_pipeline.audio.loudness import LoudnessMeter
from esl_pipeline.audio.mp3 import decoded
from esl_pipeline.audio.peaks import TruePeakMeter


@dataclass(frozen=True, slots=True)
class Measured:
    """Of a decoded MP3; silence has −70 LUFS and −120 dBTP."""

    samples: int
    sample_rate_hz: int
    loudness_lufs: float
    true_peak_dbtp: float


def measure(mp3: bytes | BinaryIO) -> Measured:
    """Decodes an MP3 and measures it, about a second of sound at a time.

    Args:
        mp3: the whole file; one that is open is read from its start and stays open.

    Raises:
        ValueError: it is no MP3, or a damaged one.
    """
    file = io.BytesIO(mp3) if isinstance(mp3, bytes) else mp3
    file.seek(0)
    samples, loudness, peak = 0, None, TruePeakMeter()
    for block, rate_hz in decoded(file):
        loudness = loudness or LoudnessMeter(rate_hz)
        loudness.feed(block)
        peak.feed(block)
        samples += block.size
    if loudness is None:
        raise ValueError("this is no MP3 that can be read: there is no sound in it")
    return Measured(samples, rate_hz, loudness.loudness_lufs(), peak.peak_dbtp())
