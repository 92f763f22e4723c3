"""Whether Dagster has the runs that a sensor asked for."""

from __future__ import annotations

from collections.abc import Callable

import dagster as dg
from dagster._core.storage.tags import RUN_KEY_TAG, SENSOR_NAME_TAG


def has_run(context: dg.SensorEvaluationContext, sensor: str) -> Callable[[str], bool]:
    """Returns what tells of a run key whether a run of the sensor's has it."""

    def tell(run_key: str) -> bool:
        tags = {RUN_KEY_TAG: run_key, SENSOR_NAME_TAG: sensor}
        return context.instance.get_runs_count(dg.RunsFilter(tags=tags)) > 0

    return tell
