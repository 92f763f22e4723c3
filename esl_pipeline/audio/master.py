"""The last steps: one loudness, peaks below the ceiling, MP3; measured on what comes out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from esl_pipeline.audio.cover import Cover
from esl_pipeline.audio.loudness import SILENCE_LUFS, LoudnessMeter
from esl_pipeline.audio.measure import Measured, measure
from esl_pipeline.audio.mix import RATE_HZ, Mix
from esl_pipeline.audio.mp3 import Chapter, encode
from esl_pipeline.audio.pcm import Samples
from esl_pipeline.audio.peaks import TruePeakMeter, limited
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


@dataclass(frozen=True, slots=True)
class Labels:
    """What stands in the MP3 beside the sound."""

    tags: Mapping[str, str]
    chapters: Sequence[Chapter]
    cover: Cover | None


def master(mix: Mix, settings: AudioSettings, labels: Labels) -> tuple[BinaryIO, Measured]:
    """Makes the MP3 and measures it; where it misses the target, makes it again from the mix, which is seldom.

    Returns:
        An open file without a name, and what it sounds like.
    """
    loudness_lufs, peak_dbtp = _measured(mix.blocks())
    silent = loudness_lufs <= SILENCE_LUFS
    aim = _Aim(
        0.0 if silent else settings.loudness_lufs - loudness_lufs,
        settings.true_peak_dbtp - ENCODER_OVERSHOOT_DB,
    )
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it is the caller's
    try:
        for attempt in range(MAX_ATTEMPTS):
            gain_db = min(aim.gain_db, aim.ceiling_dbtp + MAX_LIMITING_DB - peak_dbtp)
            _encode(file, mix, _Aim(gain_db, aim.ceiling_dbtp), settings.bitrate_kbps, labels)
            measured = measure(file)
            missing_lu = 0.0 if silent else settings.loudness_lufs - measured.loudness_lufs
            too_high_db = measured.true_peak_dbtp - (settings.true_peak_dbtp - GUARD_DB)
            at_limit = gain_db < aim.gain_db and missing_lu > 0
            if too_high_db <= 0 and (abs(missing_lu) <= LOUDNESS_TOLERANCE_LU or at_limit):
                break
            lower_db = max(too_high_db + GUARD_DB, 0) * 2**attempt  # few bits move a peak again and again
            aim = _Aim(gain_db + missing_lu, aim.ceiling_dbtp - lower_db)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file, measured


def _measured(blocks: Iterable[Samples]) -> tuple[float, float]:
    loudness, peak = LoudnessMeter(RATE_HZ), TruePeakMeter()
    for block in blocks:
        loudness.feed(block)
        peak.feed(block)
    return loudness.loudness_lufs(), peak.peak_dbtp()


def _encode(file: BinaryIO, mix: Mix, aim: _Aim, bitrate_kbps: int, labels: Labels) -> None:
    file.seek(0)
    file.truncate()
    blocks = limited(mix.blocks(10 ** (aim.gain_db / 20)), aim.ceiling_dbtp, RATE_HZ)
    encode(blocks, file, RATE_HZ, bitrate_kbps, labels.tags, labels.chapters, labels.cover)
