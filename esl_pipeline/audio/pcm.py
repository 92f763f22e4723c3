"""The sound of one stretch of speech, and where in it something is heard."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono, 1.0 is full scale; longer ways in between may be louder."""

SILENCE_BELOW_PEAK = 10 ** (-50 / 20)
"""What is on average quieter than the segment's peak by this factor is silence. The weakest consonants are about 40 dB
below; a click that a voice leaves at its end is short, and does not count.
"""
FRAME_S = 0.01
KEPT_BEFORE_S = 0.1
KEPT_AFTER_S = 0.2
FADE_S = 0.005
"""Raised cosine at both ends, so that a cut does not click."""


@dataclass(frozen=True, slots=True)
class PcmSegment:
    """What one speaker says without a pause of the mix in it.

    Attributes:
        samples: signed 16 bit little-endian, mono; may be empty.
        sample_rate_hz: above 0.
    """

    samples: bytes = field(repr=False)
    sample_rate_hz: int
    speaker: str
    text: str

    def __post_init__(self) -> None:
        if len(self.samples) % 2:
            raise ValueError(f"a segment of {self.speaker} has half a sample: {len(self.samples)} bytes of 16 bit")
        if self.sample_rate_hz <= 0:
            raise ValueError(f"a segment of {self.speaker} has {self.sample_rate_hz} samples per second")


def sound_edges(segment: PcmSegment) -> tuple[int, int]:
    """Returns the samples from which and up to which there is sound, with a breath around it; of silence all of it."""
    samples = np.frombuffer(segment.samples, "<i2")
    peak = max(int(samples.max(initial=0)), -int(samples.min(initial=0)))
    if peak == 0:
        return 0, samples.size
    length = max(round(segment.sample_rate_hz * FRAME_S), 1)
    whole = samples[: samples.size // length * length].reshape(-1, length)
    power = np.square(whole, dtype=np.float32).mean(axis=1)
    sound = np.flatnonzero(power > (peak * SILENCE_BELOW_PEAK) ** 2)
    if not sound.size:
        return 0, samples.size
    first, last = int(sound[0]) * length, (int(sound[-1]) + 1) * length
    before, after = (round(segment.sample_rate_hz * kept_s) for kept_s in (KEPT_BEFORE_S, KEPT_AFTER_S))
    return max(first - before, 0), min(last + after, samples.size)


def faded(samples: NDArray[np.int16], rate_hz: int) -> NDArray[np.int16]:
    """Returns a copy that rises from nothing and falls back to it."""
    copy = samples.copy()
    length = min(round(rate_hz * FADE_S), samples.size // 2)
    if length:
        rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(length) + 0.5) / length)
        copy[:length] = np.rint(copy[:length] * rise)
        copy[-length:] = np.rint(copy[-length:] * rise[::-1])
    return copy
