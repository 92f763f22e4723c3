"""Quiet moments, and sounds that are cut in them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_nanotts import NanoTTS

from esl_pipeline.audio import cut, pauses
from esl_pipeline.speech import CharacterTimings
from esl_pipeline_tests.audio.sounds import Floats, babble, pcm

RATE = 24_000
SENTENCES = (
    "I usually get up at seven.",
    "Do you?",
    "My sister, who lives in Leeds, never gets up before ten, and she is always late.",
    "That is a pity.",
)


def gapped(*seconds: float, rms: float = 0.05, noise: float = 0.0) -> Floats:
    """Speech and silence by turns, with the noise of a room all over it."""
    parts = [babble(s, RATE, rms=rms, seed=n) * (n % 2 == 0) for n, s in enumerate(seconds)]
    sound = np.concatenate(parts)
    return sound + np.random.default_rng(0).normal(size=sound.size) * noise


@pytest.mark.parametrize("rms", [0.002, 0.05, 0.25])
@pytest.mark.parametrize("below_speech_db", [120, 45, 30, 25])
def test_pauses_are_found_at_any_level_and_in_noise(rms: float, below_speech_db: float) -> None:
    sound = gapped(1.5, 0.4, 2, 0.2, 1, rms=rms, noise=rms * 10 ** (-below_speech_db / 20))
    long = [(start, end) for start, end in pauses(pcm(sound), RATE) if end - start > 0.15]
    assert np.array(long) == pytest.approx(np.array([(1.5, 1.9), (3.9, 4.1)]), abs=0.03)


def test_speech_without_a_pause_has_none() -> None:
    assert pauses(pcm(babble(3, RATE)), RATE) == ()


@pytest.mark.parametrize("samples", [0, 1, 100, 24_000])
def test_silence_is_one_pause(samples: int) -> None:
    found = pauses(pcm(np.zeros(samples)), RATE)
    assert found == (((0.0, samples / RATE),) if samples / RATE > 0.08 else ())


def test_a_voice_is_cut_between_its_sentences() -> None:
    voice = NanoTTS()
    spoken = [voice.speak(sentence, voice="en-GB") for sentence in SENTENCES]
    edges = np.cumsum([len(sound) // 2 for sound in spoken])[:-1] / 16_000
    places = cut(b"".join(spoken), 16_000, [len(sentence) for sentence in SENTENCES])
    assert [begin / 16_000 for begin, _ in places[1:]] == pytest.approx(edges, abs=0.25)
    assert sum(samples for _, samples in places) == sum(len(sound) // 2 for sound in spoken)


def test_timings_decide_where_the_characters_mislead() -> None:
    sound = pcm(gapped(2, 0.4, 2, 0.15, 0.6))
    times = np.concatenate([np.linspace(0, 4, 6)[:-1], [4.6, 4.7, 4.8, 4.9, 5.0]])
    timings = CharacterTimings(tuple("aaaaabbbbb"), tuple(times), (*times[1:5], 4.38, *times[6:], 5.15))
    assert cut(sound, RATE, [5, 5])[1][0] / RATE == pytest.approx(2.2, abs=0.03)
    ((_, first), (begin, _)) = cut(sound, RATE, [5, 5], timings)
    assert begin == first
    assert begin / RATE == pytest.approx(4.475, abs=0.03)


def test_without_a_pause_the_quietest_moment_near_the_told_time_is_taken() -> None:
    sound = babble(4, RATE)
    sound[round(2.03 * RATE) : round(2.06 * RATE)] *= 0.01  # too short for a pause
    times = np.linspace(0, 4, 11)
    timings = CharacterTimings(tuple("aaaaabbbbb"), tuple(times[:-1]), tuple(times[1:]))
    (_, (begin, _)) = cut(pcm(sound), RATE, [5, 5], timings)
    assert 2.03 <= begin / RATE <= 2.06


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0.01, 0.8), min_size=1, max_size=6),
    st.lists(st.integers(1, 40), min_size=1, max_size=8),
    st.sampled_from([8_000, 16_000, 22_050, 44_100]),
)
def test_stretches_are_the_whole_sound_and_none_is_empty(
    seconds: list[float], weights: list[int], rate_hz: int
) -> None:
    sound = pcm(gapped(*seconds))
    places = cut(sound, rate_hz, weights)
    assert len(places) == len(weights)
    assert all(samples > 0 for _, samples in places)
    ends = [0, *(begin + samples for begin, samples in places)]
    assert [begin for begin, _ in places] == ends[:-1]
    assert ends[-1] == len(sound) // 2


@pytest.mark.parametrize(("sound", "weights"), [(b"", [1]), (b"\0" * 6, [1, 1, 1, 1]), (b"\0" * 7, [1]), (b"\0\0", [])])
def test_what_cannot_be_cut_is_refused(sound: bytes, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="can't be cut"):
        cut(sound, RATE, weights)
