from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from esl_pipeline.lessons import Lesson, read_lesson
from esl_pipeline.pages.block_map import tree_sha256
from esl_pipeline.pages.blocks import build_blocks
from esl_pipeline.pages.preset import load_preset
from esl_pipeline.stages.code_versions import CODE_VERSIONS
from esl_pipeline.stages.stage import Stage
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.stages.speech_stage import publication, short, speak

RAISE = "The stage makes something else of the same lesson: raise its version, and write version and digest here."
MADE = {
    Stage.MANIFEST: (1, "67f5fee5e4ad7c73"),
    Stage.PAGE: (1, "b1f802a4e22d8296"),
    Stage.SPEECH: (1, "7e747ef72f7b4cf2"),
}
"""Version of a stage's code, and the digest of what it makes of the example lessons."""


@pytest.fixture(scope="module")
def lessons(examples: list[Path]) -> list[Lesson]:
    found = [read_lesson(path.read_text("utf-8"), file=path.name).lesson for path in examples]
    return [lesson for lesson in found if lesson]


def digest(parts: Iterable[object]) -> str:
    return hashlib.sha256(json.dumps([*parts], default=repr).encode()).hexdigest()[:16]


def test_every_stage_has_a_version() -> None:
    assert set(CODE_VERSIONS) == set(Stage)


def test_the_version_of_the_lesson_is_raised_when_it_is_read_otherwise(lessons: list[Lesson]) -> None:
    assert (CODE_VERSIONS[Stage.MANIFEST], digest(map(repr, lessons))) == MADE[Stage.MANIFEST], RAISE


def test_the_version_of_the_page_is_raised_when_its_blocks_change(lessons: list[Lesson]) -> None:
    preset = load_preset("b1-default")
    made = digest(tree_sha256(node) for lesson in lessons for node in build_blocks(lesson, preset))
    assert (CODE_VERSIONS[Stage.PAGE], made) == MADE[Stage.PAGE], RAISE


def test_the_version_of_the_speech_is_raised_when_its_requests_change(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    speak(sandbox, short(four_turns, "Ann"), assignment)
    spoken = publication(sandbox, assignment).speech
    assert spoken is not None
    made = digest(segment.sha256 for segment in spoken.segments)
    assert (CODE_VERSIONS[Stage.SPEECH], made) == MADE[Stage.SPEECH], RAISE
