"""Whatever is put in, problems come out: no exception, no endless work."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esl_pipeline.lessons import LessonReading, Severity, read_lesson
from esl_pipeline.lessons.rules.frame import MAX_CHARACTERS
from esl_pipeline_tests.lessons.lesson_text import lesson_text

SOUP = (
    *(":::toc", ":::audio https://x.example.org", ":::callout 💡", ":::callout", ":::column-list", ":::column"),
    *(":::synced-block", ":::synced-block id", ":::study-text", ":::toggle-heading T", ":::toggle-h2", ":::", "::: x"),
    *("## 3. Input Material", "### A. Controlled Practice", "---", "===", "~~~", "```", "> q", ">", "- a", "1. b", "-"),
    *("| a | b |", "| --- | --- |", "|", "Kim: a", "**Kim:** b", "[Zed]: c", "text", "", "<!--", "-->", "![a](b)"),
    *(
        "> [!NOTE]",
        "> [!x] a",
        "$$",
        "$$a$$",
        "a $b$ $5",
        'a {color="red"}',
        "{color=x} b",
        "[a]{color=red}",
        "##### a",
    ),
    *("==a==", "++", "==*a==*", "[a](https://b){color=red}", ":::toc {color=red}", ":::callout 💡 {color=gray}"),
    *("*", "**a* b** ~~c", "`", "[a](b", "____", "\t", "\x00", "\ufdd0", "\u2028", "\u0085", "👩‍🌾", "\u200d"),
)
LINES = st.lists(
    st.tuples(st.sampled_from(["", " ", "  ", "    ", "\t", "> ", "- "]), st.sampled_from(SOUP)), max_size=40
)
ORDINARY = settings(deadline=2_000, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def assert_sound(text: str, reading: LessonReading) -> None:
    lines = text.count("\n") + text.count("\r") + 1
    assert len(set(reading.problems)) == len(reading.problems)
    assert all(1 <= problem.line <= lines and problem.column >= 1 for problem in reading.problems)
    assert reading.lesson is not None or any(problem.severity is Severity.ERROR for problem in reading.problems)
    if reading.lesson is not None and reading.ok:
        assert reading.lesson.turns
        assert all(turn.paragraphs and all(turn.paragraphs) for turn in reading.lesson.turns)
        speakers = [turn.speaker for turn in reading.lesson.turns]
        assert all(one != other for one, other in pairwise(speakers))


@ORDINARY
@given(st.text(max_size=400))
def test_any_text_as_file(text: str) -> None:
    assert_sound(text, read_lesson(text))


@ORDINARY
@given(st.text(max_size=400))
def test_any_text_as_head(text: str) -> None:
    whole = lesson_text(head=text)
    assert_sound(whole, read_lesson(whole))


@ORDINARY
@given(LINES)
def test_any_mixture_of_lines_as_body(lines: list[tuple[str, str]]) -> None:
    whole = lesson_text(fence="````", extra="\n".join("".join(line) for line in lines))
    assert_sound(whole, read_lesson(whole))


@ORDINARY
@given(LINES)
def test_any_mixture_of_lines_as_study_text(lines: list[tuple[str, str]]) -> None:
    whole = lesson_text(fence="````", study="\n".join("".join(line) for line in lines))
    assert_sound(whole, read_lesson(whole))


@ORDINARY
@given(
    st.lists(
        st.sampled_from(
            [
                *("*", "**", "_", "~~", "`", "[", "](", ")", "![", "\\", "\n", " ", "a", "https://b"),
                *("==", "++", "$", "{color=red}", "{color=", "}", "]{color=red}"),
            ]
        ),
        max_size=60,
    )
)
def test_any_mixture_of_marks_keeps_every_letter(parts: list[str]) -> None:
    whole = lesson_text(study="Kim: " + "".join(parts).replace("\n", "\nx"))
    assert_sound(whole, read_lesson(whole))


@settings(ORDINARY, max_examples=100)
@given(seed=st.integers(0, 2**32))
def test_any_mutation_of_a_lesson(shared: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = chance.choice(sorted((shared / "lessons" / "valid").glob("*.md")))
    text = mutated(path.read_bytes().decode("utf-8"), chance)
    assert_sound(text, read_lesson(text))


def mutated(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    for _ in range(chance.randint(1, 8)):
        where = chance.randrange(len(lines))
        match chance.randrange(5):
            case 0:
                del lines[where : where + chance.randint(1, 4)]
            case 1:
                lines.insert(where, chance.choice(SOUP))
            case 2:
                lines[where] = " " * chance.randint(1, 8) + lines[where]
            case 3:
                lines[where : where + 6] = chance.sample(lines[where : where + 6], len(lines[where : where + 6]))
            case _:
                cut = chance.randint(0, len(lines[where]))
                lines[where] = lines[where][:cut] + chance.choice("*`[]()|:>#-\\~_<!\x00") + lines[where][cut:]
        lines = lines or [""]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "part",
    [
        *(
            ">",
            "> - ",
            "- ",
            "[",
            "![",
            "](",
            "*",
            "**a ",
            "_",
            "`",
            "a `",
            "~~a",
            "<!--",
            "|",
            "\\",
            "==",
            "==a ",
            "++a++",
            "$",
            "$a",
            "$$\na\n",
            "$$ a\n",
            "{color=",
            "{color=red} ",
            "[a]{color=red} ",
            "[[a]{",
            "> [!NOTE] ",
            ":::callout 💡\n",
        ),
        *(
            ":::column\n",
            ":::synced-block x\n:::\n",
            "~~~\n",
            "```x\n",
            " - a\n",
            "[a](b)\n",
            "[a](x) ",
            "\u0301",
            "a\n",
        ),
    ],
)
def test_a_part_that_is_repeated_without_end_takes_no_endless_work(part: str) -> None:
    whole = lesson_text(extra=part * (20_000 // len(part)))
    assert_sound(whole, read_lesson(whole))


@pytest.mark.parametrize(
    "body",
    [
        "\n".join("  " * number + "- a" for number in range(200)),
        "> " + "\n> ".join("  " * number + "- a" for number in range(200)),
        "\n".join("   " * number + "1. a" for number in range(200)),
        "> - " * 100,
        "\n".join(":::toggle-heading T" for _ in range(2_000)) + "\n:::" * 2_000,
    ],
)
def test_what_is_nested_too_deeply_is_reported(body: str) -> None:
    whole = lesson_text(extra=body)
    reading = read_lesson(whole)
    assert_sound(whole, reading)
    assert [problem.rule for problem in reading.problems] == ["V-DP"]


@pytest.mark.parametrize(
    "body",
    [
        "\n".join(" " * number + "- a" for number in range(500)),
        "![" * 2_000 + "a" + "](https://x.example.org)" * 2_000,
        "[" * 2_000 + "a" + "](https://x.example.org)" * 2_000,
    ],
)
def test_odd_nesting_is_flattened(body: str) -> None:
    whole = lesson_text(extra=body)
    assert_sound(whole, read_lesson(whole))


def test_a_file_that_no_lesson_can_be_is_refused_unread() -> None:
    reading = read_lesson("a" * (MAX_CHARACTERS + 1))
    assert [problem.rule for problem in reading.problems] == ["V-SZ"]
    assert reading.lesson is None
