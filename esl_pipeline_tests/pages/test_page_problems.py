from __future__ import annotations

import pytest

from esl_pipeline.lessons import read_lesson
from esl_pipeline.pages.page_problems import page_problems
from esl_pipeline.pages.page_rules import PAGE_RULES
from esl_pipeline_tests.lessons.lesson_text import lesson_text, line_of

LONG_URL = "https://x.example.org/" + "a" * 2000
COLUMNS = ":::column-list\n:::column\na\n:::\n:::column\nb\n:::\n:::"

# what is wrong, text that begins the line in question, the rule
CASES = [
    ("a long equation", f"$$\n{'x+' * 600}y\n$$", "$$\nx+", "N-EQ"),
    ("a long equation in the second line", f"a\nb $x{'+x' * 600}$", "b $", "N-EQ"),
    ("a link that is too long", f"a\nb [c]({LONG_URL})", "b [c]", "N-LK"),
    ("a telephone number", "[a](tel:+441632960961)", "[a](tel", "N-LK"),
    ("an equation as a link", "[$x$](https://x.example.org)", "[$x$]", "N-LK"),
    ("a picture from an address that is too long", f"![a]({LONG_URL})", "![a]", "N-FL"),
    ("a picture from a mail address", "![a](mailto:a@x.example.org)", "![a]", "N-FL"),
    ("a player of an address that is too long", f":::audio {LONG_URL}", ":::audio", "N-FL"),
    ("one column", ":::column-list\n:::column\na\n:::\n:::", ":::column-list", "N-CL"),
    (
        "columns in a column",
        f":::column-list\n:::column\n  {COLUMNS}\n:::\n:::column\nb\n:::\n:::",
        "  :::column-list",
        "N-CL",
    ),
    ("a table of 101 columns", f"|{'a|' * 101}\n|{'b|' * 101}", "|a", "N-TW"),
    ("a long text", "word " * 7_000, "word", "N-LN"),
    ("a text of many styles", "**a** b " * 101, "**a**", "N-LN"),
    ("a long cell", f"| a | b |\n|---|---|\n| {'word ' * 4_000} | c |", "| word", "N-LN"),
    ("a long caption", f":::audio https://x.example.org/a.mp3 {'word ' * 7_000}", ":::audio", "N-LN"),
    ("long code", f"~~~\n{'word ' * 7_000}\n~~~", "~~~", "N-LN"),
    ("an unknown language", "~~~pyton\nx\n~~~", "~~~pyton", "N-LG"),
    ("a reference to no block", ":::synced-block abc", ":::synced", "N-ID"),
]


@pytest.mark.parametrize(("what", "extra", "place", "rule"), CASES, ids=[case[0] for case in CASES])
def test_what_a_page_shows_otherwise_is_reported_at_its_line(what: str, extra: str, place: str, rule: str) -> None:
    text = lesson_text(extra=extra)
    lesson = read_lesson(text).lesson
    assert lesson is not None
    (problem,) = page_problems(lesson, file="a.md")
    assert (problem.rule, problem.line, problem.file) == (rule, line_of(f"\n{text}", f"\n{place}"), "a.md")
    assert problem.message
    assert problem.fix


def test_each_rule_has_a_case() -> None:
    assert {rule.id for rule in PAGE_RULES} == {case[3] for case in CASES}


@pytest.mark.parametrize(
    "extra",
    [
        COLUMNS,
        f":::toggle-heading T\n{COLUMNS}\n:::",
        f":::column-list\n:::column\n:::toggle-heading T\n{COLUMNS}\n:::\n:::\n:::column\nb\n:::\n:::",
        "~~~js\nx\n~~~\n\n~~~\nx\n~~~\n\n~~~text\nx\n~~~",
        ":::synced-block 5f0c1d2e-3a4b-4c5d-8e6f-7a8b9c0d1e2f\n:::synced-block 5f0c1d2e3a4b4c5d8e6f7a8b9c0d1e2f",
        "$$\ne=mc^2\n$$\n\n[a](https://x.example.org) [b](mailto:a@x.example.org) $x$",
        "![a](a.png)",
    ],
)
def test_what_a_page_shows_as_it_is_written_is_not_reported(extra: str) -> None:
    lesson = read_lesson(lesson_text(extra=extra)).lesson
    assert lesson is not None
    assert page_problems(lesson) == ()
