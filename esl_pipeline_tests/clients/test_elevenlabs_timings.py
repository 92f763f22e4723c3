from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.clients.elevenlabs_timings import read_timings
from esl_pipeline_tests.clients.timed import PACE_S, even

TEXT = "Hello, Ben."
LENGTH_S = len(TEXT) * PACE_S
STARTS, ENDS = "character_start_times_seconds", "character_end_times_seconds"


def changed(**fields: Any) -> dict[str, Any]:
    return even(TEXT) | fields


def test_even_times_are_read() -> None:
    timings = read_timings(even(TEXT), TEXT, LENGTH_S)
    assert timings is not None
    assert timings.characters == tuple(TEXT)
    assert timings.starts_s == tuple(even(TEXT)[STARTS])
    assert timings.ends_s == tuple(even(TEXT)[ENDS])


GOOD = even(TEXT)
SWAPPED = [GOOD[STARTS][1], GOOD[STARTS][0], *GOOD[STARTS][2:]]
SENSELESS: dict[str, Any] = {
    "null": None,
    "a list": [1],
    "no lists": {"characters": TEXT, STARTS: 0, ENDS: 1},
    "without ends": {key: value for key, value in GOOD.items() if key != ENDS},
    "a start too few": changed(**{STARTS: GOOD[STARTS][:-1]}),
    "an end too many": changed(**{ENDS: [*GOOD[ENDS], 9.0]}),
    "empty": {"characters": [], STARTS: [], ENDS: []},
    "another text": even("Hello, Bob."),
    "a character too few": even(TEXT[:-1]),
    "a character too many": even(f"{TEXT}!"),
    "characters that are none": changed(characters=[1] * len(TEXT)),
    "times that are words": changed(**{STARTS: ["0"] * len(TEXT)}),
    "times that are true": changed(**{STARTS: [True] * len(TEXT)}),
    "null times": changed(**{ENDS: [None] * len(TEXT)}),
    "no numbers": changed(**{ENDS: [*GOOD[ENDS][:-1], float("nan")]}),
    "starts that go back": changed(**{STARTS: SWAPPED}),
    "ends before starts": changed(**{STARTS: GOOD[ENDS], ENDS: GOOD[STARTS]}),
    "before the sound": changed(**{STARTS: [-1.0, *GOOD[STARTS][1:]]}),
    "long after the sound": changed(**{ENDS: [*GOOD[ENDS][:-1], LENGTH_S + 5]}),
    "a number without end": changed(**{ENDS: [*GOOD[ENDS][:-1], 10**400]}),
    "all zero": changed(**{STARTS: [0] * len(TEXT), ENDS: [0] * len(TEXT)}),
}


@pytest.mark.parametrize("name", SENSELESS)
def test_times_that_can_not_be_right_are_none(name: str) -> None:
    assert read_timings(SENSELESS[name], TEXT, LENGTH_S) is None


def test_blanks_that_the_vendor_puts_between_the_lines_of_a_dialogue_are_left_out() -> None:
    timings = read_timings(even(" Hello.\nHi, Ben. "), "Hello.Hi, Ben.", len(" Hello.\nHi, Ben. ") * PACE_S)
    assert timings is not None
    assert "".join(timings.characters) == "Hello.Hi, Ben."
    assert timings.starts_s[0] == PACE_S
    assert timings.starts_s[6] == pytest.approx(8 * PACE_S)


def test_characters_that_come_together_have_the_same_time() -> None:
    told = {"characters": ["e\u0301", "a"], STARTS: [0, 1], ENDS: [1, 2]}
    timings = read_timings(told, "e\u0301a", 2.0)
    assert timings is not None
    assert timings.starts_s == (0.0, 0.0, 1.0)


@given(
    st.text(min_size=1), st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists), st.floats(0, 9)
)
def test_no_alignment_breaks_the_reading(text: str, anything: object, length_s: float) -> None:
    for told in (anything, {"characters": anything, STARTS: anything, ENDS: anything}):
        timings = read_timings(told, text, length_s)
        assert timings is None or "".join(timings.characters) == text
