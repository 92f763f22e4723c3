from __future__ import annotations

import numpy as np
import pytest

from esl_pipeline.clients.sounds import samples_of
from esl_pipeline_tests.clients.sound_files import mp3, tone, wav

TONE = tone(0.5, 24_000)


@pytest.mark.parametrize("content_type", ["audio/pcm", "application/octet-stream", "", "audio/pcm; rate=24000"])
def test_raw_samples_are_taken_as_they_are(content_type: str) -> None:
    assert samples_of(TONE, content_type, 24_000) == (TONE, 24_000)


@pytest.mark.parametrize("content_type", ["audio/wav", "audio/pcm", "", "application/octet-stream"])
def test_a_wav_is_unpacked_whatever_it_is_called(content_type: str) -> None:
    assert samples_of(wav(TONE, 16_000), content_type, 24_000) == (TONE, 16_000)


def test_two_channels_become_one() -> None:
    sound = samples_of(wav(TONE, 24_000, channels=2), "audio/wav", None)
    assert sound is not None
    difference = np.frombuffer(sound[0], "<i2").astype(int) - np.frombuffer(TONE, "<i2")
    assert np.abs(difference).max() <= 1


def test_an_mp3_sounds_as_it_did() -> None:
    sound = samples_of(mp3(tone(1.0, 24_000), 24_000), "audio/mpeg", None)
    assert sound is not None
    assert sound[1] == 24_000
    heard = np.frombuffer(sound[0], "<i2").astype(float)
    loudest = np.abs(np.fft.rfft(heard)).argmax() * sound[1] / heard.size
    assert loudest == pytest.approx(440, abs=2)


@pytest.mark.parametrize("rate_hz", [24_000, None])
@pytest.mark.parametrize("content", [b"", b"\x01\x00\x01", b"RIFF", b"ID3", b"OggS\x00\x00", b"<html>abc</html>!"])
def test_what_is_no_whole_sound_is_none(content: bytes, rate_hz: int | None) -> None:
    assert samples_of(content, "audio/mpeg" if rate_hz is None else "audio/pcm", rate_hz) is None
