"""Where speech pauses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from esl_pipeline.clients.local_voice.speaking import Utterance

FRAME_S = 0.01
QUIET_SHARE = 0.02
"""Of the loudest tenth's level: below it nothing is heard."""

SHORTEST_PAUSE_S = 0.12
"""Shorter silences belong to consonants such as p and t."""


@dataclass(frozen=True)
class Span:
    """A stretch of sound, in seconds from its start."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.end_s - self.start_s


def phrases(spoken: Utterance) -> list[Span]:
    """Returns the stretches between the pauses, in order; all of it where nothing is heard.

    Args:
        spoken: one sample or more.
    """
    samples = np.frombuffer(spoken.pcm, "<i2").astype(np.float64)
    whole = Span(0.0, samples.size / spoken.rate_hz)
    frame = max(round(FRAME_S * spoken.rate_hz), 1)
    levels = np.sqrt(np.mean(samples[: samples.size // frame * frame].reshape(-1, frame) ** 2, axis=1))
    loud = np.flatnonzero(levels > QUIET_SHARE * np.quantile(levels, 0.9)) if levels.size else levels
    if not loud.size:
        return [whole]
    ends = np.flatnonzero(np.diff(loud) * frame > SHORTEST_PAUSE_S * spoken.rate_hz)
    first, last = loud[[0, *(ends + 1)]], loud[[*ends, -1]]
    seconds = frame / spoken.rate_hz
    return [
        Span(float(a * seconds), min(float((b + 1) * seconds), whole.end_s)) for a, b in zip(first, last, strict=True)
    ]
