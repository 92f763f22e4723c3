from __future__ import annotations

import pytest

from esl_pipeline.defs.actors import actor_of
from esl_pipeline.stages.audit_writing import check_actor


@pytest.mark.parametrize(
    ("tags", "actor"),
    [
        ({}, "operator"),
        ({"user": "ann@school.example"}, "operator:ann@school.example"),
        ({"esl/actor": "shell:ann"}, "shell:ann"),
        ({"esl/actor": "api:lms", "user": "ann"}, "api:lms"),
        ({"dagster/schedule_name": "nightly"}, "schedule:nightly"),
        ({"dagster/sensor_name": "manifest_sensor", "esl/actor": "api:lms", "user": "x"}, "sensor:manifest_sensor"),
        ({"esl/actor": "the boss"}, "operator"),
        ({"user": "two\nlines"}, "operator"),
        ({"user": "x" * 300}, "operator"),
    ],
)  # fmt: skip
def test_a_runs_actor_is_told_by_its_tags(tags: dict[str, str], actor: str) -> None:
    assert actor_of(tags) == actor == check_actor(actor)


@pytest.mark.parametrize("actor", ["", "ann", "root:ann", "shell:", "shell: ann", "shell:a\nb", "shell:" + "x" * 101])
def test_what_is_no_actor_is_refused(actor: str) -> None:
    with pytest.raises(ValueError, match="no actor"):
        check_actor(actor)
