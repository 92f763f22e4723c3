"""Each sentence, time to write it, and the sentence again."""

from __future__ import annotations

import io
from itertools import pairwise

import av
import numpy as np
import pytest

from esl_pipeline.audio import DictationSegment, Track, TrackSegment, TruncatedSegmentError, make_dictation
from esl_pipeline.manifests.settings import AudioSettings
from esl_pipeline_tests.audio.sounds import babble, content, heard, kept, loudness_lufs, pcm, peak_dbtp, segment

AUDIO = AudioSettings(pause_ms=1200, end_pause_ms=500)
FIRST, SECOND = "One long sentence that goes on for some time.", "No."


def dictated(settings: AudioSettings = AUDIO) -> Track:
    """A turn of two sentences (3 s and 0.4 s), and one of another speaker's (1.5 s)."""
    two = np.concatenate([babble(3, seed=1), np.zeros(12_000), babble(0.4, seed=2)])
    turns = [
        DictationSegment(segment(two, text=f"{FIRST} {SECOND}"), (FIRST, SECOND)),
        DictationSegment(segment(babble(1.5, seed=3, rms=0.02), "Lee", text="Really?"), ("Really?",)),
    ]
    return kept(make_dictation(turns, settings, tags={"title": "Dictation"}))


def test_each_sentence_is_heard_twice() -> None:
    made = dictated()
    said = [(part.speaker, part.text) for part in made.placed]
    assert said == [("Kim", FIRST)] * 2 + [("Kim", SECOND)] * 2 + [("Lee", "Really?")] * 2
    lengths = [part.end_s - part.start_s for part in made.placed]
    assert lengths[::2] == pytest.approx(lengths[1::2], abs=1e-9)
    assert lengths[::2] == pytest.approx([3 + 0.2, 0.4 + 0.1, 1.5], abs=0.05)  # a breath stays at the cut
    samples, rate = heard(made.mp3)
    for first, again in list(pairwise(made.placed))[::2]:
        a, b = (samples[round(p.start_s * rate) :][: round(lengths[0] * rate) // 8] for p in (first, again))
        assert np.corrcoef(a, b)[0, 1] > 0.99


def test_the_pause_between_is_as_long_as_the_sentence_and_a_second_at_least() -> None:
    made = dictated()
    lengths = [part.end_s - part.start_s for part in made.placed]
    gaps = [after.start_s - before.end_s for before, after in pairwise(made.placed)]
    assert gaps == pytest.approx([lengths[0], 1.2, 1.0, 1.2, lengths[4]], abs=1e-4)
    samples, _ = heard(made.mp3)
    assert samples.size == made.samples
    planned = sum(lengths) + sum(gaps) + 0.5
    assert 0 <= made.samples - round(planned * 44_100) <= 46 + 1


def test_a_dictation_is_levelled_as_the_track_is() -> None:
    made = dictated()
    samples, rate = heard(made.mp3)
    assert loudness_lufs(samples, rate) == pytest.approx(-16, abs=0.5)
    assert peak_dbtp(samples) <= -1
    assert content(dictated()) == content(made)


def test_chapters_are_the_turns() -> None:
    with av.open(io.BytesIO(content(dictated())), "r") as container:
        titles = [chapter["metadata"]["title"] for chapter in container.chapters()]
    assert titles == [f"Kim: {FIRST}", "Lee: Really?"]


def test_captions_show_what_is_written_where_that_differs() -> None:
    priced = DictationSegment(segment(babble(2)), ("It costs five pounds.",), written=("It costs £5.",))
    made = kept(make_dictation([priced], AUDIO, tags={}))
    assert [cue.text for cue in made.cues] == ["It costs £5."] * 2


@pytest.mark.parametrize(("sentences", "written"), [((), ()), (("",), ()), (("A.", ""), ()), (("A.", "B."), ("A.",))])
def test_a_segment_without_its_sentences_is_refused(sentences: tuple[str, ...], written: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="dictation of Kim"):
        DictationSegment(segment(babble(1)), sentences, written=written)


def test_a_dictation_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one segment"):
        make_dictation([], AUDIO, tags={})


def test_damaged_speech_is_not_dictated() -> None:
    samples = pcm(babble(1))
    short = TrackSegment("Lee", "How much?", lambda: (samples, 24_000), "turn", 0, 30_000)
    with pytest.raises(TruncatedSegmentError):
        make_dictation([DictationSegment(short, ("How much?",))], AUDIO, tags={})
