"""Speech at another rate."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np

from esl_pipeline.clients.local_voice.speaking import Utterance


def resampled(spoken: Utterance, rate_hz: int) -> bytes:
    """Returns the samples at a rate, by FFmpeg's band-limited resampler; the same speech gives the same bytes."""
    frame = av.AudioFrame.from_ndarray(np.frombuffer(spoken.pcm, "<i2").reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate, frame.time_base, frame.pts = spoken.rate_hz, Fraction(1, spoken.rate_hz), 0
    resampler = av.AudioResampler("s16", "mono", rate_hz)
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return b"".join(part.to_ndarray().astype("<i2").tobytes() for part in parts)
