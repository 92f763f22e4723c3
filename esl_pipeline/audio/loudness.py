"""Integrated loudness, measured block by block.

**Source**: ITU-R BS.1770-5, annex 1; the filters for any sample rate as in libebur128. Read 2026-11-23.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from functools import cache
from math import pi, tan

import numpy as np
from numpy.typing import NDArray

from esl_pipeline.audio.pcm import Samples

SILENCE_LUFS = -70.0
"""The absolute gate; what is all below it has no loudness and counts as this."""
RELATIVE_GATE_LU = -10.0
HOPS_PER_BLOCK = 4
"""Blocks of 400 ms, one every 100 ms."""

_WINDOW = 1 << 16
_SETTLING = 1 << 13
"""Samples, at least, after which the filters' answer to a click has died away, at up to 48 kHz."""


class LoudnessMeter:
    """Hears mono samples in pieces of any size, as if they came in one, and remembers the energy of each 100 ms."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._hop = round(rate_hz / 10)
        self._step = (_WINDOW - _SETTLING) // self._hop * self._hop
        self._settled = _WINDOW - self._step
        self._window = np.zeros(_WINDOW, np.float32)
        self._filled = 0
        self._samples = 0
        self._energies = array("d")

    def feed(self, samples: Samples) -> None:
        """Hears the next samples."""
        self._samples += samples.size
        while samples.size:
            part = samples[: self._step - self._filled]
            start = self._settled + self._filled
            self._window[start : start + part.size] = part
            self._filled += part.size
            samples = samples[part.size :]
            if self._filled == self._step:
                self._energies.extend(self._weighted_energies())
                self._window[: self._settled] = self._window[-self._settled :]
                self._filled = 0

    def block_powers(self) -> NDArray[np.float64]:
        """Returns the power of each block so far; what is shorter than 400 ms is one block of its own length."""
        energies = np.concatenate([np.array(self._energies), self._weighted_energies()])
        if self._samples < HOPS_PER_BLOCK * self._hop:
            return np.array([energies.sum() / max(self._samples, 1)])
        whole = energies[: self._samples // self._hop]
        return np.convolve(whole, np.ones(HOPS_PER_BLOCK), "valid") / (HOPS_PER_BLOCK * self._hop)

    def loudness_lufs(self) -> float:
        """Returns the loudness of all that was heard so far."""
        return loudness_of_blocks([self.block_powers()])

    def _weighted_energies(self) -> NDArray[np.float64]:
        """Returns the energy of each 100 ms of the window after weighting, by a Fourier transform."""
        self._window[self._settled + self._filled :] = 0
        weighted = np.fft.irfft(np.fft.rfft(self._window) * _weighting(self._rate_hz), _WINDOW)[self._settled :]
        padded = np.zeros(-(-self._filled // self._hop) * self._hop, np.float32)
        padded[: self._filled] = weighted[: self._filled]
        energies: NDArray[np.float64] = np.square(padded.reshape(-1, self._hop), dtype=np.float64).sum(axis=1)
        return energies


def loudness_of_blocks(powers: Iterable[NDArray[np.float64]]) -> float:
    """Returns the gated loudness of the blocks of one meter or of several."""
    every = np.concatenate([np.zeros(0), *powers])
    loud = every[every > _power(SILENCE_LUFS)]
    if not loud.size:
        return SILENCE_LUFS
    gate = loud.mean() * 10 ** (RELATIVE_GATE_LU / 10)
    return float(-0.691 + 10 * np.log10(loud[loud > gate].mean()))


def _power(loudness_lufs: float) -> float:
    return float(10 ** ((loudness_lufs + 0.691) / 10))


@cache
def _weighting(rate_hz: int) -> NDArray[np.complex64]:
    """Returns the K-weighting at the frequencies of a window: a shelf for the head, then a high-pass."""
    z = np.exp(-2j * pi * np.arange(_WINDOW // 2 + 1) / _WINDOW)
    k, q, high = tan(pi * 1681.974450955533 / rate_hz), 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    shelf = _biquad((high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k), k, q, z)
    k, q = tan(pi * 38.13547087602444 / rate_hz), 0.5003270373238773
    above_rumble = _biquad((1, -2, 1), k, q, z) * (1 + k / q + k * k)  # libebur128 leaves the numerator as 1, -2, 1
    return (shelf * above_rumble).astype(np.complex64)


def _biquad(
    numerator: tuple[float, float, float], k: float, q: float, z: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    b0, b1, b2 = numerator
    above: NDArray[np.complex128] = b0 + b1 * z + b2 * z**2
    return above / ((1 + k / q + k * k) + 2 * (k * k - 1) * z + (1 - k / q + k * k) * z**2)
