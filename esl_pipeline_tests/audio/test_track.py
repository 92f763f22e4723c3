from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import pairwise

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esl_pipeline.audio import Track, TrackSegment, TruncatedSegmentError, make_track, measure, track_tags
from esl_pipeline.manifests.settings import AudioSettings
from esl_pipeline.speech.segments import PauseKind
from esl_pipeline_tests.audio.sounds import (
    SETTINGS,
    Floats,
    babble,
    content,
    heard,
    kept,
    loudness_lufs,
    pcm,
    peak_dbtp,
    segment,
)

RATE = 44_100
TAGS = track_tags(title="At the café", artist="Zoë", album="English lessons", language="en", year=2026)


def track(segments: Sequence[TrackSegment], audio: AudioSettings = SETTINGS) -> Track:
    return kept(make_track(segments, audio, tags=TAGS))


def dialogue(turns: int = 6, seconds: float = 1.5) -> list[TrackSegment]:
    """Kim at 24 kHz, Lee at 16 kHz and 20 dB quieter."""
    kim = [segment(babble(seconds, seed=n, rms=0.1), "Kim", text=f"Kim's turn {n}") for n in range(0, turns, 2)]
    lee = [segment(babble(seconds, 16_000, seed=n, rms=0.01), "Lee", 16_000) for n in range(1, turns, 2)]
    return [turn for pair in zip(kim, lee, strict=True) for turn in pair]


def test_a_track_decodes_to_the_samples_that_were_planned() -> None:
    made = track(dialogue())
    samples, rate = heard(made.mp3)
    assert (samples.size, rate) == (made.samples, made.sample_rate_hz) == (made.samples, RATE)
    planned = 6 * 1.5 + 5 * 0.6 + 0.5
    assert 0 <= made.samples - round(planned * RATE) <= 46  # MP3 has no last frame of 1 to 46 samples


def test_cues_are_where_the_segments_were_put() -> None:
    made = track(dialogue())
    starts = [2.1 * n for n in range(6)]
    assert [cue.start_s for cue in made.cues] == pytest.approx(starts, abs=1e-9)
    assert [cue.end_s for cue in made.cues] == pytest.approx([start + 1.5 for start in starts], abs=1e-9)
    assert [cue.speaker for cue in made.cues] == ["Kim", "Lee"] * 3
    samples, _ = heard(made.mp3)
    for before, after in zip(made.cues, made.cues[1:], strict=False):
        pause = samples[round((before.end_s + 0.02) * RATE) : round((after.start_s - 0.02) * RATE)]
        assert np.abs(pause).max() < 0.003


def test_loudness_and_peak_are_those_of_the_settings() -> None:
    for target, peak in ((-16.0, -1.0), (-19.0, -1.5), (-23.0, -6.0)):
        made = track(dialogue(), AudioSettings(loudness_lufs=target, true_peak_dbtp=peak))
        samples, rate = heard(made.mp3)
        assert loudness_lufs(samples, rate) == pytest.approx(target, abs=0.5)
        assert peak_dbtp(samples) <= peak
        assert made.loudness_lufs == pytest.approx(loudness_lufs(samples, rate), abs=0.1)
        assert made.true_peak_dbtp == pytest.approx(peak_dbtp(samples), abs=0.05)


@pytest.mark.parametrize("bitrate_kbps", [32, 64, 96, 128, 192, 224, 256, 320])
def test_every_bit_rate_gives_the_same_length_and_loudness(bitrate_kbps: int) -> None:
    made = track(dialogue(2), AudioSettings(bitrate_kbps=bitrate_kbps))
    samples, rate = heard(made.mp3)
    assert samples.size == made.samples
    assert loudness_lufs(samples, rate) == pytest.approx(-16, abs=0.5)
    assert len(content(made)) * 8 / (made.samples / RATE) == pytest.approx(bitrate_kbps * 1000, rel=0.2)


