from __future__ import annotations

import pytest

from esl_pipeline.stages.run_stage import failure_kind
from esl_pipeline.stages.track_length import LONGEST_S, TrackTooLongError, check_length
from esl_pipeline.stores.publication import SegmentPublication


def segment(seconds: float) -> SegmentPublication:
    return SegmentPublication(
        sha256="a" * 64,
        speaker="Kim",
        voice_id="v",
        voice_name="V",
        text="a",
        samples=int(seconds * 24_000),
        sample_rate_hz=24_000,
    )


def test_speech_up_to_the_limit_becomes_a_track() -> None:
    check_length([segment(LONGEST_S / 2), segment(LONGEST_S / 2)])


def test_longer_speech_is_refused_for_good_in_hours() -> None:
    with pytest.raises(TrackTooLongError, match=r"lasts 3\.5 hours; 3 are the limit") as refused:
        check_length([segment(LONGEST_S), segment(1800)])
    assert failure_kind(refused.value) == "rejected"
