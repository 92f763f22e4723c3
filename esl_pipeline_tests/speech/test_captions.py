from __future__ import annotations

import io
import re

import av
from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.speech import Cue, webvtt


def test_every_cue_is_a_caption_with_its_speaker() -> None:
    cues = [Cue("Kim", "Hi!", 0, 1.5), Cue("Lee & Co", "a < b\n\n--> c", 2.0004, 3723.9996)]
    assert webvtt(cues) == (
        "WEBVTT\n"
        "\n1\n00:00:00.000 --> 00:00:01.500\n<v Kim>Hi!</v>\n"
        "\n2\n00:00:02.000 --> 01:02:04.000\n<v Lee &amp; Co>a &lt; b\n--&gt; c</v>\n"
    )


def test_no_cue_is_an_empty_file() -> None:
    assert webvtt([]) == "WEBVTT\n"


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


def test_ffmpeg_reads_the_captions() -> None:
    cues = [Cue("Kim", "Hi & bye", 0.5, 1.25), Cue("Lee", "Over\nthere", 2, 3)]
    with av.open(io.BytesIO(webvtt(cues).encode()), "r", format="webvtt") as container:
        times_ms = [(packet.pts, packet.duration) for packet in container.demux() if packet.size]
    assert times_ms == [(500, 750), (2000, 1000)]