def test_the_peak_is_kept_where_few_bits_move_it_again_and_again() -> None:
    voices = [segment(babble(3, seed=1), "Kim"), segment(babble(3, seed=2, rms=0.02), "Lee")]
    made = track(voices, AudioSettings(bitrate_kbps=32))
    samples, rate = heard(made.mp3)
    assert peak_dbtp(samples) <= -1
    assert loudness_lufs(samples, rate) == pytest.approx(-16, abs=0.5)


def test_a_quiet_speaker_is_as_loud_as_the_others() -> None:
    made = track(dialogue())
    samples, rate = heard(made.mp3)
    by_speaker = [
        np.concatenate(
            [samples[round(c.start_s * rate) : round(c.end_s * rate)] for c in made.cues if c.speaker == name]
        )
        for name in ("Kim", "Lee")
    ]
    kim, lee = (loudness_lufs(sound, rate) for sound in by_speaker)
    assert kim == pytest.approx(lee, abs=0.5)


def test_speakers_with_a_spread_of_6_lu_come_out_within_1_lu() -> None:
    levels = {"Kim": 0.14, "Lee": 0.1, "Zoë": 0.07}  # 20 log 2 = 6 LU
    segments = [
        segment(babble(2 + n % 3, rms=level, seed=7 * n), speaker, text=speaker)
        for n in range(3)
        for speaker, level in levels.items()
    ]
    made = track(segments)
    samples, rate = heard(made.mp3)
    spread = [loudness_lufs(said_by(made, speaker, samples), rate) for speaker in levels]
    assert max(spread) - min(spread) < 1


def said_by(made: Track, speaker: str, samples: Floats) -> Floats:
    said = [c for c in made.placed if c.speaker == speaker]
    return np.concatenate([samples[round(c.start_s * RATE) : round(c.end_s * RATE)] for c in said])


def test_pauses_are_as_long_as_what_ends_there_wants() -> None:
    audio = AudioSettings(pause_ms=700, paragraph_pause_ms=400, sentence_pause_ms=100, end_pause_ms=1000)
    kinds: tuple[PauseKind, ...] = ("paragraph", "sentence", "turn", "paragraph")
    made = track([segment(babble(1, seed=n), pause_after=kind) for n, kind in enumerate(kinds)], audio)
    gaps = [after.start_s - before.end_s for before, after in pairwise(made.placed)]
    assert gaps == pytest.approx([0.4, 0.1, 0.7], abs=1e-6)
    assert made.samples / RATE - made.placed[-1].end_s == pytest.approx(1, abs=0.0011)  # MP3 may need 46 samples more


