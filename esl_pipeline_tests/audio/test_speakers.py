from __future__ import annotations

import io

import pytest

from esl_pipeline.audio import loudness_by_speaker_lufs, make_track
from esl_pipeline_tests.audio.sounds import SETTINGS, babble, content, heard, kept, loudness_lufs, segment


def test_each_speaker_is_measured_in_all_they_say_and_nothing_else() -> None:
    said = [("Kim", 0.02, 4.0), ("Ada", 0.08, 3.0), ("Kim", 0.05, 2.5)]
    parts = [segment(babble(length, rms=rms, seed=seed), who) for seed, (who, rms, length) in enumerate(said)]
    made = kept(make_track(parts, SETTINGS, tags={}))
    samples, rate_hz = heard(made.mp3)
    found = loudness_by_speaker_lufs(made.mp3, made.placed)
    assert list(found) == ["Kim", "Ada"]
    ada = made.placed[1]
    alone = samples[round(ada.start_s * rate_hz) : round(ada.end_s * rate_hz)]
    assert found["Ada"] == pytest.approx(loudness_lufs(alone, rate_hz), abs=0.2)
    assert abs(found["Kim"] - found["Ada"]) < 1


def test_what_is_no_track_is_refused() -> None:
    made = kept(make_track([segment(babble(1))], SETTINGS, tags={}))
    with pytest.raises(ValueError, match="no MP3"):
        loudness_by_speaker_lufs(io.BytesIO(b"no sound"), made.placed)
    assert loudness_by_speaker_lufs(io.BytesIO(content(made)), []) == {}
