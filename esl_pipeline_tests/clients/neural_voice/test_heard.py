"""Kokoro's voices, listened to."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pytest

from esl_pipeline.clients.neural_voice import NeuralVoiceEngine
from esl_pipeline.clients.neural_voice.pieces import pieces
from esl_pipeline.clients.neural_voice.voices import VOICES, NeuralVoice
from esl_pipeline_tests.clients.neural_voice.extra import needs_neural
from esl_pipeline_tests.clients.neural_voice.test_engine import request
from esl_pipeline_tests.recogniser import listen, word_error, words

pytestmark = [pytest.mark.slow, needs_neural]

SAID = (
    "Good morning, Emma. Did you sleep well after the long journey? "
    "I would love a cup of coffee and two slices of toast with honey."
)


def heard(text: str, voice_id: str, speed: float = 1.0) -> npt.NDArray[np.float64]:
    spoken = NeuralVoiceEngine().synthesize(request(text, voice_id, speed))
    assert spoken.sample_rate_hz == 24_000
    return np.frombuffer(spoken.pcm, "<i2") / 32768


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.voice_id)
def test_a_voice_is_understood_and_does_not_clip(voice: NeuralVoice) -> None:
    samples = heard(SAID, voice.voice_id)
    assert word_error(words(SAID), [word.text for word in listen(samples, 24_000)]) <= 0.10
    assert 0.1 < np.abs(samples).max() < 0.99


def test_a_text_longer_than_the_model_takes_is_heard_whole() -> None:
    from esl_pipeline.clients.neural_voice.sounds import clauses

    text = f"{SAID} Then we left. {SAID} It was late. {SAID} That is all."
    assert len(list(pieces(clauses(text, "british")))) > 1
    samples = heard(text, "bm_george", 1.2)
    assert word_error(words(text), [word.text for word in listen(samples, 24_000)]) <= 0.10


def test_speed_is_heeded() -> None:
    slow, fast = (heard("It is raining again, so take a coat.", "af_heart", speed).size for speed in (0.7, 1.2))
    assert slow / fast == pytest.approx(1.2 / 0.7, rel=0.2)


@pytest.mark.parametrize("text", ["", "…", "\x00", "🙂", "你好", "a lone \ud83d surrogate"])
def test_odd_texts_are_spoken(text: str) -> None:
    assert 0.1 < heard(text, "bf_emma").size / 24_000 < 4


def test_the_same_words_give_the_same_bytes_in_threads_and_in_another_process() -> None:
    text = "Can you repeat that, please?"
    with ThreadPoolExecutor(3) as pool:
        spoken = set(pool.map(lambda _: NeuralVoiceEngine().synthesize(request(text)).pcm, range(3)))
    program = (
        "import hashlib; from esl_pipeline_tests.clients.neural_voice.test_engine import request; "
        "from esl_pipeline.clients.neural_voice import NeuralVoiceEngine; "
        f"print(hashlib.sha256(NeuralVoiceEngine().synthesize(request({text!r})).pcm).hexdigest())"
    )
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert [hashlib.sha256(pcm).hexdigest() for pcm in spoken] == [other.stdout.strip()]
