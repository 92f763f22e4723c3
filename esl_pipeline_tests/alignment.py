"""Forced alignment: where in a sound each word of a text is spoken, by an offline recogniser of another make."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("pocketsphinx", reason="it has no wheel for this Python")

from pocketsphinx import Decoder

RATE_HZ = 16_000
FRAMES_PER_S = 100
NOISES = {"<s>", "</s>", "<sil>", "[NOISE]"}


@dataclass(frozen=True)
class AlignedWord:
    """One word and when it is heard, in seconds from the start of the sound."""

    text: str
    start_s: float
    end_s: float


def align(samples: NDArray[np.floating], rate_hz: int, text: str) -> list[AlignedWord]:
    """Returns the words of English speech that the recogniser's dictionary has, in order.

    Args:
        samples: mono, -1 to 1.
        rate_hz: samples per second.
        text: what is said in it, in words.

    Raises:
        ValueError: the text can't be found in the sound.
    """
    decoder = Decoder(samprate=float(RATE_HZ), loglevel="FATAL", bestpath=False)
    words = re.findall(r"[a-z']+", text.lower().replace("’", "'"))
    known = [word for word in words if decoder.lookup_word(word)]
    seconds = np.arange(0, samples.size / rate_hz, 1 / RATE_HZ)
    at_16k = np.interp(seconds, np.arange(samples.size) / rate_hz, samples)
    decoder.set_align_text(" ".join(known))
    decoder.start_utt()
    decoder.process_raw((at_16k * 32767).astype("<i2").tobytes(), no_search=False, full_utt=True)
    decoder.end_utt()
    found = [part for part in decoder.seg() or () if part.word not in NOISES]
    if not found:
        raise ValueError(f"this is not said here: {text}")
    return [
        AlignedWord(_plain(part.word), part.start_frame / FRAMES_PER_S, (part.end_frame + 1) / FRAMES_PER_S)
        for part in found
    ]


def _plain(word: str) -> str:
    """Returns a word without the number of its pronunciation, as in ``the(2)``."""
    return word.partition("(")[0]
