from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import pytest

from esl_pipeline.audio import measure
from esl_pipeline.stages.segment_file import from_wav
from esl_pipeline_tests.audio.sounds import heard, loudness_lufs
from esl_pipeline_tests.recogniser import listen, word_error, words
from esl_pipeline_tests.sandboxed import Sandboxed

pytestmark = pytest.mark.slow
PAUSES_S = {"turn": 0.6, "paragraph": 0.45, "sentence": 0.2}
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.md"))


@pytest.mark.parametrize("lesson", EXAMPLES, ids=lambda path: path.stem)
def test_the_study_text_of_an_example_is_what_a_student_hears(sandbox: Sandboxed, lesson: Path) -> None:
    record = sandbox.publish(lesson, lesson.stem, tenant="heard")
    assert record.status == "succeeded"
    mp3 = Path(record.audio.path or "").read_bytes()
    said = words(" ".join(segment.text for segment in record.audio.segments))
    understood = [word.text for word in listen(*heard(io.BytesIO(mp3)))]
    assert word_error(numbers_in_words(said), numbers_in_words(understood)) <= 0.10, " ".join(understood)


@pytest.mark.parametrize("lesson", EXAMPLES, ids=lambda path: path.stem)
def test_the_track_is_as_long_as_its_segments_and_pauses_and_as_loud_as_asked(sandbox: Sandboxed, lesson: Path) -> None:
    record = sandbox.publish(lesson, lesson.stem, tenant="heard")
    publication = sandbox.pipeline().providers.publications.read("heard", lesson.stem)
    assert publication is not None
    assert publication.audio is not None
    mp3 = Path(record.audio.path or "").read_bytes()
    samples, rate_hz = heard(io.BytesIO(mp3))
    assert samples.size == publication.audio.samples == measure(io.BytesIO(mp3)).samples
    assert record.audio.duration_s == pytest.approx(samples.size / rate_hz, abs=0.001)
    assert abs(loudness_lufs(samples, rate_hz) - -16.0) <= 0.5
    assert publication.speech is not None
    cues = publication.audio.cues
    for segment, (before, after) in zip(publication.speech.segments, pairwise(cues), strict=False):
        assert after.start_s - before.end_s == pytest.approx(PAUSES_S[segment.pause_after], abs=2 / rate_hz)
    assert samples.size / rate_hz - cues[-1].end_s == pytest.approx(0.5, abs=0.002)


def numbers_in_words(said: list[str]) -> list[str]:
    """Numbers as they are read, where a recogniser may write either."""
    read = {"20": "twenty", "10": "ten", "2": "two", "7": "seven", "9": "nine", "42": "forty two", "5": "five"}
    return [word for text in said for word in read.get(text, text).split()]


def test_no_segment_is_cut_in_the_store(sandbox: Sandboxed) -> None:
    record = sandbox.publish(EXAMPLES[0], EXAMPLES[0].stem, tenant="heard")
    publication = sandbox.pipeline().providers.publications.read("heard", EXAMPLES[0].stem)
    assert publication is not None
    assert publication.speech is not None
    artifacts = sandbox.pipeline().providers.artifacts
    for segment, answer in zip(publication.speech.segments, record.audio.segments, strict=True):
        pcm, rate_hz = from_wav(artifacts.get("heard", segment.sha256, ".wav"))
        assert (len(pcm) // 2, rate_hz) == (segment.samples, segment.sample_rate_hz)
        assert segment.text == answer.text
