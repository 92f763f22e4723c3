"""Runs whose process on this machine is gone; where a daemon runs it sees them itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import dagster as dg

GONE = "The process that worked on it is gone. Publish again: what was done is kept."


def fail_dead_runs(instance: dg.DagsterInstance) -> None:
    """Tells Dagster of runs whose shell or worker was killed, so that they hold no place in the queue."""
    import dagster as dg
    from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES, DagsterRunStatus

    from esl_pipeline.defs.launching.worker_process import WorkerProcess

    under_way = [status for status in NOT_FINISHED_STATUSES if status is not DagsterRunStatus.QUEUED]
    for run in instance.get_runs(dg.RunsFilter(statuses=under_way)):
        worker = WorkerProcess.of_run(run)
        if worker and worker.is_gone:
            instance.report_run_failed(run, GONE)
