"""The trimmed sounds of a track, in a file without a name: it is gone when the run is, however that ends."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from types import TracebackType
from typing import Self

import av
import numpy as np
from numpy.typing import NDArray

from esl_pipeline.audio.pcm import PcmSegment, Samples, faded, sound_edges

BLOCK = 1 << 16
"""Samples that are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A trimmed sound: where it is kept, its samples at its own rate, and how many were cut off at its head."""

    at: int
    samples: int
    rate_hz: int
    head_trim: int

    def length_at(self, rate_hz: int) -> int:
        """Returns how many samples it has at another rate."""
        return ceil(Fraction(self.samples * rate_hz, self.rate_hz))


class Scratch:
    """Keeps sounds on disk, as they were at their own rates, so that each is loaded and trimmed once."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def keep(self, segment: PcmSegment) -> tuple[Sound, NDArray[np.int16]]:
        """Trims, fades and keeps a sound; returns its samples too."""
        start, stop = sound_edges(segment)
        samples = faded(np.frombuffer(segment.samples, "<i2")[start:stop], segment.sample_rate_hz)
        sound = Sound(self._size, samples.size, segment.sample_rate_hz, start)
        self._file.seek(self._size)
        self._size += self._file.write(samples.tobytes())
        return sound, samples

    def blocks(self, sound: Sound, rate_hz: int) -> Iterator[Samples]:
        """Yields exactly ``sound.length_at(rate_hz)`` samples."""
        left = sound.length_at(rate_hz)
        own = self._own_blocks(sound)
        for block in own if sound.rate_hz == rate_hz else _resampled(own, sound.rate_hz, rate_hz):
            yield block[:left]
            left -= min(block.size, left)
        if left:
            yield np.zeros(left, np.float32)

    def _own_blocks(self, sound: Sound) -> Iterator[Samples]:
        for start in range(0, sound.samples, BLOCK):
            self._file.seek(sound.at + 2 * start)
            content = self._file.read(2 * min(BLOCK, sound.samples - start))
            yield np.frombuffer(content, "<i2") * np.float32(1 / 32768)


def _resampled(blocks: Iterator[Samples], from_hz: int, to_hz: int) -> Iterator[Samples]:
    """Resamples without delay; may be a sample short, and gives nothing of less than a millisecond."""
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=to_hz)
    for block in blocks:
        frame = av.AudioFrame.from_ndarray(block[np.newaxis], format="fltp", layout="mono")
        frame.sample_rate = from_hz
        yield from (part.to_ndarray()[0] for part in resampler.resample(frame))
    yield from (part.to_ndarray()[0] for part in resampler.resample(None))
