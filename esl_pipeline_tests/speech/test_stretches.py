from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.speech.stretches import NEARBY_S, cut_times, sentences
from esl_pipeline.speech.timings import CharacterTimings


def evenly(text: str, length_s: float, lead_s: float = 0.0) -> CharacterTimings:
    """Each character as long as the other."""
    step = (length_s - lead_s) / len(text)
    marks = [lead_s + number * step for number in range(len(text) + 1)]
    return CharacterTimings(tuple(text), tuple(marks[:-1]), tuple(marks[1:]))


def test_one_stretch_is_not_cut() -> None:
    assert cut_times([12], 3.0, [(1, 2)], None) == ()


def test_without_timings_the_pauses_nearest_to_the_shares_are_taken() -> None:
    pauses = [(1.9, 2.3), (4.0, 4.4), (6.2, 6.5), (8.0, 8.4)]
    assert cut_times([20, 40, 20], 10.0, pauses, None) == pytest.approx((2.1, 8.2))
    assert cut_times([20, 20, 40], 10.0, pauses, None) == pytest.approx((2.1, 4.2))


def test_a_long_pause_is_preferred_to_a_short_one_that_is_a_little_nearer() -> None:
    assert cut_times([50, 50], 10.0, [(4.9, 5.0), (5.3, 5.9)], None) == pytest.approx((5.6,))


def test_pauses_do_not_count_as_speech() -> None:
    # Two seconds of speech, six of silence, two of speech: the shares are of the four seconds that are spoken.
    assert cut_times([30, 10], 10.0, [(2.0, 8.0), (9.0, 9.2)], None) == pytest.approx((9.1,))


def test_silence_at_the_edges_is_no_place_to_cut() -> None:
    (cut,) = cut_times([1, 200], 10.0, [(0.0, 1.5), (9.0, 10.0)], None)
    assert 1.5 < cut < 2.5


def test_with_fewer_pauses_than_cuts_the_rest_are_at_their_shares() -> None:
    first, second = cut_times([30, 30, 30], 9.0, [(2.9, 3.1)], None)
    assert first == pytest.approx(3.0)
    assert second == pytest.approx(6.0, abs=0.2)


def test_a_told_time_is_moved_to_the_longest_pause_nearby() -> None:
    timings = evenly("One two. Three.", 3.0)
    pauses = [(0.5, 0.9), (1.35, 1.4), (1.65, 1.85), (2.4, 2.8)]
    assert cut_times([8, 6], 3.0, pauses, timings) == pytest.approx((1.75,))


def test_a_told_time_without_a_pause_nearby_stays() -> None:
    timings = evenly("One two. Three.", 3.0)  # the letters of "two" end at 1.4, those of "Three" begin at 1.8
    assert cut_times([8, 6], 3.0, [(0.2, 0.6)], timings) == pytest.approx((1.6,))


def test_blanks_between_the_stretches_may_be_left_out_of_the_weights() -> None:
    pauses = [(0.3, 0.4)]
    without = cut_times([8, 6], 3.0, pauses, evenly("One two. Three.", 3.0))
    assert without == cut_times([9, 6], 3.0, pauses, evenly("One two. Three.", 3.0))
    assert cut_times([8, 6], 3.0, [], evenly("One two.Three.", 3.0)) == pytest.approx((7.5 * 3 / 14,))


@pytest.mark.parametrize(
    "timings",
    [
        CharacterTimings(tuple("ab cd"), (0.0,) * 5, (0.0,) * 5),
        evenly("ab cd", 9.0),
        evenly("ab cd and more", 4.0),
        evenly("ab", 4.0),
        evenly("?! cd", 4.0),
    ],
    ids=["all zero", "beyond the end", "of a longer text", "of a shorter text", "of no letters"],
)
def test_timings_that_cannot_be_true_are_not_used(timings: CharacterTimings) -> None:
    pauses = [(0.8, 1.2)]
    assert cut_times([2, 2], 4.0, pauses, timings) == cut_times([2, 2], 4.0, pauses, None)


PAUSES = st.lists(st.tuples(st.floats(-1, 20), st.floats(-1, 20)), max_size=30)
WEIGHTS = st.lists(st.integers(1, 300), min_size=1, max_size=12)


@given(WEIGHTS, st.floats(0.01, 15), PAUSES)
def test_the_cuts_rise_and_lie_within_the_sound(
    weights: list[int], length_s: float, pauses: list[tuple[float, float]]
) -> None:
    cuts = cut_times(weights, length_s, pauses, None)
    assert len(cuts) == len(weights) - 1
    assert all(a < b for a, b in pairwise((0.0, *cuts, length_s)))


@given(WEIGHTS, st.floats(0.5, 15), PAUSES)
def test_with_timings_no_cut_is_far_from_what_was_told_unless_in_a_pause(
    weights: list[int], length_s: float, pauses: list[tuple[float, float]]
) -> None:
    timings = evenly("a" * sum(weights), length_s)
    cuts = cut_times(weights, length_s, pauses, timings)
    told = [timings.ends_s[end - 1] for end in accumulate(weights)][:-1]
    assert all(a <= b for a, b in pairwise((0.0, *cuts, length_s)))
    quiet = [pause for pause in pauses if pause[0] < pause[1]]
    for cut, place in zip(cuts, told, strict=True):
        paused = any(start <= cut <= end for start, end in quiet)
        assert paused or abs(cut - place) <= NEARBY_S + 1e-6


@given(
    st.lists(st.tuples(st.integers(20, 120), st.floats(0.9, 1.1), st.floats(0.35, 0.9)), min_size=2, max_size=10),
    st.lists(st.floats(0.1, 0.9), max_size=5),
)
def test_every_pause_between_sentences_is_found_among_shorter_ones_within_them(
    sentences: list[tuple[int, float, float]], commas: list[float]
) -> None:
    pauses, wanted, at = [], [], 0.0
    for characters, pace, pause in sentences:
        said = characters / 14 * pace
        pauses += [(at + said * commas[0], at + said * commas[0] + 0.08)] if commas else []
        at += said + (0.08 if commas else 0.0)
        pauses.append((at, at + pause))
        wanted.append(at + pause / 2)
        at += pause
    cuts = cut_times([characters for characters, _, _ in sentences], at, pauses, None)
    assert cuts == pytest.approx(wanted[:-1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("… !", ()),
        ("Hello.", ("Hello.",)),
        ("Mr. Wolfe is in. Is he? Yes!", ("Mr. Wolfe is in.", "Is he?", "Yes!")),
        ("“Come in.” She came.", ("“Come in.”", "She came.")),
        ("One line\nand another. Well … yes", ("One line", "and another.", "Well … yes")),
        ("Stop! — Why?", ("Stop!", "— Why?")),
        ("It ends. …", ("It ends. …",)),
    ],
)
def test_a_text_has_these_sentences(text: str, expected: tuple[str, ...]) -> None:
    assert sentences(text) == expected


@given(st.text(st.sampled_from('aB1 .!?…\n—"')))
def test_sentences_lose_no_word(text: str) -> None:
    found = sentences(text)
    assert [c for c in text if c.isalnum()] == [c for c in "".join(found) if c.isalnum()]
    assert all(any(map(str.isalnum, sentence)) and sentence == sentence.strip() for sentence in found)
