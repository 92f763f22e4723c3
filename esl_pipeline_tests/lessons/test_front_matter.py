from __future__ import annotations

import datetime

import pytest

from esl_pipeline.lessons import FrontMatter, Position, SpeakerProfile, read_lesson
from esl_pipeline_tests.lessons.lesson_text import head_text, lesson_text, line_of


def front_matter(**changes: str) -> FrontMatter:
    lesson = read_lesson(lesson_text(head=head_text(**changes))).lesson
    assert lesson is not None
    return lesson.front_matter


@pytest.mark.parametrize(
    ("written", "topic"),
    [
        ("Grammar, Conditionals", "Grammar, Conditionals"),
        ("[Grammar, Conditionals]", "Grammar, Conditionals"),
        ("\n  - Numbers\n  - 7\n  - 2.50\n  - yes\n  - 2026-01-02", "Numbers, 7, 2.50, yes, 2026-01-02"),
        ("\n  - Grammar: Conditionals\n  -\n  - [a, b]", "Grammar: Conditionals, a, b"),
    ],
)
def test_topic_is_one_text(written: str, topic: str) -> None:
    assert front_matter(topic=written).topic == topic


@pytest.mark.parametrize("word", ["yes", "no", "On", "10:30", "007", "1_000", "=", "A2-B1"])
def test_words_that_yaml_once_took_for_something_else_are_text(word: str) -> None:
    assert front_matter(level=word).level == word


def test_properties_keep_their_values() -> None:
    written = "{Status: Assigned, Points: 7, Share: 0.5, Due: 2026-11-20, Done: false, Tags: [a, b], 8: x, None: null}"
    assert front_matter(properties=written).properties == (
        ("Status", "Assigned"),
        ("Points", 7),
        ("Share", 0.5),
        ("Due", datetime.date(2026, 11, 20)),
        ("Done", False),
        ("Tags", ["a", "b"]),
        ("8", "x"),
        ("None", None),
    )


def test_profiles_are_lower_case_but_id_and_voice() -> None:
    written = "\n  - {id: Kim, role: Student, gender: Female, age: 30, accent: British, style: [x], voice: Alice, x: y}"
    assert front_matter(speaker_profiles=written).speaker_profiles == (
        SpeakerProfile("Kim", "student", "female", "30", "british", None, "Alice"),
    )


def test_options_that_are_left_empty_are_absent() -> None:
    front = front_matter(icon="", cover="~", properties="null", speaker_labels="", speaker_profiles="")
    assert (front.icon, front.cover, front.properties, front.speaker_labels) == (None, None, (), ())
    assert front.speaker_profiles == ()


def test_anchors_and_merged_mappings_are_written_out() -> None:
    profiles = "\n  - &a {id: Kim, gender: female}\n  - {<<: *a, id: Lee}"
    assert [profile.gender for profile in front_matter(speaker_profiles=profiles).speaker_profiles] == ["female"] * 2


def test_a_mistake_in_the_head_has_line_and_column_in_the_file() -> None:
    text = "Hello\n\n" + lesson_text(head=head_text(speaker_labels="[Kim, 7, '']", icon="x"))
    places = [(problem.line, problem.column) for problem in read_lesson(text).problems if problem.rule != "V-LEN"]
    assert places == [(10, 23), (10, 26), (11, 7)]


@pytest.mark.parametrize(
    "bomb",
    [
        "a0: &a0 [x, x]\n" + "\n".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)),
        "a0: &a0 {k: v}\n" + "\n".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 40)),
        "a: " + "[" * 5_000,
        "a: " + "{" * 5_000,
        "a:\n" + "\n".join(" " * n + "- -" for n in range(1, 150)),
        "a0: &a0 [x]\n" + "\n".join(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 400)),
        "a: &a {b: *a}",
        "a: 1" + "0" * 6_000,
        "a: 2026-13-45",
        "? [a]\n: b",
        "a: " + "x" * 30_000,
        "a: *b",
        "a: \ud800",
    ],
)
def test_a_head_that_would_grow_or_break_is_refused(bomb: str) -> None:
    problems = read_lesson(lesson_text(head=f"{head_text()}\n{bomb}")).problems
    assert [problem.rule for problem in problems if problem.rule != "V-LEN"] == ["V-YM"]


def test_properties_know_the_places_of_their_keys() -> None:
    text = lesson_text(head=head_text(properties="\n  Status: Assigned\n  8: x\n  'Due date': 2026-11-20"))
    lesson = read_lesson(text).lesson
    assert lesson is not None
    first = line_of(text, "  Status:")
    found = lesson.front_matter
    assert [name for name, _ in found.properties] == ["Status", "8", "Due date"]
    assert found.property_positions == tuple(Position(first + row, 3) for row in range(3))


def test_properties_taken_over_by_a_merge_key_have_the_places_of_the_keys_taken_over() -> None:
    written = "{<<: {Status: Assigned, Points: 7}, Points: 8}"
    text = lesson_text(head=head_text(properties=written))
    lesson = read_lesson(text).lesson
    assert lesson is not None
    found = dict(zip(dict(lesson.front_matter.properties), lesson.front_matter.property_positions, strict=True))
    line = text.splitlines()[found["Status"].line - 1]
    assert line[found["Status"].column - 1 :].startswith("Status: Assigned")
    assert line[found["Points"].column - 1 :].startswith("Points: 8")
