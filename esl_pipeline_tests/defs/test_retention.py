from __future__ import annotations

from pathlib import Path

import dagster as dg
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import TickStatus

from esl_pipeline.commands.instance import open_instance


def test_the_instance_forgets_ticks_soonest_those_that_found_nothing(tmp_path: Path) -> None:
    with open_instance(tmp_path) as instance:
        sensors, schedules = (days(instance, kind) for kind in (InstigatorType.SENSOR, InstigatorType.SCHEDULE))
    assert (sensors[TickStatus.SKIPPED], schedules[TickStatus.SKIPPED]) == (2, 30)
    for kept in (sensors, schedules):
        assert all(kept[TickStatus.SKIPPED] <= kept[status] <= 90 for status in TickStatus)


def days(instance: dg.DagsterInstance, kind: InstigatorType) -> dict[TickStatus, int]:
    return dict(instance.get_tick_retention_settings(kind))
