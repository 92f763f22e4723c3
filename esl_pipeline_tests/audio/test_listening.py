"""The track is listened to by a recogniser that knows nothing of what was said."""

from __future__ import annotations

import pytest
from py_nanotts import NanoTTS

from esl_pipeline.audio import Track, TrackSegment, make_track
from esl_pipeline.manifests.settings import AudioSettings
from esl_pipeline_tests.audio.sounds import heard, kept
from esl_pipeline_tests.recogniser import HeardWord, listen, word_error, words

LINES = (
    ("Kim", "Excuse me, which platform does the train to York leave from?"),
    ("Lee", "It usually leaves from platform two, but today it is late."),
    ("Kim", "Oh no. How long do we have to wait?"),
    ("Lee", "The driver said about twenty minutes, so we have time for a coffee."),
    ("Kim", "Good idea. The cafe by the main door is quite cheap."),
    ("Lee", "Let me carry your heavy suitcase, and you can buy the drinks."),
)


def speak(speaker: str, text: str) -> TrackSegment:
    """Speaks with the offline voice, Lee lower and much quieter."""
    how = {"Kim": {"voice": "en-GB"}, "Lee": {"voice": "en-US", "pitch": 0.7, "volume": 0.15}}[speaker]
    pcm = NanoTTS().speak(text, **how)
    return TrackSegment(speaker, text, lambda: (pcm, 16_000))


@pytest.fixture(scope="module")
def track() -> Track:
    spoken = [speak(*line) for line in LINES]
    return kept(make_track(spoken, AudioSettings(), tags={}))


@pytest.fixture(scope="module")
def recognised(track: Track) -> list[HeardWord]:
    return listen(*heard(track.mp3), careful=True)


@pytest.mark.slow
def test_every_word_of_the_dialogue_is_understood(recognised: list[HeardWord]) -> None:
    said = [word for _, text in LINES for word in words(text)]
    understood = [word.text for word in recognised]
    assert word_error(said, understood) <= 0.1, " ".join(understood)


@pytest.mark.slow
def test_every_turn_is_heard_at_its_cue(track: Track, recognised: list[HeardWord]) -> None:
    understood = [word.text for word in recognised]
    for cue in track.cues:
        first = words(cue.text)[:3]
        starts = [recognised[at].start_s for at in range(len(recognised)) if understood[at : at + len(first)] == first]
        assert starts, f"{first} was not understood"
        assert min(abs(start - cue.start_s) for start in starts) <= 0.2
