"""Segments as tracks and captions are made of them, from speech that was put there by hand."""

from __future__ import annotations

import numpy as np
import pytest

from esl_pipeline.audio import PlacedSegment
from esl_pipeline.speech.timings import CharacterTimings
from esl_pipeline.stages.segment_file import TIMINGS, WAV, to_timings_file, to_wav
from esl_pipeline.stages.track_segments import MissingSegmentsError, StoredSegments
from esl_pipeline.stores.memory import MemoryArtifactStore
from esl_pipeline.stores.publication import SegmentPublication

RATE_HZ = 1000
DIALOGUE = "d" * 64
SINGLE = "5" * 64
HELLO, ANSWER = "Hi Ada!", "Good. And you?"


def timings(text: str, per_character_s: float = 0.1) -> CharacterTimings:
    starts = tuple(place * per_character_s for place in range(len(text)))
    return CharacterTimings(tuple(text), starts, tuple(start + per_character_s for start in starts))


def segment(sha256: str, text: str, begin: int, samples: int, written: str = "") -> SegmentPublication:
    return SegmentPublication(
        sha256=sha256,
        speaker="Nora",
        voice_id="v",
        voice_name="v",
        text=text,
        written=written,
        begin=begin,
        samples=samples,
        sample_rate_hz=RATE_HZ,
    )


@pytest.fixture
def speech() -> StoredSegments:
    """One request alone, and one that was cut in two; 100 samples per character."""
    artifacts = MemoryArtifactStore()
    for sha256, text in ((SINGLE, "Two."), (DIALOGUE, HELLO + ANSWER)):
        pcm = np.arange(100 * len(text), dtype="<i2").tobytes()
        artifacts.put("school", sha256, WAV, to_wav(pcm, RATE_HZ))
        artifacts.put("school", sha256, TIMINGS, to_timings_file(timings(text)))
    segments = [
        segment(SINGLE, "Two.", 0, 400, "2."),
        segment(DIALOGUE, HELLO, 0, 700),
        segment(DIALOGUE, ANSWER, 700, 1400),
        segment(SINGLE, "Two.", 0, 400, "2."),
    ]
    return StoredSegments("school", artifacts, segments)


def placed(speech: StoredSegments) -> list[PlacedSegment]:
    """Each segment two seconds after the one before, with a tenth of a second cut off before it."""
    return [
        PlacedSegment(sound.speaker, sound.text, 2.0 * place, 2.0 * place + 1.5, 0.1)
        for place, sound in enumerate(speech.sounds())
    ]


def test_each_stretch_of_a_dialogue_loads_its_own_sound_and_shows_what_is_written(speech: StoredSegments) -> None:
    sounds = speech.sounds()
    assert [sound.text for sound in sounds] == ["2.", HELLO, ANSWER, "2."]
    assert [len(sound.loaded().samples) // 2 for sound in sounds] == [400, 700, 1400, 400]
    assert np.frombuffer(sounds[2].loaded().samples, "<i2")[0] == 700


def test_words_are_heard_where_their_stretch_begins_less_what_was_cut_off(speech: StoredSegments) -> None:
    cues = speech.cues(placed(speech), words=True)
    assert [word.text for word in cues[1].words] == ["Hi", "Ada!"]
    assert [word.start_s for word in cues[1].words] == pytest.approx([2.0, 2.0 + 0.3 - 0.1])
    assert [word.start_s for word in cues[2].words] == pytest.approx([4.0, 4.0 + 0.6 - 0.1, 4.0 + 1.0 - 0.1])
    assert [word.text for word in cues[3].words] == ["2."]


def test_slowed_words_come_later(speech: StoredSegments) -> None:
    cues = speech.cues(placed(speech), words=True, pace=0.5)
    assert [word.start_s for word in cues[2].words][:2] == pytest.approx([4.0, 4.0 + 1.2 - 0.1])


def test_without_word_captions_there_are_no_words(speech: StoredSegments) -> None:
    assert [cue.words for cue in speech.cues(placed(speech), words=False)] == [()] * 4


@pytest.mark.parametrize("told", [None, CharacterTimings(("x",), (0.0,), (0.0,)), timings(HELLO)])
def test_times_that_are_missing_or_can_not_be_true_give_no_words(
    speech: StoredSegments, told: CharacterTimings | None
) -> None:
    artifacts = MemoryArtifactStore()
    if told:
        artifacts.put("school", DIALOGUE, TIMINGS, to_timings_file(told))
    doubtful = StoredSegments("school", artifacts, speech.segments[1:3])
    assert doubtful.timings() == [None, None]


def test_a_dictation_has_the_sentences_as_they_were_sent_and_as_they_are_written(speech: StoredSegments) -> None:
    two, hello, answer, _ = speech.dictated()
    assert (hello.sentences, answer.sentences) == ((HELLO,), ("Good.", "And you?"))
    assert (two.sentences, two.written) == (("Two.",), ("2.",))
    assert answer.timings is not None
    assert answer.timings.starts_s[:2] == pytest.approx([0.0, 0.1])


def test_speech_that_is_not_stored_is_told_with_its_words(speech: StoredSegments) -> None:
    with pytest.raises(MissingSegmentsError, match=r"Nora \('Two\.'\) is missing\. Run audio_segments again"):
        StoredSegments("school", MemoryArtifactStore(), speech.segments).sounds()[0].loaded()
