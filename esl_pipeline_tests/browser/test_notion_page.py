from __future__ import annotations

import pytest

from esl_pipeline.lessons import read_lesson
from esl_pipeline.pages.page_problems import page_problems
from esl_pipeline.pages.preset_names import preset_names
from esl_pipeline_tests.browser.constructs import CONSTRUCTS, Construct
from esl_pipeline_tests.browser.notion_page import (
    MAX_PICTURE_BYTES,
    PAGE,
    PICTURES,
    PRESET_SAMPLE,
    page_text,
    picture_of_preset,
    shown_markdown,
)

REPORTED = {"code": ["V-CB"]}


def test_the_page_for_teachers_shows_the_constructs_as_they_are() -> None:
    assert PAGE.read_text("utf-8") == page_text()


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=lambda construct: construct.slug)
def test_what_the_page_tells_authors_to_write_is_right(construct: Construct) -> None:
    reading = read_lesson(shown_markdown(construct))
    assert reading.lesson is not None
    problems = [*reading.problems, *page_problems(reading.lesson)]
    assert [problem.rule for problem in problems] == REPORTED.get(construct.slug, []), problems


def test_the_lesson_that_shows_a_preset_is_right() -> None:
    assert read_lesson(PRESET_SAMPLE).problems == ()


def test_each_construct_and_preset_has_its_picture_and_none_is_left_over() -> None:
    shown = {construct.slug for construct in CONSTRUCTS} | {picture_of_preset(name) for name in preset_names()}
    assert {path.stem for path in PICTURES.glob("*.png")} == shown
    assert all(path.stat().st_size < MAX_PICTURE_BYTES for path in PICTURES.glob("*.png"))
