"""Dagster's own launcher, with a look after its runs, which it does not have itself."""

from __future__ import annotations

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher
from dagster._serdes import ConfigurableClassData

from esl_pipeline.defs.launching.run_health import RunHealth


class WatchedRunLauncher(DefaultRunLauncher):
    """Launches runs through the code server, in processes that load all anew: works on every system, and slowly."""

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(inst_data)
        self._health = RunHealth()

    @property
    def supports_check_run_worker_health(self) -> bool:
        """True: Dagster's monitoring asks for each run that is under way."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Tells whether anybody works on the run."""
        return self._health.check(run)

    def get_run_worker_debug_info(self, run: dg.DagsterRun, include_container_logs: bool | None = True) -> str | None:  # noqa: ARG002
        """Ends what is left of a worker that Dagster gives up, and says so; it asks at no other time."""
        return self._health.end_worker(run)
