"""True peaks: how loud the sound is between its samples too, and a limiter for them.

**Source**: ITU-R BS.1770-5, annex 2 (four times oversampling). Read 2026-11-23.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from esl_pipeline.audio.pcm import Samples

SILENCE_DBTP = -120.0
LOOK_AROUND_S = 0.005
"""How long before and after a peak the limiter turns the sound down."""

_TAPS = 32
_BEFORE = _TAPS // 2 - 1
_AFTER = _TAPS // 2
_CHUNK = 1 << 15
_NEAR = 0.5
"""Between two samples that are both below this share of a level, speech does not reach that level."""


class TruePeakMeter:
    """Hears mono samples in pieces of any size, as if they came in one."""

    def __init__(self) -> None:
        self._highest = 0.0
        self._before = np.zeros(_BEFORE, np.float32)

    def feed(self, samples: Samples) -> None:
        """Hears the next samples."""
        for start in range(0, samples.size, _CHUNK):
            part = np.concatenate([self._before, samples[start : start + _CHUNK]])
            self._highest = max(self._highest, float(part.max()), -float(part.min()))
            _, peaks = _peaks_in(part, self._highest * _NEAR)
            self._highest = max(self._highest, float(peaks.max(initial=0)))
            self._before = part[-(_TAPS - 1) :]

    def peak_dbtp(self) -> float:
        """Returns the highest true peak in decibels below full scale, as if silence came next."""
        end = np.concatenate([self._before, np.zeros(_AFTER, np.float32)])
        _, peaks = _peaks_in(end, self._highest * _NEAR)
        peak = max(self._highest, float(peaks.max(initial=0)))
        return max(20 * float(np.log10(peak)), SILENCE_DBTP) if peak > 0 else SILENCE_DBTP


def true_peak_dbtp(samples: Samples) -> float:
    """Measures mono samples that are all there."""
    meter = TruePeakMeter()
    meter.feed(samples)
    return meter.peak_dbtp()


def limited(blocks: Iterable[Samples], ceiling_dbtp: float, rate_hz: int) -> Iterator[Samples]:
    """Yields the same samples, turned down smoothly around peaks above the ceiling; the rest stays as it is."""
    seen = 4 * round(rate_hz * LOOK_AROUND_S / 2) + _TAPS  # so far a peak is felt on both sides
    held = np.zeros(0, np.float32)
    done = 0
    for block in blocks:
        held = np.concatenate([held, block])
        if held.size - done <= _CHUNK + seen:
            continue
        ready = held.copy()
        limit(ready, ceiling_dbtp, rate_hz)
        yield ready[done:-seen]
        held = held[-2 * seen :]
        done = held.size - seen
    limit(held, ceiling_dbtp, rate_hz)
    yield held[done:]


def limit(samples: Samples, ceiling_dbtp: float, rate_hz: int) -> None:
    """Turns down, in place and smoothly, what is around peaks above the ceiling; the rest stays as it is."""
    ceiling = 10 ** (ceiling_dbtp / 20)
    places, peaks = _peaks_from(samples, ceiling * _NEAR)
    places, peaks = places[peaks > ceiling], peaks[peaks > ceiling]
    reach = round(rate_hz * LOOK_AROUND_S / 2)
    apart = np.flatnonzero(np.diff(places) > 8 * reach) + 1
    for near, high in zip(np.split(places, apart), np.split(peaks, apart), strict=True):
        if near.size:
            start, stop = max(near[0] - 4 * reach, 0), min(near[-1] + 2 + 4 * reach, samples.size)
            samples[start:stop] *= _gain_around(near - start, ceiling / high, stop - start, reach)


def _gain_around(places: NDArray[np.intp], gains: Samples, length: int, reach: int) -> Samples:
    """Returns a gain that is no higher than ``gains`` at ``places`` and one from ``4 * reach`` samples on."""
    gain = np.ones(length, np.float32)
    for shift in (0, 1):  # a peak between two samples turns both down
        np.minimum.at(gain, np.minimum(places + shift, length - 1), gains.astype(np.float32))
    return _mean_around(_mean_around(_lowest_around(gain, 2 * reach), reach), reach)


def _peaks_from(samples: Samples, level: float) -> tuple[NDArray[np.intp], Samples]:
    """Returns where a sample or the next one is at ``level`` or above, and the true peak from it to the next one."""
    places, peaks = [np.zeros(0, np.intp)], [np.zeros(0, np.float32)]
    for start in range(0, samples.size, _CHUNK):
        found, high = _peaks_in(_with_margins(samples, start, min(start + _CHUNK, samples.size)), level)
        places.append(found + start)
        peaks.append(high)
    return np.concatenate(places), np.concatenate(peaks)


def _with_margins(samples: Samples, start: int, stop: int) -> Samples:
    """Returns a stretch with as much around it as the kernels see, zeros beyond the ends."""
    first, last = start - _BEFORE, stop + _AFTER
    missing = (max(-first, 0), max(last - samples.size, 0))
    return np.pad(samples[max(first, 0) : last], missing)


def _peaks_in(part: Samples, level: float) -> tuple[NDArray[np.intp], Samples]:
    """Does the same for a stretch with margins, which it does not look at for peaks; places are without the first."""
    if part.size < _TAPS:
        return np.zeros(0, np.intp), np.zeros(0, np.float32)
    loud = np.abs(part[_BEFORE : -_AFTER + 1]) >= max(level, 1e-9)
    found = np.flatnonzero(loud[:-1] | loud[1:])
    return found, _peaks_at(sliding_window_view(part, _TAPS)[found])


def _peaks_at(windows: Samples) -> Samples:
    between: Samples = np.abs(windows @ _KERNELS)
    peaks: Samples = np.maximum(between.max(axis=1), np.abs(windows[:, _BEFORE]))
    return peaks


def _kernels() -> Samples:
    """Returns the weights of a window's samples for the three points between its middle two."""
    at = np.arange(_TAPS)[:, np.newaxis] - _BEFORE - np.array([0.25, 0.5, 0.75])
    weights: Samples = (np.sinc(at) * (0.5 + 0.5 * np.cos(2 * np.pi * at / (_TAPS + 1)))).astype(np.float32)
    return weights


_KERNELS = _kernels()


def _lowest_around(values: Samples, reach: int) -> Samples:
    """Returns the lowest value within ``reach`` on both sides, in linear time (van Herk)."""
    width = 2 * reach + 1
    padded = np.pad(values, (reach, reach + width - (values.size + 2 * reach) % width), constant_values=1)
    rows = padded.reshape(-1, width)
    ahead = np.minimum.accumulate(rows, axis=1).ravel()
    back = np.minimum.accumulate(rows[:, ::-1], axis=1)[:, ::-1].ravel()
    return np.minimum(back[: values.size], ahead[width - 1 : width - 1 + values.size])


def _mean_around(values: Samples, reach: int) -> Samples:
    sums = np.cumsum(np.pad(values, (reach + 1, reach), mode="edge"), dtype=np.float64)
    return ((sums[2 * reach + 1 :] - sums[: -2 * reach - 1]) / (2 * reach + 1)).astype(np.float32)
