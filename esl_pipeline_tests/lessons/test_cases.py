"""Cases as title, input and expectation, in the form that markdown-it uses for its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from markdown_it.utils import read_fixture_file

from esl_pipeline.lessons import read_lesson
from esl_pipeline_tests.lessons.lesson_text import head_text
from esl_pipeline_tests.lessons.notation import blocks_as_text, turns_as_text

CASES = Path(__file__).parent / "cases"
BLOCKS = read_fixture_file(CASES / "blocks.md")
TURNS = read_fixture_file(CASES / "turns.md")
SPEAKER_RULES = {"V-SP1", "V-SP2", "V-ST5"}


@pytest.mark.parametrize(("line", "title", "body", "expected"), BLOCKS, ids=[case[1] for case in BLOCKS])
def test_markdown_becomes_blocks(line: int, title: str, body: str, expected: str) -> None:
    before = f"```\n---\n{head_text()}\n---\n"
    reading = read_lesson(f"{before}{body}```\n")
    assert reading.lesson is not None
    assert blocks_as_text(reading.lesson.blocks, before.count("\n") + 1) == expected.rstrip("\n")


@pytest.mark.parametrize(("line", "title", "text", "expected"), TURNS, ids=[case[1] for case in TURNS])
def test_study_text_becomes_turns(line: int, title: str, text: str, expected: str) -> None:
    labels, _, study = text.partition("\n")
    before = f"```\n---\n{head_text(speaker_labels=labels if labels != 'none' else None)}\n---\n:::study-text\n"
    reading = read_lesson(f"{before}{study}:::\n```\n")
    assert reading.lesson is not None
    first = before.count("\n") + 1
    turns = turns_as_text(reading.lesson, first)
    problems = [f"! {found.line - first + 1} {found.rule}" for found in reading.problems if found.rule in SPEAKER_RULES]
    assert "\n".join(filter(None, (turns, *problems))) == expected.rstrip("\n")
