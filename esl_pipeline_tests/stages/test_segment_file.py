from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.stages.segment_file import from_wav, to_wav


@given(st.binary(max_size=400).filter(lambda b: len(b) % 2 == 0), st.sampled_from([16000, 22050, 24000, 44100]))
def test_samples_and_rate_come_back(pcm: bytes, sample_rate_hz: int) -> None:
    assert from_wav(to_wav(pcm, sample_rate_hz)) == (pcm, sample_rate_hz)
