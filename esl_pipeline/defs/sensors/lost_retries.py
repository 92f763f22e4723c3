"""The sensor that starts again what crashed, where Dagster itself gave up.

Dagster starts a crashed run again at the moment when it sees that it failed. If code server or Postgres are down just
then, it notes that it won't, and never looks again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster._core.events import RunFailureReason
from dagster._core.execution.plan.objects import StepFailureData
from dagster._core.execution.retries import auto_reexecution_should_retry_run
from dagster._core.storage.tags import (
    AUTO_RETRY_RUN_ID_TAG,
    PARTITION_NAME_TAG,
    RUN_FAILURE_REASON_TAG,
    WILL_RETRY_TAG,
)
from dagster_shared.error import SerializableErrorInfo

from esl_pipeline.defs.jobs import JOBS
from esl_pipeline.defs.partitions import ASSIGNMENTS, tags_of
from esl_pipeline.slugs import SlugError

AGAIN_TAG = "esl/again"
MOST_AGAIN = 3
"""How often this sensor starts one run again; Dagster counts its own."""
AWAY = frozenset({"OperationalError", "InterfaceError", "DagsterPostgresException"})
"""Errors of psycopg2, SQLAlchemy and dagster-postgres whose cause is that the database can't be reached."""
AWAY_CODES = frozenset({"store_unavailable", "audit_unavailable"})
"""Of failures that our own stores told."""
LOOK_BACK = timedelta(hours=6)
RUNS_PER_TICK = 100
DAGSTERS_TIME = timedelta(minutes=2)
"""How long Dagster may take to start a run again that it said it would."""


def lost_retries(instance: dg.DagsterInstance, now: datetime) -> Iterator[dg.DagsterRun]:
    """Yields the crashed runs that may be started again, but were not, neither by Dagster nor by anybody else."""
    failed = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=now - LOOK_BACK)
    for record in instance.get_run_records(failed, limit=RUNS_PER_TICK):
        run = record.dagster_run
        gone_by = now - record.update_timestamp.astimezone(UTC) > DAGSTERS_TIME
        if _is_ours(run) and _is_left(run, gone_by=gone_by) and _may_again(instance, run) and _is_newest(instance, run):
            yield run


def _is_ours(run: dg.DagsterRun) -> bool:
    try:
        return run.job_name in {job.name for job in JOBS} and bool(tags_of(run.tags.get(PARTITION_NAME_TAG, "")))
    except SlugError:
        return False


def _is_left(run: dg.DagsterRun, *, gone_by: bool) -> bool:
    """True where Dagster noted that it won't start the run again, or forgot that it would."""
    return run.tags.get(WILL_RETRY_TAG) == "false" or (gone_by and AUTO_RETRY_RUN_ID_TAG not in run.tags)


def starts_again(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Tells whether Dagster or this sensor starts a failed run again, so that nobody need be told yet."""
    if run.tags.get(WILL_RETRY_TAG) == "true":
        return True
    is_somebodys = run.tags.get(WILL_RETRY_TAG) is None or _is_ours(run)
    return is_somebodys and instance.run_retries_enabled and _may_again(instance, run)


def _may_again(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """True for a crash, as long as ``run_retries`` in ``dagster.yaml`` allows one more.

    A step that failed because Dagster's database or the state's store was away is one too, although Dagster counts it
    among failures.
    """
    if _count(run) >= MOST_AGAIN:
        return False
    found = run.tags.get(RUN_FAILURE_REASON_TAG)
    reason = RunFailureReason(found) if found else None
    if reason is RunFailureReason.STEP_FAILURE and _was_store_away(instance, run):
        reason = RunFailureReason.RUN_EXCEPTION
    return bool(auto_reexecution_should_retry_run(instance, run, reason))


def _was_store_away(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """True where each step that failed did so because a store was away; a vendor is none."""
    records = instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records
    events = [record.event_log_entry.dagster_event for record in records]
    failures = [event.step_failure_data for event in events if event]
    return bool(failures) and all(_is_of_store(one) for one in failures)


def _is_of_store(failure: StepFailureData) -> bool:
    if failure.user_failure_data:
        code = failure.user_failure_data.metadata.get("failure/code")
        return code is not None and code.value in AWAY_CODES
    return bool(AWAY & {*_errors(failure.error)})


def _errors(error: SerializableErrorInfo | None) -> Iterator[str]:
    while error:
        yield error.cls_name or ""
        error = error.cause


def _count(run: dg.DagsterRun) -> int:
    found = run.tags.get(AGAIN_TAG, "")
    return int(found) if found.isdecimal() else 0


def _is_newest(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """True unless the assignment had another run of the job since; one that was never queued is none."""
    key = run.tags[PARTITION_NAME_TAG]
    if not instance.has_dynamic_partition(str(ASSIGNMENTS.name), key):
        return False
    same = dg.RunsFilter(job_name=run.job_name, tags={PARTITION_NAME_TAG: key})
    newer = instance.get_runs(same, limit=5)
    queued = [one.run_id for one in newer if one.status != dg.DagsterRunStatus.NOT_STARTED]
    return queued[:1] == [run.run_id]


@dg.sensor(
    name="lost_retries_sensor",
    jobs=JOBS,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Starts runs of assignments again that crashed while Dagster could not start them again, because code "
    "server or database were down too, three times at most. What failed for a reason of its "
    "own is left alone.",
)
def lost_retries_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Asks for each crashed run once more; the new one goes on where the other stopped."""
    requests = [
        dg.RunRequest(
            run_key=f"again:{run.run_id}",
            job_name=run.job_name,
            partition_key=run.tags[PARTITION_NAME_TAG],
            run_config=run.run_config,
            tags={**tags_of(run.tags[PARTITION_NAME_TAG]), AGAIN_TAG: str(_count(run) + 1)},
        )
        for run in lost_retries(context.instance, datetime.now(UTC))
    ]
    return dg.SensorResult(run_requests=requests) if requests else dg.SkipReason("No crashed run was left behind.")
