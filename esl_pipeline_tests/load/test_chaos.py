"""One crash of each kind, in an order that hurts; `make chaos` does so at random and many times."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from dagster._core.storage.dagster_run import DagsterRunStatus
from dagster._core.storage.tags import WILL_RETRY_TAG

from esl_pipeline_tests.browser.running_dev import free_ports
from esl_pipeline_tests.load.killing import Killer
from esl_pipeline_tests.load.scene import PORTS, Scene, Setup, running_scene
from esl_pipeline_tests.load.vendors import Vendors
from esl_pipeline_tests.load.watching import Watching
from esl_pipeline_tests.load.working import Plan, examine, put

LIMIT_S = 300
DELAYS = {"notion_s": 0.2, "speech_s": 2.0}


@pytest.mark.slow
@pytest.mark.xdist_group("postgres")
def test_a_worker_that_dies_while_code_server_and_postgres_do_is_replaced_and_buys_nothing_twice(
    tmp_path: Path,
) -> None:
    plan = Plan(tenants=1, each=1)
    with running_scene(tmp_path, free_ports(PORTS), plan.all_tenants, Setup()) as scene:
        Vendors(scene.sandbox).begin(DELAYS)
        put(scene, plan.load)
        scene.turn_on_sensor()
        _wait(lambda: _states(scene)[:1] == [DagsterRunStatus.STARTED])
        scene.code.kill()
        Killer(scene, seed=1).blow("worker")
        _wait(lambda: _newest_tag(scene, WILL_RETRY_TAG) == "false")
        scene.postgres.crash()
        scene.postgres.start()
        scene.code.start()
        assert Watching(scene, LIMIT_S).until(1, Killer(scene, seed=1).revive)
        assert examine(scene, plan.load) == []
        assert _states(scene) == [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE]


def _states(scene: Scene) -> list[DagsterRunStatus]:
    return [run.status for run in scene.instance.get_runs()]


def _newest_tag(scene: Scene, name: str) -> str | None:
    return scene.instance.get_runs(limit=1)[0].tags.get(name)


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
