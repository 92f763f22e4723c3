"""Runs in processes that are forked from one which has all loaded."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster._config.config_schema import UserConfigSchema
from dagster._core.launcher import CheckRunHealthResult, LaunchRunContext, RunLauncher
from dagster._serdes import ConfigurableClass, ConfigurableClassData, serialize_value

from esl_pipeline.defs.launching.run_health import RunHealth
from esl_pipeline.defs.launching.warm_workers import WarmWorkers
from esl_pipeline.defs.launching.watched_launcher import WatchedRunLauncher
from esl_pipeline.defs.launching.worker_process import WorkerProcess


class WarmRunLauncher(RunLauncher[dg.DagsterInstance], ConfigurableClass):
    """Launches runs beside the daemon; each has a process of its own, whose memory is given back when it ends.

    Workers outlive the daemon: the run's tags say which process it is.
    """

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        self._inst_data = inst_data
        self._workers, self._health = WarmWorkers(), RunHealth()
        super().__init__()  # type: ignore[no-untyped-call]

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """Where ``dagster.yaml`` names this class."""
        return self._inst_data

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """Returns what is configured: nothing."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]) -> RunLauncher:  # type: ignore[override]  # noqa: ARG003
        """Makes the launcher, Dagster's own where a process that has loaded much can't be forked safely."""
        return cls(inst_data) if sys.platform == "linux" else WatchedRunLauncher(inst_data)

    def launch_run(self, context: LaunchRunContext) -> None:
        """Gives the run a worker.

        Raises:
            NoWorkerError: no process could be made.
        """
        self._workers.fork(serialize_value(self._instance.get_ref()), context.dagster_run.run_id)

    def terminate(self, run_id: str) -> bool:
        """Asks the worker to stop at its next safe point; one on another machine sees it in the run's status.

        Returns False where the run has ended.
        """
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return False
        self._instance.report_run_canceling(run)
        worker = WorkerProcess.of_run(run)
        if worker and not worker.signal(signal.SIGINT) and worker.is_gone:
            self._instance.report_run_canceled(run, "Its worker was gone already.")
        return True

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

    def dispose(self) -> None:
        """Ends the server with the instance; workers go on."""
        self._workers.close()
