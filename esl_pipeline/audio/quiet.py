"""The quiet moments of speech, and where a sound with several texts in it is cut."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from esl_pipeline.speech import CharacterTimings
from esl_pipeline.speech.stretches import cut_times

FRAME_S = 0.01
SHORTEST_S = 0.08
"""The closure of a p, t or k within a word is mostly shorter."""
BELOW_SPEECH_DB = 35.0
"""How far below the loud parts of speech it is quiet."""
ABOVE_NOISE_DB = 6.0
"""How far above its quietest parts a recording with noise is still quiet, as long as that is well below speech."""
LEAST_BELOW_SPEECH_DB = 15.0
NEARBY_S = 0.06
"""How far a cut is moved to the quietest moment where there is no pause."""
SILENCE_DB = -90.0
"""Of full scale; below this nothing is heard at all."""
SPEECH_DB = -60.0
"""Of full scale; no speech is quieter throughout."""


def pauses(pcm: bytes, rate_hz: int) -> tuple[tuple[float, float], ...]:
    """Returns the quiet moments, in order, as start and end in seconds; quiet is relative to the speech around it.

    Args:
        pcm: signed 16 bit little-endian, mono.
        rate_hz: samples per second, above 0.
    """
    samples = np.frombuffer(pcm, "<i2")
    levels = _levels_db(samples, round(rate_hz * FRAME_S))
    if not levels.size:
        return ()
    quiet = np.concatenate([[False], levels <= _threshold_db(levels), [False]])
    edges = np.flatnonzero(np.diff(quiet)).reshape(-1, 2) * FRAME_S
    length_s = samples.size / rate_hz
    spans = ((float(start), min(float(end), length_s)) for start, end in edges)
    return tuple((start, end) for start, end in spans if end - start >= SHORTEST_S - FRAME_S / 2)


def is_silent(pcm: bytes, rate_hz: int) -> bool:
    """Returns whether nobody speaks in a sound; of no samples too.

    Args:
        pcm: signed 16 bit little-endian, mono.
        rate_hz: samples per second, above 0.
    """
    return bool((_levels_db(np.frombuffer(pcm, "<i2"), round(rate_hz * FRAME_S)) < SPEECH_DB).all())


def cut(
    pcm: bytes, rate_hz: int, weights: Sequence[int], timings: CharacterTimings | None = None
) -> tuple[tuple[int, int], ...]:
    """Returns where each stretch begins and how many samples it has; together they are the whole sound.

    Args:
        pcm: signed 16 bit little-endian, mono; at least one sample for each stretch.
        rate_hz: samples per second, above 0.
        weights: characters of each stretch's text as it was sent; 1 or more each, of one stretch or more.
        timings: of all these characters in this sound.

    Raises:
        ValueError: the sound is too short, or no whole samples.
    """
    samples = len(pcm) // 2
    if len(pcm) % 2 or samples < len(weights) or not weights:
        raise ValueError(f"{len(pcm)} bytes of 16 bit samples can't be cut into {len(weights)} stretches")
    found = pauses(pcm, rate_hz)
    levels = _levels_db(np.frombuffer(pcm, "<i2"), round(rate_hz * FRAME_S))
    times = cut_times(weights, samples / rate_hz, found, timings)
    edges = [0]
    for number, time_s in enumerate(times, 1):
        in_a_pause = any(start <= time_s <= end for start, end in found)
        cut_s = time_s if in_a_pause else _quietest_s(levels, time_s)
        latest = samples - (len(weights) - number)
        edges.append(min(max(round(cut_s * rate_hz), edges[-1] + 1), latest))
    return tuple((begin, end - begin) for begin, end in pairwise([*edges, samples]))


def _quietest_s(levels: NDArray[np.float64], time_s: float) -> float:
    """Returns the middle of the quietest frame near a time."""
    first = max(round((time_s - NEARBY_S) / FRAME_S), 0)
    near = levels[first : round((time_s + NEARBY_S) / FRAME_S) + 1]
    return (first + int(near.argmin()) + 0.5) * FRAME_S if near.size else time_s


def _levels_db(samples: NDArray[np.int16], frame: int) -> NDArray[np.float64]:
    """Returns the level of each frame; the last one may be shorter."""
    starts = np.arange(0, samples.size, frame)
    if not starts.size:
        return np.zeros(0)
    squares = np.square(samples, dtype=np.float32)
    lengths = np.minimum(samples.size - starts, frame)
    powers = np.add.reduceat(squares, starts, dtype=np.float64) / lengths / 32768**2
    levels: NDArray[np.float64] = 10 * np.log10(np.maximum(powers, 1e-12))
    return levels


def _threshold_db(levels: NDArray[np.float64]) -> float:
    noise, speech = np.percentile(levels, [5, 95])
    noisy = min(noise + ABOVE_NOISE_DB, speech - LEAST_BELOW_SPEECH_DB)
    return float(max(speech - BELOW_SPEECH_DB, noisy, SILENCE_DB))
