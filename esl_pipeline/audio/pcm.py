"""The sound of one segment: where it begins and ends, and its samples at the track's rate."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Mono, 1.0 is full scale; longer ways in between may be louder."""

SILENCE_BELOW_PEAK = 10 ** (-50 / 20)
"""What is quieter than the segment's peak by this factor is silence. The weakest consonants are about 40 dB below."""
KEPT_BEFORE_S = 0.1
KEPT_AFTER_S = 0.2
FADE_S = 0.005
"""Raised cosine at both ends, so that a cut does not click."""


@dataclass(frozen=True, slots=True)
class PcmSegment:
    """What one speaker says without a pause between turns.

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


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A segment without the silence that is more than a breath at its ends: samples ``start`` up to ``stop``."""

    segment: PcmSegment
    start: int
    stop: int

    def length_at(self, rate_hz: int) -> int:
        """Returns how many samples it has at another rate."""
        return ceil(Fraction((self.stop - self.start) * rate_hz, self.segment.sample_rate_hz))

    def samples_at(self, rate_hz: int) -> Samples:
        """Returns exactly ``length_at`` samples, faded at both ends."""
        own = np.frombuffer(self.segment.samples, "<i2")[self.start : self.stop] * np.float32(1 / 32768)
        _fade(own, round(self.segment.sample_rate_hz * FADE_S))
        if self.segment.sample_rate_hz == rate_hz:
            return own
        exact = np.zeros(self.length_at(rate_hz), np.float32)
        resampled = _resampled(own, self.segment.sample_rate_hz, rate_hz)[: exact.size]
        exact[: resampled.size] = resampled
        return exact


def trim(segment: PcmSegment) -> Trimmed:
    """Finds the ends of the sound; a segment of nothing but silence stays as it is."""
    level = np.abs(np.frombuffer(segment.samples, "<i2").astype(np.int32))
    peak = int(level.max(initial=0))
    sound = np.flatnonzero(level > peak * SILENCE_BELOW_PEAK)
    if peak == 0:
        return Trimmed(segment, 0, level.size)
    before, after = (round(segment.sample_rate_hz * kept_s) for kept_s in (KEPT_BEFORE_S, KEPT_AFTER_S))
    return Trimmed(segment, max(int(sound[0]) - before, 0), min(int(sound[-1]) + 1 + after, level.size))


def _fade(samples: Samples, length: int) -> None:
    length = min(length, samples.size // 2)
    if length:
        rise = (0.5 - 0.5 * np.cos(np.pi * (np.arange(length) + 0.5) / length)).astype(np.float32)
        samples[:length] *= rise
        samples[-length:] *= rise[::-1]


def _resampled(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Resamples without delay; may be a sample short, and gives nothing of less than a millisecond."""
    if not samples.size:
        return samples
    frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="fltp", layout="mono")
    frame.sample_rate = from_hz
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=to_hz)
    frames = [*resampler.resample(frame), *resampler.resample(None)]
    parts = [part.to_ndarray()[0] for part in frames]
    return np.concatenate([np.zeros(0, np.float32), *parts])
