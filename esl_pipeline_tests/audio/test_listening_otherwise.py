"""The slow track and the dictation are listened to as well."""

from __future__ import annotations

import numpy as np
import pytest
from py_nanotts import NanoTTS

from esl_pipeline.audio import DictationSegment, Track, TrackSegment, make_dictation, make_track, slowed
from esl_pipeline.manifests.settings import AudioSettings
from esl_pipeline_tests.audio.sounds import heard, kept
from esl_pipeline_tests.recogniser import listen, word_error, words

TURNS = (
    ("Kim", ("Excuse me, which platform does the train to York leave from?", "I think I am late.")),
    ("Lee", ("It usually leaves from platform two, but today it is late.", "The driver said about twenty minutes.")),
    ("Kim", ("The cafe by the main door is quite cheap.",)),
)
PACE = 0.8


def speak(speaker: str, text: str) -> TrackSegment:
    pcm = NanoTTS().speak(text, voice={"Kim": "en-GB", "Lee": "en-US"}[speaker])  # once: its noise differs each time
    return TrackSegment(speaker, text, lambda: (pcm, 16_000))


def understood(track: Track, start_s: float = 0, end_s: float = 3600) -> list[str]:
    samples, rate = heard(track.mp3)
    part = samples[round(start_s * rate) : round(end_s * rate)]
    return [word.text for word in listen(np.concatenate([part, np.zeros(rate // 2)]), rate, careful=True)]


@pytest.fixture(scope="module")
def spoken() -> list[TrackSegment]:
    return [speak(speaker, " ".join(sentences)) for speaker, sentences in TURNS]


@pytest.mark.slow
def test_slow_speech_is_understood_and_takes_its_time(spoken: list[TrackSegment]) -> None:
    settings = AudioSettings(pause_ms=0, end_pause_ms=0)
    slow = kept(make_track([slowed(segment, PACE) for segment in spoken], settings, tags={}))
    with make_track(spoken, settings, tags={}) as normal:
        assert slow.samples * PACE == pytest.approx(normal.samples, rel=0.06)  # half a second of a breath, or of noise
    said = [word for segment in spoken for word in words(segment.text)]
    assert word_error(said, understood(slow)) <= 0.1


@pytest.mark.slow
def test_each_sentence_of_a_dictation_is_understood_when_it_is_heard_again(spoken: list[TrackSegment]) -> None:
    dictated = [DictationSegment(segment, sentences) for segment, (_, sentences) in zip(spoken, TURNS, strict=True)]
    track = kept(make_dictation(dictated, AudioSettings(), tags={}))
    assert len(track.placed) == 2 * sum(len(sentences) for _, sentences in TURNS)
    for place in track.placed[1::2]:
        heard_words = understood(track, place.start_s, place.end_s)
        assert word_error(words(place.text), heard_words) <= 0.2, f"{place.text}: {heard_words}"
