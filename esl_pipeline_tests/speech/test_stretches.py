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


def test_a_long_silence_at_the_end_of_a_short_sound_is_no_place_to_cut() -> None:
    (cut,) = cut_times([7, 1], 2.3, [(0.0, 0.13), (0.91, 2.3)], None)
    assert cut < 0.91


def test_short_stretches_take_more_time_than_their_characters_say() -> None:
    commas = _pauses("1.12-1.43 2.55-2.85 3.98-4.28 6.93-7.23 8.35-8.65 9.78-10.08")
    ends = _pauses("5.40-5.80 11.20-11.60 12.17-12.57 13.00-13.40 13.83-14.23")
    assert cut_times([60, 60, 5, 3, 3], 14.23, commas + ends, None) == pytest.approx((5.6, 11.4, 12.37, 13.2))


def _pauses(text: str) -> list[tuple[float, float]]:
    return [(float(start), float(end)) for start, _, end in (pause.partition("-") for pause in text.split())]


# Measured on the local voice: eight turns of two speakers, with their pauses of 50 ms and more. The ends of the turns
# are those in the last list; the other pauses are at commas, between the sentences of a turn, and before a p or a t.
SPOKEN = [
    (
        [4, 35, 11, 12, 87, 31, 64, 91],
        25.64,
        _pauses(
            "1.62-1.90 4.81-4.94 6.20-6.25 6.61-7.03 7.43-8.04 10.06-10.32 11.06-11.20 13.05-13.11 "
            "13.48-13.95 15.12-15.17 16.69-16.94 18.00-18.05 20.00-20.58 21.32-21.61 22.55-23.03 23.44-23.50 "
            "24.03-24.11"
        ),
        _pauses("0.38-0.95 2.77-3.32 4.05-4.59 5.34-5.71 11.96-12.44 14.31-14.77 18.32-18.92 24.93-25.64"),
    ),
    (
        [3, 107, 12, 13, 11, 31, 35, 34],
        19.48,
        _pauses(
            "1.31-1.68 2.31-2.37 3.01-3.33 4.10-4.39 5.37-5.42 5.90-5.97 6.34-6.39 8.10-8.20 9.33-9.45 "
            "11.66-11.71 12.09-12.56 14.16-14.43 14.67-14.73 16.57-16.84 17.25-17.85"
        ),
        _pauses("0.34-0.97 7.05-7.66 8.51-8.92 9.63-9.95 10.68-11.05 12.92-13.37 15.56-16.22 19.02-19.47"),
    ),
]


@pytest.mark.parametrize(("weights", "length_s", "within", "ends"), SPOKEN)
def test_turns_that_were_really_spoken_are_parted_where_they_end(
    weights: list[int], length_s: float, within: list[tuple[float, float]], ends: list[tuple[float, float]]
) -> None:
    cuts = cut_times(weights, length_s, within + ends, None)
    assert cuts == pytest.approx([(start + end) / 2 for start, end in ends[:-1]])


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


def test_a_long_pause_beyond_a_short_neighbour_is_not_taken() -> None:
    starts = (0.0, 0.1, 0.3, 0.4, 1.0, 1.1)
    timings = CharacterTimings(tuple("NoNoNo"), starts, tuple(start + 0.1 for start in starts))
    assert cut_times([2, 2, 2], 1.2, [(0.2, 0.3), (0.5, 1.0)], timings) == pytest.approx((0.25, 0.75))


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
    st.lists(st.tuples(st.integers(60, 120), st.floats(0.95, 1.05), st.floats(0.35, 0.9)), min_size=2, max_size=10),
    st.lists(st.floats(0.3, 0.7), max_size=5),
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
