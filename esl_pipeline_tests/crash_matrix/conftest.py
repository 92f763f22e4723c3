"""Scenes of a short lesson."""

from __future__ import annotations

import re

import pytest

from esl_pipeline_tests.crash_matrix.lessons import MatrixLesson, matrix_lessons
from esl_pipeline_tests.crash_matrix.scenes import KINDS, Scene, make_scene


@pytest.fixture(scope="package")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scene]:
    """The first example, less talkative, to be published and to be published again."""
    folder = tmp_path_factory.mktemp("scenes")
    whole = matrix_lessons()[0]
    text = re.sub(r"(:::study-text[^\n]*\n(?:.+\n){3})(?:.+\n)*?:::", r"\1:::", whole.text)
    return {kind: make_scene(MatrixLesson(whole.name, text), kind, folder / kind) for kind in KINDS}
