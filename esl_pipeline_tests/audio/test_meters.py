"""The package's meters against other implementations."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyloudnorm import Meter

from esl_pipeline.audio.loudness import LoudnessMeter
from esl_pipeline.audio.measure import measure
from esl_pipeline.audio.mp3 import FRAME_SAMPLES, encodable_length, encode
from esl_pipeline.audio.peaks import TruePeakMeter, limit, limited, true_peak_dbtp
from esl_pipeline_tests.audio.sounds import Floats, babble, peak_dbtp

Single = np.ndarray[tuple[int], np.dtype[np.float32]]


def single(sound: Floats) -> Single:
    return sound.astype(np.float32)


def loudness_lufs(sound: Single, rate: int) -> float:
    meter = LoudnessMeter(rate)
    meter.feed(sound)
    return meter.loudness_lufs()


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100, 48_000])
def test_a_tone_at_minus_23_is_measured_as_such(rate: int) -> None:
    # EBU Tech 3341, test 1, for one channel instead of two: 3 dB more give the same loudness.
    tone = 10 ** ((-23 + 3.01) / 20) * np.sin(2 * np.pi * 997 * np.arange(20 * rate) / rate)
    assert loudness_lufs(single(tone), rate) == pytest.approx(-23, abs=0.1)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.3, 4), st.sampled_from([0.0, 0.0005, 0.01, 0.2])), min_size=1, max_size=6),
    st.sampled_from([16_000, 44_100, 48_000]),
)
def test_loudness_agrees_with_pyloudnorm(parts: list[tuple[float, float]], rate: int) -> None:
    sound = np.concatenate([babble(s, rate, rms=rms, seed=n) * (rms > 0) for n, (s, rms) in enumerate(parts)])
    sound = sound[: sound.size // (rate // 10) * (rate // 10)]  # they differ in the last block that is not whole
    if sound.size < rate * 0.4:
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        theirs = Meter(rate, filter_class="DeMan").integrated_loudness(sound)
    assert loudness_lufs(single(sound), rate) == pytest.approx(max(theirs, -70), abs=0.1)


@settings(max_examples=30, deadline=None)
@given(st.floats(20, 17_000), st.floats(0, 6.28), st.floats(0.001, 1.4), st.integers(0, 99))
def test_true_peaks_agree_with_oversampling(hertz: float, phase: float, level: float, seed: int) -> None:
    # LAME leaves out what is above 17 kHz at 128 kbit/s; at 19 kHz the meters differ by up to 0.2 dB.
    tone = level * np.sin(2 * np.pi * hertz * np.arange(22_050) / 44_100 + phase) * np.hanning(22_050)
    sound = single(tone + babble(0.5, 44_100, rms=level / 20, seed=seed))
    assert true_peak_dbtp(sound) == pytest.approx(peak_dbtp(sound.astype(np.float64)), abs=0.1)


@pytest.mark.parametrize("ceiling", [-0.5, -3.0, -12.0])
def test_the_limiter_keeps_the_ceiling_and_leaves_the_rest_alone(ceiling: float) -> None:
    sound = single(np.concatenate([babble(1, 44_100, rms=0.02), babble(1, 44_100, rms=0.4), np.zeros(4410)]))
    limited = sound.copy()
    limit(limited, ceiling, 44_100)
    assert peak_dbtp(limited.astype(np.float64)) <= ceiling + 0.1
    below = np.abs(sound[:40_000]).max() < 10 ** (ceiling / 20) / 2
    assert not below or np.array_equal(limited[:40_000], sound[:40_000])
    assert np.all(np.abs(limited) <= np.abs(sound))


def test_a_limited_peak_is_turned_down_smoothly() -> None:
    sound = np.full(20_000, 0.1, np.float32)
    sound[10_000] = 1.0
    limited = sound.copy()
    limit(limited, -6.0, 44_100)
    gain = limited / sound
    assert np.abs(np.diff(gain)).max() < 0.02
    assert np.all(gain[:9_000] == 1)
    assert np.all(gain[11_000:] == 1)


def test_every_encodable_length_decodes_to_itself() -> None:
    noise = single(babble(0.5, 44_100))
    lengths = {encodable_length(wished) for wished in (0, 1, *range(3 * FRAME_SAMPLES, 4 * FRAME_SAMPLES, 11))}
    lengths |= {encodable_length(5 * FRAME_SAMPLES + rest) for rest in range(48)}
    for length in sorted(lengths):
        mp3 = io.BytesIO()
        encode([noise[:length]], mp3, 44_100, 128, {})
        assert measure(mp3).samples == length


def pieces(
    sound: np.ndarray[tuple[int], np.dtype[np.float32]], seed: int
) -> Iterator[np.ndarray[tuple[int], np.dtype[np.float32]]]:
    """Cuts a sound at random, also into pieces of a few samples or none."""
    rng = np.random.default_rng(seed)
    while sound.size:
        length = int(rng.choice([0, 1, 13, 700, 33_000, 90_000]))
        yield sound[:length]
        sound = sound[length:]


@pytest.mark.parametrize("seed", range(5))
def test_meters_hear_the_same_in_pieces_as_in_one(seed: int) -> None:
    sound = single(np.concatenate([babble(4 + seed / 7, 44_100, rms=0.2, seed=seed), np.zeros(999)]))
    loudness, peak = LoudnessMeter(44_100), TruePeakMeter()
    for piece in pieces(sound, seed):
        loudness.feed(piece)
        peak.feed(piece)
    assert loudness.loudness_lufs() == pytest.approx(loudness_lufs(sound, 44_100), abs=1e-6)
    assert peak.peak_dbtp() == pytest.approx(true_peak_dbtp(sound), abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_the_limiter_does_the_same_in_pieces_as_in_one(seed: int) -> None:
    sound = single(babble(6, 44_100, rms=0.3, seed=seed))
    whole = sound.copy()
    limit(whole, -3.0, 44_100)
    in_pieces = np.concatenate(list(limited(pieces(sound, seed), -3.0, 44_100)))
    assert np.abs(whole - sound).max() > 0.1
    assert in_pieces == pytest.approx(whole, abs=1e-5)