def test_a_stretch_of_a_longer_sound_is_heard_alone() -> None:
    tones = [0.3 * np.sin(2 * np.pi * hertz * np.arange(24_000) / 24_000) for hertz in (300, 1200, 500)]
    samples = pcm(np.concatenate(tones))
    middle = TrackSegment("Lee", "Two.", lambda: (samples, 24_000), "turn", 24_000, 24_000)
    made = track([middle])
    sound, rate = heard(made.mp3)
    spectrum = np.abs(np.fft.rfft(sound[: rate // 2]))
    assert np.argmax(spectrum) * 2 == pytest.approx(1200, abs=5)
    assert made.placed[0].end_s == pytest.approx(1, abs=0.001)


def test_what_was_cut_off_at_the_front_is_known() -> None:
    second = np.concatenate([np.zeros(24_000), babble(1, seed=1), np.zeros(24_000)])
    made = track([segment(babble(1) + 0.02), segment(second)])
    placed = made.placed[1]
    assert placed.start_s == pytest.approx(1.6, abs=0.001)
    assert placed.head_trim_s == pytest.approx(0.9, abs=0.01)
    samples, rate = heard(made.mp3)
    begins_s = np.flatnonzero(np.abs(samples[round(1.4 * rate) :]) > 0.005)[0] / rate + 1.4
    assert placed.start_s + 1.0 - placed.head_trim_s == pytest.approx(begins_s, abs=0.02)


def test_a_speakers_whisper_stays_quieter_than_their_shout() -> None:
    shout, whisper = babble(1, rms=0.1), babble(1, rms=0.01, seed=1)
    made = track([segment(shout), segment(whisper)])
    samples, rate = heard(made.mp3)
    loud, quiet = (np.sqrt(np.mean(samples[round(c.start_s * rate) : round(c.end_s * rate)] ** 2)) for c in made.cues)
    assert 20 * np.log10(loud / quiet) == pytest.approx(20, abs=1)


def test_the_same_input_gives_the_same_bytes() -> None:
    assert content(track(dialogue())) == content(track(dialogue()))


def test_tags_and_chapters_are_in_the_file() -> None:
    made = track(dialogue())
    with av.open(io.BytesIO(content(made)), "r") as container:
        tags = container.metadata
        assert (tags["title"], tags["artist"], tags["language"]) == ("At the café", "Zoë", "eng")
        assert tags["album"]
        chapters = container.chapters()
    assert [chapter["metadata"]["title"] for chapter in chapters[:2]] == ["Kim: Kim's turn 0", "Lee: Hello."]
    starts = [chapter["start"] * float(chapter["time_base"] or 0) for chapter in chapters]
    assert starts == pytest.approx([cue.start_s for cue in made.cues], abs=0.001)
    assert chapters[-1]["end"] * float(chapters[-1]["time_base"] or 0) == pytest.approx(made.samples / RATE, abs=0.001)


def test_a_single_word_is_a_track() -> None:
    made = track([segment(babble(0.25))])
    samples, rate = heard(made.mp3)
    assert samples.size == made.samples
    assert loudness_lufs(samples, rate) == pytest.approx(-16, abs=0.5)
    assert peak_dbtp(samples) <= -1


@pytest.mark.parametrize("samples", [0, 1, 2, 25, 24_000])
def test_silence_stays_silence(samples: int) -> None:
    made = track([segment(np.zeros(samples))], AudioSettings(pause_ms=0, end_pause_ms=0))
    decoded, _ = heard(made.mp3)
    assert decoded.size == made.samples
    assert np.abs(decoded).max() < 1e-4
    assert made.loudness_lufs == -70


def test_a_silent_speaker_does_not_change_the_others() -> None:
    made = track([segment(babble(2)), segment(np.zeros(24_000), "Lee"), segment(babble(2, seed=1))])
    samples, rate = heard(made.mp3)
    assert loudness_lufs(samples, rate) == pytest.approx(-16, abs=0.5)


def test_sound_that_was_clipped_is_turned_down() -> None:
    made = track([segment(babble(2, rms=0.9))])
    samples, rate = heard(made.mp3)
    assert loudness_lufs(samples, rate) == pytest.approx(-16, abs=0.5)
    assert peak_dbtp(samples) <= -1


def test_a_click_does_not_break_the_peak() -> None:
    sound = babble(3, rms=0.003)
    sound[40_000:40_003] = [0.9, -0.9, 0.9]
    made = track([segment(sound)])
    samples, rate = heard(made.mp3)
    assert peak_dbtp(samples) <= -1
    assert loudness_lufs(samples, rate) < -16  # it would have to be crushed by more than 12 dB


def test_sample_rates_may_differ() -> None:
    rates = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000]
    made = track([segment(babble(1, rate, seed=rate), "Kim", rate) for rate in rates])
    assert heard(made.mp3)[0].size == made.samples
    assert [cue.end_s - cue.start_s for cue in made.cues] == pytest.approx([1.0] * 6, abs=1 / RATE)


def test_two_hundred_turns_have_two_hundred_cues_and_chapters() -> None:
    made = track([segment(babble(0.2, seed=n), f"Speaker {n % 3}") for n in range(200)], AudioSettings(pause_ms=50))
    assert heard(made.mp3)[0].size == made.samples
    assert len(made.cues) == 200
    with av.open(io.BytesIO(content(made)), "r") as container:
        assert len(container.chapters()) == 200


def test_more_turns_than_an_mp3_has_chapters_share_them() -> None:
    made = track([segment(babble(0.05, seed=n)) for n in range(300)], AudioSettings(pause_ms=0))
    assert len(made.cues) == 300
    with av.open(io.BytesIO(content(made)), "r") as container:
        assert len(container.chapters()) == 150


def test_long_silence_at_the_ends_of_a_segment_goes_and_a_breath_stays() -> None:
    quiet = np.zeros(24_000)
    made = track([segment(np.concatenate([quiet, babble(1) + 0.02, quiet]))])
    (cue,) = made.cues
    assert cue.end_s - cue.start_s == pytest.approx(0.1 + 1 + 0.2, abs=0.001)


def test_segments_begin_and_end_without_a_click() -> None:
    tone = 0.2 * np.cos(2 * np.pi * 440 * np.arange(24_000) / 24_000)
    samples, _ = heard(track([segment(tone), segment(tone)]).mp3)
    assert np.abs(samples[:20]).max() < 0.02
    assert np.abs(np.diff(samples)).max() < 0.03  # a cut in the tone would be a step of 0.2


def test_a_track_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one segment"):
        track([])


@pytest.mark.parametrize(
    ("samples", "begin", "wanted"), [(b"\0" * 47, 0, None), (b"\0" * 46, 0, 24), (b"\0" * 48, 20, 5), (b"", 1, None)]
)
def test_a_damaged_segment_never_gets_into_the_mix(samples: bytes, begin: int, wanted: int | None) -> None:
    damaged = TrackSegment("Lee", "How much is it?", lambda: (samples, 24_000), "turn", begin, wanted)
    with pytest.raises(TruncatedSegmentError, match="of Lee"):
        track([segment(babble(1)), damaged])


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="Kim"):
        track([TrackSegment("Kim", "Hi", lambda: (b"\0\0", 0))])


@pytest.mark.parametrize("damaged", [b"", b"ID3", b"this is text, not sound " * 100])
def test_what_is_no_mp3_is_not_measured(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="no MP3"):
        measure(damaged)


SEGMENTS = st.builds(
    lambda seconds, rate, rms, seed, speaker: segment(babble(seconds, rate, rms=rms, seed=seed), speaker, rate),
    st.floats(0.0, 1.2),
    st.sampled_from([8_000, 16_000, 22_050, 24_000, 44_100]),
    st.sampled_from([0.0, 0.001, 0.05, 0.3, 2.0]),
    st.integers(0, 1000),
    st.sampled_from(["Kim", "Lee"]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(SEGMENTS, min_size=1, max_size=5), st.integers(0, 700), st.integers(0, 700), st.integers(-24, -14))
def test_any_segments_keep_length_order_and_peak(
    segments: list[TrackSegment], pause_ms: int, end_pause_ms: int, target: int
) -> None:
    audio = AudioSettings(pause_ms=pause_ms, end_pause_ms=end_pause_ms, loudness_lufs=target)
    made = track(segments, audio)
    samples, _ = heard(made.mp3)
    assert samples.size == made.samples
    assert np.abs(samples).max() == 0 or peak_dbtp(samples) <= -1
    times = [time for cue in made.cues for time in (cue.start_s, cue.end_s)]
    assert times == sorted(times)
    assert times[-1] <= made.samples / RATE
    measured = measure(made.mp3)
    assert (measured.samples, measured.loudness_lufs) == (made.samples, made.loudness_lufs)


def test_a_track_that_lost_its_end_is_measured_as_shorter() -> None:
    made = track(dialogue(2))
    assert measure(made.mp3).samples == made.samples
    assert measure(content(made)[: len(content(made)) // 2]).samples < made.samples
