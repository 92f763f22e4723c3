"""Kokoro's voices, listened to."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import numpy.typing as npt
import pytest

from esl_pipeline.clients.neural_voice import NeuralVoiceEngine
from esl_pipeline.clients.neural_voice.pieces import pieces
from esl_pipeline.clients.neural_voice.voices import VOICES
from esl_pipeline_tests.clients.neural_voice.extra import needs_neural
from esl_pipeline_tests.clients.neural_voice.test_engine import request
from esl_pipeline_tests.recogniser import listen, word_error, words

pytestmark = [pytest.mark.slow, needs_neural]

SENTENCES = (
    "Good morning, Emma.",
    "Did you sleep well?",
    "The journey was long.",
    "We would like coffee.",
    "Please bring some toast.",
    "It is raining again.",
)
"""One for each voice."""


def heard(text: str, voice_id: str, speed: float = 1.0) -> npt.NDArray[np.float64]:
    spoken = NeuralVoiceEngine().synthesize(request(text, voice_id, speed))
    assert spoken.sample_rate_hz == 24_000
    return np.frombuffer(spoken.pcm, "<i2") / 32768


def test_every_voice_is_understood_and_none_clips() -> None:
    spoken = [heard(text, voice.voice_id) for text, voice in zip(SENTENCES, VOICES, strict=True)]
    assert all(0.1 < np.abs(samples).max() < 0.99 for samples in spoken)
    pause = np.zeros(12_000)
    together = np.concatenate([part for samples in spoken for part in (samples, pause)])
    said = words(" ".join(SENTENCES))
    assert word_error(said, [word.text for word in listen(together, 24_000)]) <= 0.10, "a voice has 3 or 4 of 23 words"


def test_a_text_longer_than_the_model_takes_is_heard_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    from esl_pipeline.clients.neural_voice import kokoro
    from esl_pipeline.clients.neural_voice.sounds import clauses

    text = " ".join(SENTENCES[:2])
    cut = partial(pieces, at_most=25)
    assert len(list(cut(clauses(text, "british")))) == 2
    monkeypatch.setattr(kokoro, "pieces", cut)
    samples = heard(text, "bm_george", 1.2)
    assert word_error(words(text), [word.text for word in listen(samples, 24_000)]) <= 0.10


def test_speed_is_heeded() -> None:
    slow, fast = (heard("Take a coat.", "af_heart", speed).size for speed in (0.7, 1.2))
    assert slow / fast == pytest.approx(1.2 / 0.7, rel=0.2)


@pytest.mark.parametrize("text", ["", "…", "\x00", "你好 🙂", "\ud83d"])
def test_odd_texts_are_spoken(text: str) -> None:
    assert 0.1 < heard(text, "bf_emma").size / 24_000 < 4


def test_the_same_words_give_the_same_bytes_in_threads_and_in_another_process() -> None:
    text = "Yes, please."
    with ThreadPoolExecutor(2) as pool:
        spoken = set(pool.map(lambda _: NeuralVoiceEngine().synthesize(request(text)).pcm, range(2)))
    program = (
        "import hashlib; from esl_pipeline_tests.clients.neural_voice.test_engine import request; "
        "from esl_pipeline.clients.neural_voice import NeuralVoiceEngine; "
        f"print(hashlib.sha256(NeuralVoiceEngine().synthesize(request({text!r})).pcm).hexdigest())"
    )
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert [hashlib.sha256(pcm).hexdigest() for pcm in spoken] == [other.stdout.strip()]
