from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.speech.timings import CharacterTimings, sane
from esl_pipeline.speech.words import Word, timed_words


def per_tenth(text: str) -> CharacterTimings:
    """Every character takes a tenth of a second."""
    places = range(len(text))
    return CharacterTimings(tuple(text), tuple(n / 10 for n in places), tuple((n + 1) / 10 for n in places))


def heard(written: str, sent: str, **where: float) -> list[tuple[str, float, float]]:
    place = {"head_s": 0.0, "length_s": len(sent) / 10, "offset_s": 0.0} | where
    words = timed_words(written, per_tenth(sent), **place)
    return [(word.text, round(word.start_s, 3), round(word.end_s, 3)) for word in words]


def test_a_word_lasts_from_its_first_to_its_last_character() -> None:
    assert heard("Hi, Mara!", "Hi, Mara!") == [("Hi,", 0.0, 0.3), ("Mara!", 0.4, 0.9)]


def test_words_are_placed_in_the_track_without_the_silence_that_was_cut_off() -> None:
    words = heard("Hi, Mara!", "Hi, Mara!", head_s=0.2, length_s=0.5, offset_s=60.0)
    assert words == [("Hi,", 60.0, 60.1), ("Mara!", 60.2, 60.5)]


def test_a_number_has_the_time_of_the_words_that_were_spoken_for_it() -> None:
    assert heard("At 7:30 today", "At half past seven today") == [
        ("At", 0.0, 0.2),
        ("7:30", 0.3, 1.8),
        ("today", 1.9, 2.4),
    ]


def test_several_changed_words_share_their_time_by_their_lengths() -> None:
    assert heard("It is 10 km. Far", "It is ten kilometres. Far") == [
        ("It", 0.0, 0.2),
        ("is", 0.3, 0.5),
        ("10", 0.6, 1.2),
        ("km.", 1.2, 2.1),
        ("Far", 2.2, 2.5),
    ]


def test_a_word_of_its_own_pronunciation_keeps_its_place() -> None:
    assert heard("Ask Nguyen now", "Ask Win now")[1] == ("Nguyen", 0.4, 0.7)


def test_a_word_that_is_spoken_without_being_written_belongs_to_the_one_before() -> None:
    assert heard("Page now", "Page number now") == [("Page", 0.0, 1.1), ("now", 1.2, 1.5)]


def test_signs_and_case_do_not_make_another_word() -> None:
    assert heard("“Well” — no", "well — No.") == [("“Well”", 0.0, 0.4), ("—", 0.5, 0.6), ("no", 0.7, 1.0)]


def test_stage_directions_and_breaks_are_not_words() -> None:
    sent = '[laughs loudly] Oh <break time="1s"/> no'
    assert heard("Oh no", sent) == [("Oh", 1.6, 1.8), ("no", 3.8, 4.0)]


def test_a_written_direction_has_the_time_between_its_neighbours() -> None:
    assert heard("Oh [sighs] no", "Oh [sighs] no") == [("Oh", 0.0, 0.2), ("[sighs]", 0.2, 1.1), ("no", 1.1, 1.3)]


def test_words_whose_characters_overlap_do_not() -> None:
    timings = CharacterTimings(tuple("I am"), (0.0, 0.3, 0.3, 0.5), (0.4, 0.4, 0.6, 0.9))
    words = timed_words("I am", timings, head_s=0, length_s=1, offset_s=0)
    assert words == (Word("I", 0.0, 0.4), Word("am", 0.4, 0.9))


def test_no_words_are_timed_where_nothing_was_spoken_or_written() -> None:
    assert heard("Hi", "[laughs]") == []
    assert heard("  ", "Hi") == []


TEXT = st.lists(st.sampled_from(["Hi", "7:30", "half", "past", "[laughs]", "<break/>", "—", "no,", "É"]), max_size=8)
STEPS = st.lists(st.tuples(st.floats(0, 0.3), st.floats(0, 0.3)), min_size=80, max_size=80)


@given(TEXT, TEXT, STEPS, st.floats(0, 2), st.floats(0.1, 20), st.floats(0, 100))
def test_every_written_word_has_a_time_within_the_segment_and_none_goes_back(
    written: list[str],
    sent: list[str],
    steps: list[tuple[float, float]],
    head_s: float,
    length_s: float,
    offset_s: float,
) -> None:
    characters, at, starts, ends = " ".join(sent), 0.0, [], []
    for _, (pause, length) in zip(characters, steps, strict=False):
        starts.append(at + pause)
        at += pause + length
        ends.append(at)
    timings = CharacterTimings(tuple(characters), tuple(starts), tuple(ends))
    words = timed_words(" ".join(written), timings, head_s=head_s, length_s=length_s, offset_s=offset_s)
    assert [word.text for word in words] in ([], written)
    marks = [offset_s, *(mark for word in words for mark in (word.start_s, word.end_s)), offset_s + length_s]
    assert all(a <= b for a, b in pairwise(marks))


@given(st.lists(st.sampled_from(["Hi", "no,", "past", "É"]), min_size=1, max_size=8))
def test_words_sent_as_written_have_exactly_their_characters_times(written: list[str]) -> None:
    text = " ".join(written)
    places, at = [], 0
    for word in written:
        places.append((word, round(at / 10, 3), round((at + len(word)) / 10, 3)))
        at += len(word) + 1
    assert heard(text, text) == places


@pytest.mark.parametrize(
    ("starts", "ends", "true"),
    [
        ((0.0, 0.5), (0.5, 1.0), True),
        ((0.0, 0.5), (0.5, 1.2), True),
        ((0.0, 0.5), (0.5, 1.3), False),
        ((0.0, 0.0), (0.0, 0.0), False),
        ((0.5, 0.4), (0.6, 1.0), False),
        ((0.0, 0.9), (0.95, 0.9), False),
        ((-0.1, 0.5), (0.5, 1.0), False),
        ((0.0, 0.5), (float("nan"), 1.0), False),
        ((0.0, 0.1), (0.1, 0.2), False),
        ((0.0,), (0.5, 1.0), False),
        ((), (), False),
    ],
)
def test_times_can_be_true_of_a_second_of_sound(starts: tuple[float, ...], ends: tuple[float, ...], true: bool) -> None:
    assert sane(CharacterTimings(("a", "b"), starts, ends), 1.0) is true


def test_times_are_not_true_where_most_letters_have_none() -> None:
    assert not sane(CharacterTimings(tuple("abc d"), (0.0,) * 5, (0.0, 0.0, 0.0, 0.0, 1.0)), 1.0)
    assert not sane(CharacterTimings(tuple("?!"), (0.0, 0.5), (0.5, 1.0)), 1.0)


def test_a_word_knows_its_text_and_times() -> None:
    assert timed_words("Hi", per_tenth("Hi"), head_s=0, length_s=1, offset_s=0) == (Word("Hi", 0.0, 0.2),)
