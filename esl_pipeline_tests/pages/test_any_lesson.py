from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esl_pipeline.lessons import read_lesson
from esl_pipeline.pages.blocks import build_blocks
from esl_pipeline.pages.page_problems import page_problems
from esl_pipeline.pages.preset import load_preset
from esl_pipeline.pages.preset_names import preset_names
from esl_pipeline_tests.lessons.lesson_text import lesson_text
from esl_pipeline_tests.lessons.test_any_input import LINES
from esl_pipeline_tests.pages.bodies import bodies
from esl_pipeline_tests.pages.planned import check_plan


@given(bodies, st.sampled_from(preset_names()))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_notion_takes_whatever_an_author_combines(body: str, preset: str) -> None:
    reading = read_lesson(lesson_text(extra=body, fence="````"))
    assert reading.lesson is not None
    assert reading.ok, reading.problems
    check_plan(build_blocks(reading.lesson, load_preset(preset)))


@given(LINES)
@settings(max_examples=150, deadline=None)
def test_a_lesson_with_errors_is_looked_at_as_well(lines: list[tuple[str, str]]) -> None:
    text = lesson_text(extra="\n".join("".join(line) for line in lines), fence="````")
    lesson = read_lesson(text).lesson
    assert lesson is not None
    assert all(1 <= problem.line <= text.count("\n") for problem in page_problems(lesson))
