from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from esl_pipeline.lessons import Lesson, LessonReading, Severity, StudyText, read_lesson
from esl_pipeline.lessons.draft import walk

VALID = (
    "a1-at-the-cafe",
    "a1-my-working-day",
    "a2-flat-to-share",
    "a2-last-train-to-york",
    "b1-community-garden",
    "b1-letter-from-a-lighthouse",
    "b1-lost-suitcase",
    "b2-office-or-sofa",
    "b2-repair-cafe",
    "c1-the-sound-of-a-city",
)
BROKEN = (
    "audio-without-url",
    "bad-icon-and-cover",
    "callout-without-icon",
    "empty-column",
    "empty-study-text",
    "indented-study-text",
    "missing-section",
    "no-fence",
    "ragged-table",
    "sections-out-of-order",
    "text-before-first-speaker",
    "unclosed-callout",
    "unclosed-toggle",
    "unknown-speaker",
    "wrong-types",
    "yaml-syntax",
)


def read(shared: Path, name: str) -> tuple[LessonReading, dict[str, Any]]:
    expected = json.loads((shared / "lessons" / "expected.json").read_text("utf-8"))["files"][name]
    return read_lesson((shared / "lessons" / name).read_bytes().decode("utf-8"), file=name), expected


def spoken_words(paragraphs: list[str]) -> list[str]:
    """Splits speech into words as the corpus defines them."""
    words = []
    for piece in unicodedata.normalize("NFC", " ".join(paragraphs).replace("’", "'")).lower().split():
        kept = [number for number, char in enumerate(piece) if char.isalnum()]
        if kept:
            words.append(piece[kept[0] : kept[-1] + 1])
    return words


def test_the_corpus_is_the_one_that_is_tested(shared: Path) -> None:
    names = {path.stem for folder in ("valid", "broken") for path in (shared / "lessons" / folder).glob("*.md")}
    assert names == {*VALID, *BROKEN}


@pytest.mark.parametrize("name", VALID)
def test_a_valid_lesson_is_accepted_and_says_what_it_should(shared: Path, name: str) -> None:
    reading, expected = read(shared, f"valid/{name}.md")
    assert reading.ok
    lesson = reading.lesson
    assert lesson is not None
    front = lesson.front_matter
    assert (front.title, front.student, front.level, front.topic) == tuple(
        expected[key] for key in ("title", "student", "level", "topic")
    )
    assert list(dict.fromkeys(turn.speaker for turn in lesson.turns)) == expected["speakers"]
    assert len(lesson.turns) == expected["turns"]
    assert [turn.speaker for turn in lesson.turns] == expected.get("turn_speakers", expected["speakers"])
    assert lesson.turns[0].position.line == expected["first_turn_line"]
    by_turn = [spoken_words(list(turn.paragraphs)) for turn in lesson.turns]
    assert [len(words) for words in by_turn] == expected.get("turn_words", [expected["words"]])
    assert [word for words in by_turn for word in words] == expected["spoken_words"]
    assert_study_text(lesson, expected["study_text_lines"])


def assert_study_text(lesson: Lesson, lines: list[int]) -> None:
    (study,) = (block for block in walk(lesson.blocks) if isinstance(block, StudyText))
    assert study.position.line == lines[0]
    assert all(lines[0] < block.position.line < lines[1] for block in walk(study.children))


@pytest.mark.parametrize("name", VALID)
def test_a_valid_lesson_has_the_warnings_that_it_should(shared: Path, name: str) -> None:
    reading, expected = read(shared, f"valid/{name}.md")
    if expected["warnings_expected"] is not None:
        assert bool(reading.problems) == expected["warnings_expected"]
    if "warnings" in expected:
        assert sorted(problem.rule for problem in reading.problems) == sorted(expected["warnings"])


@pytest.mark.parametrize("name", BROKEN)
def test_each_mistake_of_a_broken_lesson_is_reported_at_its_line(shared: Path, name: str) -> None:
    reading, expected = read(shared, f"broken/{name}.md")
    assert not reading.ok
    errors = [problem for problem in reading.problems if problem.severity is Severity.ERROR]
    assert all(problem.message and problem.file == f"broken/{name}.md" for problem in errors)
    for mistake in expected["problems"]:
        lines = {mistake["line"], *mistake.get("also_lines", ())}
        serving = [problem for problem in errors if problem.line in lines]
        assert serving, mistake
        errors.remove(serving[0])
    assert expected["others_allowed"] or not errors
    if expected["warnings_expected"] is False:
        assert all(problem.severity is Severity.ERROR for problem in reading.problems)
