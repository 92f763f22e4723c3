from __future__ import annotations

import regex
from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.lessons.model import Run
from esl_pipeline.pages.rich_text import MAX_RUNS, rich_text, split_text, utf16_length

characters = st.sampled_from(["a", " ", "é", "👩‍🏫", "🇬🇧", "e\u0301", "\r\n", "ж", "𝄞"])


@given(st.lists(characters, max_size=60).map("".join), st.integers(12, 40))
def test_parts_are_short_enough_and_cut_between_characters(text: str, limit: int) -> None:
    parts = list(split_text(text, limit))
    assert "".join(parts) == text
    assert all(0 < utf16_length(part) <= limit for part in parts)
    assert [c for part in parts for c in regex.findall(r"\X", part)] == regex.findall(r"\X", text)


def test_a_character_longer_than_a_part_is_cut_between_code_points() -> None:
    text = "e" + "\u0301" * 4999
    parts = list(split_text(text))
    assert "".join(parts) == text
    assert [len(part) for part in parts] == [2000, 2000, 1000]


def test_utf16_is_what_counts() -> None:
    assert [len(part) for part in split_text("𝄞" * 1500)] == [1000, 500]


def test_neighbours_of_one_style_become_one_run_and_empty_ones_vanish() -> None:
    (array,) = rich_text([Run("a", bold=True), Run(""), Run("b", bold=True), Run("c")])
    assert [run["text"]["content"] for run in array] == ["ab", "c"]


def test_no_text_gives_one_empty_array() -> None:
    assert rich_text([]) == [[]]
    assert rich_text([Run("")]) == [[]]


def test_more_than_a_hundred_runs_go_on_in_the_next_array() -> None:
    arrays = rich_text([Run(str(number), bold=number % 2 == 0) for number in range(250)])
    assert [len(array) for array in arrays] == [MAX_RUNS, MAX_RUNS, 50]


def test_addresses_that_notion_refuses_leave_plain_text() -> None:
    links = ["https://e.org", "mailto:a@e.org", "https://e.org/" + "a" * 2000, "javascript:alert(1)", "", "http://["]
    (array,) = rich_text([Run(f"{number}", bold=number % 2 == 0, link=link) for number, link in enumerate(links)])
    assert [run["text"]["link"] for run in array] == [{"url": links[0]}, {"url": links[1]}, None, None, None, None]


def test_an_equation_is_a_run_of_its_own_kind_and_keeps_its_style() -> None:
    (array,) = rich_text([Run("x^2", bold=True, equation=True), Run("u", underline=True, colour="red")])
    assert array[0]["equation"] == {"expression": "x^2"}
    assert array[0]["annotations"]["bold"]
    assert (array[1]["annotations"]["underline"], array[1]["annotations"]["color"]) == (True, "red")


def test_less_than_a_whole_array_may_be_asked_for() -> None:
    arrays = rich_text([Run("a" * 25)], most=10)
    assert [[run["text"]["content"] for run in array] for array in arrays] == [["a" * 10], ["a" * 10], ["a" * 5]]
