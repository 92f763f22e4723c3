"""Whether anybody works on a run."""

from __future__ import annotations

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus

from esl_pipeline.defs.launching.worker_process import WorkerProcess

GONE = "Its worker ended without a word: it was killed, or ran out of memory."


class RunHealth:
    """Looks after the runs of one launcher."""

    def check(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Looks at the run's process."""
        worker = WorkerProcess.of_run(run.tags)
        if worker and worker.is_gone:
            return CheckRunHealthResult(WorkerStatus.FAILED, GONE)
        return CheckRunHealthResult(WorkerStatus.RUNNING)
