"""The last steps: one loudness, peaks below the ceiling, MP3; measured on what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from esl_pipeline.audio.loudness import SILENCE_LUFS, integrated_loudness_lufs
from esl_pipeline.audio.measure import Measured, measure
from esl_pipeline.audio.mp3 import Chapter, encode
from esl_pipeline.audio.pcm import Samples
from esl_pipeline.audio.peaks import limit, true_peak_dbtp
from esl_pipeline.manifests.settings import AudioSettings

MAX_LIMITING_DB = 12.0
"""How far a peak is turned down at most; a louder track is not worth more."""
ENCODER_OVERSHOOT_DB = 0.5
"""How far the limiter stays below the ceiling at first: MP3 moves peaks up a little."""
GUARD_DB = 0.05
"""How far two true peak meters differ."""
LOUDNESS_TOLERANCE_LU = 0.2
MAX_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class _Aim:
    gain_db: float
    ceiling_dbtp: float


def master(
    samples: Samples,
    rate_hz: int,
    settings: AudioSettings,
    tags: Mapping[str, str],
    chapters: Sequence[Chapter],
) -> tuple[bytes, Measured]:
    """Makes the MP3 and measures it; where it misses the target, makes it again from the samples, which is seldom.

    Args:
        samples: the whole track, at any level.
        rate_hz: samples per second.
        settings: loudness, true peak and bit rate.
        tags: names as FFmpeg has them.
        chapters: in playing order.
    """
    loudness_lufs = integrated_loudness_lufs(samples, rate_hz)
    silent = loudness_lufs <= SILENCE_LUFS
    peak_dbtp = true_peak_dbtp(samples)
    aim = _Aim(
        0.0 if silent else settings.loudness_lufs - loudness_lufs,
        settings.true_peak_dbtp - ENCODER_OVERSHOOT_DB,
    )
    for _ in range(MAX_ATTEMPTS):
        gain_db = min(aim.gain_db, aim.ceiling_dbtp + MAX_LIMITING_DB - peak_dbtp)
        louder = _louder(samples, rate_hz, gain_db, aim.ceiling_dbtp)
        mp3 = encode(louder, rate_hz, settings.bitrate_kbps, tags, chapters)
        del louder  # minutes of samples; the next copy comes with measuring
        measured = measure(mp3)
        missing_lu = 0.0 if silent else settings.loudness_lufs - measured.loudness_lufs
        too_high_db = measured.true_peak_dbtp - (settings.true_peak_dbtp - GUARD_DB)
        at_limit = gain_db < aim.gain_db and missing_lu > 0
        if too_high_db <= 0 and (abs(missing_lu) <= LOUDNESS_TOLERANCE_LU or at_limit):
            break
        aim = _Aim(gain_db + missing_lu, aim.ceiling_dbtp - max(too_high_db + GUARD_DB, 0))
    return mp3, measured


def _louder(samples: Samples, rate_hz: int, gain_db: float, ceiling_dbtp: float) -> Samples:
    louder: Samples = samples * np.float32(10 ** (gain_db / 20))
    limit(louder, ceiling_dbtp, rate_hz)
    return louder
