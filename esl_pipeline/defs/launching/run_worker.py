"""What the process of one run does."""

from __future__ import annotations

import os
import sys

import dagster as dg
from dagster._core.events import EngineEventData
from dagster._core.instance.ref import InstanceRef
from dagster._grpc.impl import core_execute_run
from dagster._utils.hosted_user_process import recon_job_from_origin
from dagster._utils.interrupts import capture_interrupts

from esl_pipeline.defs.launching.cancel_watch import interrupted_by_status
from esl_pipeline.defs.launching.worker_process import WorkerProcess


def work(instance_ref: InstanceRef, run_id: str) -> None:
    """Does a run to its end and says who works on it.

    An interrupt stops it at the next safe point, as does who cancels the run or fails it, from any machine.

    Raises:
        LookupError: the run was deleted before it began.
    """
    with capture_interrupts(), dg.DagsterInstance.from_ref(instance_ref) as instance:
        instance.add_run_tags(run_id, WorkerProcess.current().tags(run_id))
        run = instance.get_run_by_id(run_id)
        if run is None or run.job_code_origin is None:
            raise LookupError(f"The run {run_id} was deleted before it began.")
        instance.report_engine_event("The worker begins.", run, EngineEventData.in_process(os.getpid()))
        job = recon_job_from_origin(run.job_code_origin)
        try:
            with interrupted_by_status(instance, run_id):
                for _ in core_execute_run(job, run, instance, inject_env_vars=True):
                    pass
        except (Exception, KeyboardInterrupt, dg.DagsterExecutionInterruptedError) as error:  # noqa: BLE001
            # What happened stands in the run's events by now.
            sys.stderr.write(f"run {run_id}: {type(error).__name__}: {error}\n")
