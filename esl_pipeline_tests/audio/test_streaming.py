"""A track needs no more memory than a short one, leaves nothing behind, and is the same wherever it is made."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import pytest

from esl_pipeline.audio import TrackSegment, make_track
from esl_pipeline.audio.mp3 import FRAME_SAMPLES
from esl_pipeline_tests.audio.long_track import TAGS, Made, dialogue, made_elsewhere
from esl_pipeline_tests.audio.sounds import SETTINGS, babble, segment


@pytest.fixture(scope="module")
def two_minutes() -> Made:
    return made_elsewhere(2)


def test_memory_does_not_grow_with_the_length(two_minutes: Made) -> None:
    eight_minutes = made_elsewhere(8)
    assert eight_minutes.minutes == pytest.approx(8, abs=0.2)
    assert eight_minutes.own_mib - two_minutes.own_mib < 20  # six minutes of samples are 61 MiB


def test_another_process_makes_the_same_bytes(two_minutes: Made) -> None:
    with make_track(dialogue(2), SETTINGS, tags=TAGS) as track:
        assert hashlib.sha256(track.mp3.read()).hexdigest() == track.sha256 == two_minutes.sha256
        assert track.samples % FRAME_SAMPLES == 0 or track.samples % FRAME_SAMPLES >= 47


def test_segments_are_loaded_one_at_a_time_and_once() -> None:
    loaded: list[int] = []

    def numbered(number: int) -> TrackSegment:
        sound = segment(babble(0.3, seed=number))

        def load() -> tuple[bytes, int]:
            loaded.append(number)
            return sound.load()

        return TrackSegment("Kim", "Hello.", load)

    segments = [numbered(number) for number in range(5)]
    assert loaded == []
    with make_track(segments, SETTINGS, tags={}):
        assert loaded == [0, 1, 2, 3, 4]


def test_no_file_has_a_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[list[Path]] = []

    def load() -> tuple[bytes, int]:
        seen.append(list(tmp_path.rglob("*")))
        return segment(babble(1)).load()

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with make_track([TrackSegment("Kim", "Hello.", load)] * 3, SETTINGS, tags={}) as track:
        assert track.mp3.read(3) == b"ID3"
        assert [*seen, list(tmp_path.rglob("*"))] == [[], [], [], []]


def test_what_a_segment_raises_is_told_and_nothing_is_left_open() -> None:
    def load() -> tuple[bytes, int]:
        raise OSError("the store is away")

    with pytest.raises(OSError, match="the store is away"):
        make_track([segment(babble(1)), TrackSegment("Lee", "Hi.", load)], SETTINGS, tags={})
