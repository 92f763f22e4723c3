"""The catalogue's voices, listened to: understood by a recogniser, and told apart by their pitch and resonances."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from esl_pipeline.clients.local_voice.speaking_engines import PicoEngine
from esl_pipeline.sandbox.elevenlabs.formats import encode, output_format
from esl_pipeline.sandbox.voices import VOICES, CatalogueVoice
from esl_pipeline_tests.recogniser import RATE_HZ, listen, word_error, words

pytestmark = pytest.mark.slow

DIALOGUE = (
    "Good morning, Emma. Did you sleep well after the long journey? Yes, thank you, but the neighbours were playing "
    "music until midnight. I am sorry to hear that. Would you like some breakfast before we visit the museum? I would "
    "love a cup of coffee and two slices of toast with honey. Then let us leave at half past nine, because the bus to "
    "the city centre is often late on Saturdays."
)
MALE_HZ, FEMALE_HZ = (80, 130), (145, 250)


def samples(voice: CatalogueVoice) -> npt.NDArray[np.float32]:
    pcm = encode(PicoEngine().speak(DIALOGUE, voice.manner), output_format(f"pcm_{RATE_HZ}"))
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)


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
def test_a_voice_is_understood_does_not_clip_and_sounds_like_its_gender(voice: CatalogueVoice) -> None:
    heard = samples(voice)
    assert word_error(words(DIALOGUE), [word.text for word in listen(heard, RATE_HZ)]) <= 0.10
    assert np.abs(heard).max() < 0.99
    lowest, highest = {"male": MALE_HZ, "female": FEMALE_HZ, "neutral": (MALE_HZ[1], FEMALE_HZ[0])}[voice.manner.gender]
    assert lowest <= median_pitch_hz(heard) <= highest


def test_any_two_voices_of_one_accent_differ_by_ear() -> None:
    for one, other in combinations(VOICES, 2):
        if one.manner.accent == other.manner.accent:
            pitch = abs(np.log(one.manner.pitch / other.manner.pitch))
            formants = abs(np.log(one.manner.formants / other.manner.formants))
            assert pitch + formants > 0.1, (one.name, other.name)
