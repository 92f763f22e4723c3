"""Every family of rules that looks at a whole lesson."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from esl_pipeline.lessons.draft import Draft
from esl_pipeline.lessons.problems import Problem
from esl_pipeline.lessons.rules.boxes import check_boxes
from esl_pipeline.lessons.rules.closers import check_closers
from esl_pipeline.lessons.rules.code import check_code
from esl_pipeline.lessons.rules.equations import check_equations
from esl_pipeline.lessons.rules.input_type import check_input_type
from esl_pipeline.lessons.rules.media import check_media
from esl_pipeline.lessons.rules.practice import check_practice
from esl_pipeline.lessons.rules.sections import check_sections
from esl_pipeline.lessons.rules.speakers import check_speakers
from esl_pipeline.lessons.rules.study_text import check_study_text
from esl_pipeline.lessons.rules.tables import check_tables
from esl_pipeline.lessons.rules.toggles import check_toggles

CHECKS: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    check_input_type,
    check_sections,
    check_toggles,
    check_practice,
    check_study_text,
    check_speakers,
    check_closers,
    check_boxes,
    check_media,
    check_tables,
    check_code,
    check_equations,
)
