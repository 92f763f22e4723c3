"""The examples are what a newcomer sees first: they must be without a fault, and show what a lesson can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from esl_pipeline.commands.demo import examples
from esl_pipeline.lessons import Lesson, model, read_lesson
from esl_pipeline.manifests import suggest_slug
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import read_environment

FOLDER = Path(__file__).parents[1] / "examples"
LESSONS = sorted(FOLDER.glob("*.md"))
SPEAKERS = {
    "a2-station": ["Lucy", "Omar"],
    "b1-phone-free-sunday": ["Maya", "Leo", "Aisha", "Jonas"],
    "b2-borrowed-memory": ["Narrator"],
}

each_lesson = pytest.mark.parametrize("file", LESSONS, ids=lambda path: path.stem)


def lesson_in(file: Path) -> Lesson:
    lesson = read_lesson(file.read_text("utf-8"), file=file.name).lesson
    assert lesson is not None
    return lesson


def parts_of(value: object) -> Iterator[object]:
    """Yields a lesson's parts, at every depth."""
    if isinstance(value, tuple):
        for part in value:
            yield from parts_of(part)
    elif is_dataclass(value) and not isinstance(value, type):
        yield value
        for field in fields(value):
            yield from parts_of(getattr(value, field.name))


def test_there_is_one_example_for_each_way_to_speak() -> None:
    assert [file.stem for file in LESSONS] == list(SPEAKERS)


@each_lesson
def test_a_lesson_has_neither_errors_nor_warnings(file: Path) -> None:
    assert [str(problem) for problem in read_lesson(file.read_text("utf-8"), file=file.name).problems] == []


@each_lesson
def test_the_level_is_that_of_the_file_name(file: Path) -> None:
    assert lesson_in(file).front_matter.level == file.stem[:2].upper()


@each_lesson
def test_everybody_who_is_announced_speaks_and_nobody_else(file: Path) -> None:
    lesson = lesson_in(file)
    assert list(dict.fromkeys(turn.speaker for turn in lesson.turns)) == SPEAKERS[file.stem]
    assert list(lesson.front_matter.speaker_labels) == SPEAKERS[file.stem]
    assert [profile.id for profile in lesson.front_matter.speaker_profiles] == SPEAKERS[file.stem]


@each_lesson
def test_nobody_speaks_twice_in_a_row(file: Path) -> None:
    speakers = [turn.speaker for turn in lesson_in(file).turns]
    assert all(one != next_one for one, next_one in pairwise(speakers))


@each_lesson
def test_the_study_text_is_short_enough_for_a_quick_demo(file: Path) -> None:
    words = [word for turn in lesson_in(file).turns for paragraph in turn.paragraphs for word in paragraph.split()]
    assert 120 <= len(words) <= 250


@each_lesson
def test_controlled_practice_has_ten_items_and_the_key_ten_answers(file: Path) -> None:
    text = file.read_text("utf-8")
    items = numbered(text, "### A. Controlled Practice\n")
    assert items == numbered(text, "### A. Controlled Practice Answers\n") == list(range(1, 11))
    assert numbered(text, "### B. Comprehension Check\n") == numbered(text, "### B. Comprehension Check Answers\n")


def numbered(text: str, heading: str) -> list[int]:
    """Returns the numbers at the beginning of the lines between a heading and the next."""
    section = text.split(heading)[1].split("\n#")[0]
    return [int(line.split(".")[0]) for line in section.splitlines() if line.split(".")[0].isdecimal()]


def test_together_the_lessons_show_what_a_lesson_can_have() -> None:
    parts = [part for file in LESSONS for part in parts_of(lesson_in(file).blocks)]
    shown = Counter(type(part) for part in parts)
    for kind in (
        model.Callout,
        model.ColumnList,
        model.Divider,
        model.Quote,
        model.StudyText,
        model.Table,
        model.TableOfContents,
        model.Toggle,
    ):
        assert shown[kind] > 0, kind.__name__
    runs = [part for part in parts if isinstance(part, model.Run)]
    for style in ("bold", "italic", "strikethrough", "code", "link"):
        assert any(getattr(run, style) for run in runs), style
    assert any("____" in run.content for run in runs)
    headings = [part for part in parts if isinstance(part, model.Heading) and part.toggleable]
    assert {heading.level for heading in headings} == {2, 3}
    items = [part for part in parts if isinstance(part, model.ListItem)]
    assert any(item.checked is False for item in items)
    assert any(isinstance(child, model.ListItem) for item in items for child in item.children)
    heads = [lesson_in(file).front_matter for file in LESSONS]
    assert all(head.icon and head.properties for head in heads)
    assert any(head.cover for head in heads)


def test_every_lesson_has_a_manifest_of_its_name() -> None:
    assert [file.stem for file in examples()] == [file.stem for file in LESSONS]


@pytest.mark.parametrize("file", examples(), ids=lambda path: path.stem)
def test_a_manifest_with_its_lesson_can_be_published_as_it_is(file: Path, tmp_path: Path) -> None:
    pipeline = create_pipeline(environment=read_environment({"ESL_HOME": str(tmp_path)}))
    job = pipeline.open_job("demo", suggest_slug(file.stem), manifest_file(file))
    assert [str(problem) for problem in job.understood.problems] == []
    assert job.understood.reading.manifest is not None
    assert job.understood.reading.manifest.assignment == file.stem
    assert job.lesson == lesson_in(file.with_suffix(".md"))


def test_one_manifest_shows_a_setting_of_its_own(tmp_path: Path) -> None:
    pipeline = create_pipeline(environment=read_environment({"ESL_HOME": str(tmp_path)}))
    job = pipeline.open_job("demo", "a2-station", manifest_file(FOLDER / "a2-station.yaml"))
    assert job.understood.settings.audio.pause_ms == 900
    assert job.understood.origins["audio.pause_ms"].layer == "manifest"
