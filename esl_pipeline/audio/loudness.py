"""Integrated loudness.

**Source**: ITU-R BS.1770-5, annex 1; the filters for any sample rate as in libebur128. Read 2026-11-23.
"""

from __future__ import annotations

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


def integrated_loudness_lufs(samples: Samples, rate_hz: int) -> float:
    """Measures mono samples; a stretch shorter than 400 ms is one block of its own length."""
    powers = _block_powers(samples, rate_hz)
    loud = powers[powers > _power(SILENCE_LUFS)]
    if not loud.size:
        return SILENCE_LUFS
    gate = loud.mean() * 10 ** (RELATIVE_GATE_LU / 10)
    return float(-0.691 + 10 * np.log10(loud[loud > gate].mean()))


def _power(loudness_lufs: float) -> float:
    return float(10 ** ((loudness_lufs + 0.691) / 10))


def _block_powers(samples: Samples, rate_hz: int) -> NDArray[np.float64]:
    hop = round(rate_hz / 10)
    energies = _hop_energies(samples, rate_hz, hop)
    if samples.size < HOPS_PER_BLOCK * hop:
        return np.array([energies.sum() / max(samples.size, 1)])
    whole = energies[: samples.size // hop]
    return np.convolve(whole, np.ones(HOPS_PER_BLOCK), "valid") / (HOPS_PER_BLOCK * hop)


def _hop_energies(samples: Samples, rate_hz: int, hop: int) -> NDArray[np.float64]:
    """Returns the energy of each 100 ms after weighting, by overlapping Fourier transforms."""
    step = (_WINDOW - _SETTLING) // hop * hop
    settled = _WINDOW - step
    window = np.zeros(_WINDOW, np.float32)
    energies = []
    for start in range(0, samples.size, step):
        part = samples[start : start + step]
        window[:settled] = window[-settled:]
        window[settled : settled + part.size] = part
        window[settled + part.size :] = 0
        weighted = np.fft.irfft(np.fft.rfft(window) * _weighting(rate_hz), _WINDOW)[settled:]
        padded = np.zeros(-(-part.size // hop) * hop, np.float32)
        padded[: part.size] = weighted[: part.size]
        energies.append(np.square(padded.reshape(-1, hop), dtype=np.float64).sum(axis=1))
    return np.concatenate([np.zeros(0), *energies])


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
