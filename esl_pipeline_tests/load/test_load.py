"""The load in small: real daemon, code server, Postgres and sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from esl_pipeline_tests.browser.running_dev import free_ports
from esl_pipeline_tests.load.report import AT_A_TIME
from esl_pipeline_tests.load.scene import PORTS, Setup, running_scene
from esl_pipeline_tests.load.timeline import overtaken, runs_of
from esl_pipeline_tests.load.vendors import Vendors
from esl_pipeline_tests.load.watching import Watching
from esl_pipeline_tests.load.working import Plan, examine, put

LIMIT_S = 300
DELAYS = {"notion_s": 0.05, "speech_s": 0.3, "s3_s": 0.02}


@pytest.mark.slow
@pytest.mark.xdist_group("postgres")
def test_every_assignment_of_many_tenants_is_published_once_and_a_latecomer_soon(tmp_path: Path) -> None:
    plan = Plan(tenants=3, each=3)
    with running_scene(tmp_path, free_ports(PORTS), plan.all_tenants, Setup()) as scene:
        vendors, watching = Vendors(scene.sandbox), Watching(scene, LIMIT_S)
        vendors.begin(DELAYS)
        put(scene, plan.load)
        scene.turn_on_sensor()
        watching.until(len(plan.load) // 3, scene.check)
        put(scene, [plan.late])
        assert watching.until(len(plan.load) + 1, scene.check), watching.counts
        runs = runs_of(scene.instance)
        assert examine(scene, [*plan.load, plan.late]) == []
        assert not any(count.refused for count in vendors.traffic().values())
        assert sorted(run.key for run in runs) == sorted(one.key for one in [*plan.load, plan.late])
        [late] = [run for run in runs if run.key == plan.late.key]
        assert overtaken(late, runs) <= AT_A_TIME
