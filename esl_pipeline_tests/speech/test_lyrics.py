from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.speech.captions import Cue
from esl_pipeline.speech.lyrics import lrc
from esl_pipeline.speech.words import Word

WORDS = (Word("See", 61.0, 61.25), Word("you.", 61.5, 62.0))


def lines(cues: list[Cue]) -> list[str]:
    return lrc(cues, title="", artist="", album="", length_s=0).splitlines()[1:]


def test_the_header_tells_of_the_track() -> None:
    header = lrc([], title="At the\ncafé", artist="Ana", album="Lessons", length_s=143.4)
    assert header == "[ti:At the café]\n[ar:Ana]\n[al:Lessons]\n[length:02:23]\n"


def test_what_is_unknown_is_not_in_the_header() -> None:
    assert lrc([], title="T", artist=" ", album="", length_s=3600) == "[ti:T]\n[length:60:00]\n"


def test_a_cue_is_a_line_with_its_start_and_speaker() -> None:
    assert lines([Cue("Kim", "Hi!\nHow are you?", 0.004, 1), Cue("", "Later.", 3725.678, 3800)]) == [
        "[00:00.00]Kim: Hi! How are you?",
        "[62:05.68]Later.",
    ]


def test_timed_words_have_their_times_before_them() -> None:
    assert lines([Cue("Kim", "See you.", 60.5, 62, WORDS)]) == ["[01:00.50]Kim: <01:01.00>See <01:01.50>you."]


def test_words_of_another_text_are_not_taken() -> None:
    assert lines([Cue("Kim", "See me.", 60.5, 62, WORDS)]) == ["[01:00.50]Kim: See me."]


def test_a_time_in_the_text_is_not_a_time_of_the_track() -> None:
    assert lines([Cue("[9:05]", "Be there [10:30] or <11:00.50> [see page 5]", 1, 2)]) == [
        "[00:01.00](9:05): Be there (10:30) or (11:00.50) [see page 5]"
    ]


TEXT = st.text(st.sampled_from("ab:<>[]0123. \n"), max_size=20)


@given(st.lists(st.tuples(TEXT, TEXT, st.floats(0, 9000)), max_size=5), st.booleans())
def test_a_player_finds_every_cue_at_its_time(spoken: list[tuple[str, str, float]], by_word: bool) -> None:
    cues = []
    for speaker, text, start in spoken:
        words = tuple(Word(word, start, start) for word in text.split()) if by_word else ()
        cues.append(Cue(speaker, text, start, start + 1, words))
    read = lines(cues)
    assert len(read) == len(cues)
    for line, cue in zip(read, cues, strict=True):
        (minutes, seconds), rest = re.findall(r"^\[(\d{2,}):(\d\d\.\d\d)\]", line)[0], line.partition("]")[2]
        assert abs(int(minutes) * 60 + float(seconds) - cue.start_s) <= 0.0051
        stamps = re.findall(r"[\[<]\d+:\d+(?:\.\d+)?[\]>]", rest)
        assert len(stamps) == (len(cue.words) if by_word else 0)
        said = re.sub(r"<\d{2,}:\d\d\.\d\d>", "", rest)
        letters = [character for character in cue.speaker + cue.text if character.isalnum()]
        assert [character for character in said if character.isalnum()] == letters
