"""Slow speech has the pitch it had."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from py_nanotts import NanoTTS

from esl_pipeline.audio import TrackSegment, TruncatedSegmentError, slowed
from esl_pipeline_tests.audio.sounds import Floats, babble, pcm, segment

PACES = (0.5, 0.7, 0.8, 0.95, 1.0, 1.2, 2.0)


def floats(samples: bytes) -> Floats:
    return np.frombuffer(samples, "<i2") / 32768


def pitches_hz(sound: Floats, rate_hz: int) -> Floats:
    """Returns the pitch of each 50 ms that has a clear one, by autocorrelation."""
    frame, lags = round(rate_hz * 0.05), np.arange(round(rate_hz / 350), round(rate_hz / 70))
    found = []
    for start in range(0, sound.size - frame - int(lags[-1]), frame):
        window = sound[start : start + frame]
        energy = float(window @ window)
        later = [sound[start + lag : start + lag + frame] for lag in lags]
        likeness = np.array([window @ part / np.sqrt(energy * (part @ part) + 1e-9) for part in later])
        if energy > frame * 1e-4 and likeness.max() > 0.9:
            found.append(rate_hz / lags[np.flatnonzero(likeness > 0.97 * likeness.max())[0]])
    return np.array(found)


@pytest.mark.parametrize("pace", PACES)
def test_a_voice_keeps_its_pitch_and_takes_its_time(pace: float) -> None:
    spoken = NanoTTS().speak("The weather was lovely, and we all went for a long walk in the woods.", voice="en-GB")
    own = TrackSegment("Kim", "The weather was lovely.", lambda: (spoken, 16_000))
    slow, rate_hz = slowed(own, pace).load()
    assert rate_hz == 16_000
    assert len(slow) // 2 == round(len(spoken) // 2 / pace)
    before, after = (pitches_hz(floats(samples), rate_hz) for samples in (spoken, slow))
    assert min(before.size, after.size) > 5
    assert np.median(after) == pytest.approx(np.median(before), rel=0.05)


@pytest.mark.parametrize("pace", PACES)
def test_a_tone_keeps_its_frequency_and_level_to_the_end(pace: float) -> None:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(72_000) / 24_000)
    sound = floats(slowed(segment(tone), pace).load()[0])
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.size)))
    assert np.argmax(spectrum) * 24_000 / sound.size == pytest.approx(440, abs=3)
    assert np.sqrt(np.mean(sound[-2400:] ** 2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.1)


@pytest.mark.parametrize("samples", [0, 1, 2, 100, 1_000, 70_000])
def test_any_length_is_divided_by_the_pace(samples: int) -> None:
    sound = pcm(babble(3))[: 2 * samples]
    slow, _ = slowed(TrackSegment("Kim", "Hi.", lambda: (sound, 24_000)), 0.8).load()
    assert len(slow) == 2 * round(samples / 0.8)


def test_a_stretch_of_a_longer_sound_is_slowed_alone() -> None:
    sound = pcm(babble(3))
    whole = TrackSegment("Kim", "Hi.", lambda: (sound, 24_000), "paragraph", 10_000, 24_000)
    slow = slowed(whole, 0.8)
    assert len(slow.loaded().samples) == 2 * 30_000
    assert slow.pause_after == "paragraph"


def test_slow_speech_is_the_same_bytes_each_time() -> None:
    first, second = (hashlib.sha256(slowed(segment(babble(4)), 0.8).load()[0]).digest() for _ in range(2))
    assert first == second


@pytest.mark.parametrize("pace", [0.0, 0.49, 2.01, -1.0, float("nan")])
def test_a_pace_that_is_none_is_refused(pace: float) -> None:
    with pytest.raises(ValueError, match=r"from 0\.5 to 2"):
        slowed(segment(babble(1)), pace)


def test_damaged_speech_is_not_slowed() -> None:
    short = TrackSegment("Lee", "How much?", lambda: (b"\0" * 40, 24_000), "turn", 0, 21)
    with pytest.raises(TruncatedSegmentError):
        slowed(short, 0.8).load()
