"""A part of the matrix that runs with all tests; ``make crash-matrix`` runs the whole."""

from __future__ import annotations

import pytest

from esl_pipeline_tests.crash_matrix.disturbances import DISTURBANCES, Disturbance
from esl_pipeline_tests.crash_matrix.lessons import ANSWER, NOTE, REMARK
from esl_pipeline_tests.crash_matrix.page_state import texts_of
from esl_pipeline_tests.crash_matrix.scenes import Kind, Scene
from esl_pipeline_tests.crash_matrix.trials import attempt, weather

SAMPLED: tuple[Kind, ...] = ("first", "study text gone")
STRIDE = 7
"""Has no factor in common with the numbers of requests, so that over the disturbances all of them are met."""


def test_an_edited_lesson_asks_for_every_kind_of_write(scenes: dict[str, Scene]) -> None:
    methods = scenes["study text gone"].methods()
    assert methods["update page"] == 1
    assert methods["update block"] >= 3
    assert methods["append"] >= 4
    assert methods["delete"] >= 3


def test_the_undisturbed_page_has_what_people_made(scenes: dict[str, Scene]) -> None:
    page = scenes["study text gone"].peaceful
    texts = [text for text, _ in texts_of(page.blocks)]
    assert sum(ANSWER in text for text in texts) == 2
    assert sum(REMARK in text for text in texts) == 1
    assert sum(text == NOTE for text in texts) == 1
    assert [kind for _, kind in texts_of(page.blocks)].count("audio") == 1
    assert page.pages == 1


@pytest.mark.parametrize("kind", SAMPLED)
@pytest.mark.parametrize(
    ("number", "disturbance"), list(enumerate(DISTURBANCES)), ids=[one.name.replace(" ", "-") for one in DISTURBANCES]
)
def test_a_disturbed_publication_ends_as_if_nothing_had_happened(
    scenes: dict[str, Scene], kind: Kind, number: int, disturbance: Disturbance
) -> None:
    scene = scenes[kind]
    nth = number * STRIDE % len(scene.requests) + 1
    verdict = attempt(scene, nth, disturbance)
    assert not verdict.faults, verdict


@pytest.mark.parametrize("kind", SAMPLED)
def test_a_publication_gets_through_a_storm(scenes: dict[str, Scene], kind: Kind) -> None:
    verdict = weather(scenes[kind], seed=1)
    assert not verdict.faults, verdict
