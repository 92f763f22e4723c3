from __future__ import annotations

import io
import re
from itertools import pairwise

import av
from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.speech import Cue, webvtt
from esl_pipeline.speech.words import Word


def test_every_cue_is_a_caption_with_its_speaker() -> None:
    cues = [Cue("Kim", "Hi!", 0, 1.5), Cue("Lee & Co", "a < b\n\n--> c", 2.0004, 3723.9996)]
    assert webvtt(cues) == (
        "WEBVTT\n"
        "\n1\n00:00:00.000 --> 00:00:01.500\n<v Kim>Hi!</v>\n"
        "\n2\n00:00:02.000 --> 01:02:04.000\n<v Lee &amp; Co>a &lt; b\n--&gt; c</v>\n"
    )


def test_no_cue_is_an_empty_file() -> None:
    assert webvtt([]) == "WEBVTT\n"


def test_timed_words_have_their_times_before_them() -> None:
    words = (Word("a", 1.0, 1.2), Word("<", 1.5, 1.6), Word("b", 1.7504, 2.0))
    assert "<v Kim>a <00:00:01.500>&lt;\n<00:00:01.750>b</v>" in webvtt([Cue("Kim", "a <\nb", 1, 2, words)])


def test_a_time_that_a_reader_would_not_take_is_left_out() -> None:
    # Not before the cue, not twice, not at its end.
    words = (Word("a", 0.9, 1.0), Word("b", 1.5, 1.5), Word("c", 1.5, 1.5), Word("d", 2.0, 2.0))
    assert "<v Kim>a <00:00:01.500>b c d</v>" in webvtt([Cue("Kim", "a b c d", 1, 2, words)])


def test_words_of_another_text_are_not_taken() -> None:
    assert "<v Kim>a c</v>" in webvtt([Cue("Kim", "a c", 1, 2, (Word("a", 1.1, 1.2), Word("b", 1.3, 1.4)))])


CUES = st.lists(
    st.tuples(
        st.text(max_size=8),
        st.text(st.one_of(st.sampled_from("<>&-\n\r \u2028"), st.characters(codec="utf-8")), max_size=30),
        st.floats(0, 5),
        st.floats(0, 5),
    ),
    max_size=6,
)


@given(CUES)
def test_a_reader_finds_every_cue_at_its_time(spoken: list[tuple[str, str, float, float]]) -> None:
    cues, at = [], 0.0
    for speaker, text, pause, length in spoken:
        cues.append(Cue(speaker, text, at + pause, at + pause + length))
        at += pause + length
    captions = webvtt(cues)
    times = re.findall(r"^(\d+):(\d\d):(\d\d)\.(\d{3}) --> (\d+):(\d\d):(\d\d)\.(\d{3})$", captions, re.MULTILINE)
    assert len(times) == captions.count("-->") == len(cues)
    for cue, (*start, end_h, end_m, end_s, end_ms) in zip(cues, times, strict=True):
        seconds = [
            int(h) * 3600 + int(m) * 60 + int(s) + int(ms) / 1000
            for h, m, s, ms in (start, (end_h, end_m, end_s, end_ms))
        ]
        assert abs(seconds[0] - cue.start_s) <= 0.00051
        assert seconds[0] < seconds[1]
    assert captions.rstrip("\n").count("\n\n") == len(cues)


@given(
    st.lists(st.sampled_from(["a", "<b", "&", "-->", "c\n"]), min_size=1, max_size=6),
    st.lists(st.floats(-0.5, 2), min_size=6, max_size=6),
)
def test_the_times_of_words_rise_within_their_caption(texts: list[str], gaps: list[float]) -> None:
    text, at, words = " ".join(texts), 1.0, []
    for word, gap in zip(text.split(), gaps, strict=False):
        at += gap
        words.append(Word(word, at, at))
    caption = webvtt([Cue("Kim", text, 1, 3, tuple(words))]).partition("\n<v Kim>")[2]
    stamps = [float(stamp) for stamp in re.findall(r"<00:00:(\d\d\.\d{3})>", caption)]
    assert all(a < b for a, b in pairwise([1.0, *stamps, 3.0]))
    plain = re.sub(r"<[\d:.]*>|</v>", "", caption).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain.split() == text.split()


def test_ffmpeg_reads_the_captions() -> None:
    words = (Word("Over", 2.2, 2.3), Word("there", 2.5, 2.8))
    cues = [Cue("Kim", "Hi & bye", 0.5, 1.25), Cue("Lee", "Over\nthere", 2, 3, words)]
    with av.open(io.BytesIO(webvtt(cues).encode()), "r", format="webvtt") as container:
        times_ms = [(packet.pts, packet.duration) for packet in container.demux() if packet.size]
    assert times_ms == [(500, 750), (2000, 1000)]
