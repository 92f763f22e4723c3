"""Who speaks in the study text."""

from __future__ import annotations

from collections.abc import Iterator

from esl_pipeline.lessons.draft import Draft
from esl_pipeline.lessons.problems import Problem


def check_speakers(draft: Draft) -> Iterator[Problem]:
    """Reports strangers, and text before anybody speaks."""
    yield from draft.study.problems
