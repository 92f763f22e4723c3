"""Whether a run can be what somebody asked for, seen before it waits for a place."""

from __future__ import annotations

from dataclasses import dataclass

import dagster as dg
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_START_TAG,
    MAX_RETRIES_TAG,
    PARTITION_NAME_TAG,
)

from esl_pipeline.defs.jobs import JOBS
from esl_pipeline.defs.partitions import ASSIGNMENTS, NO_PARTITION
from esl_pipeline.stages.stage import Stage

REFUSED_TAG = "esl/refused"
"""Of a run that was not begun: the code of why."""

TENANTS = "tenants"
OF_ASSIGNMENTS = frozenset(job.name for job in JOBS)
_KINDS = {"sync_voices": TENANTS, "sum_speech_usage": "months"}
_ASSETS = {**{stage.value: ASSIGNMENTS.name for stage in Stage}, "voice_catalogue": TENANTS, "speech_usage": "months"}

_ONE_OF = {
    ASSIGNMENTS.name: "an assignment, such as my-school/week-1",
    TENANTS: "a tenant, such as my-school",
    "months": "a month, such as 2026-11",
}
_HOW_TO_ADD = {
    ASSIGNMENTS.name: "Put its lesson into the inbox, or add the partition on the page of validated_manifest.",
    TENANTS: "sync_voices_daily adds those of tenants; or add the partition on the page of voice_catalogue.",
}


@dataclass(frozen=True)
class Unlaunchable:
    """Why a run can't be begun.

    Attributes:
        code: ``no_partition`` or ``unknown_partition``.
        message: what is wrong, and what to do.
    """

    code: str
    message: str


def unlaunchable(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Unlaunchable | None:
    """Returns why a run can't be begun, None where it can: Dagster would begin it, and fail with words of its own."""
    partitions = _partitions_of(run)
    if partitions is None or ASSET_PARTITION_RANGE_START_TAG in run.tags:
        return None
    key = run.tags.get(PARTITION_NAME_TAG)
    if key is None:
        fix = f"Launch it from the launchpad with a partition, or as a backfill: {_ONE_OF[partitions]}."
        return Unlaunchable(NO_PARTITION, f"{run.job_name} was launched without a partition. {fix}")
    if partitions in _HOW_TO_ADD and not instance.has_dynamic_partition(partitions, key):
        message = f"There is no partition {key[:130]!r}, or it was archived. {_HOW_TO_ADD[partitions]}"
        return Unlaunchable("unknown_partition", message)
    return None


def refuse(instance: dg.DagsterInstance, run: dg.DagsterRun, why: Unlaunchable) -> dg.DagsterRun:
    """Ends a run before it begins; nobody starts it again. Returns it as it is then."""
    instance.add_run_tags(run.run_id, {REFUSED_TAG: why.code, MAX_RETRIES_TAG: "0"})
    instance.report_run_failed(run, why.message)
    return instance.get_run_by_id(run.run_id) or run


def _partitions_of(run: dg.DagsterRun) -> str | None:
    """Returns the partitions that a run needs one of, None where it needs none."""
    if run.job_name in OF_ASSIGNMENTS:
        return ASSIGNMENTS.name
    if run.job_name in _KINDS:
        return _KINDS[run.job_name]
    chosen = (_ASSETS.get(key.to_user_string()) for key in run.asset_selection or ())
    return next((name for name in chosen if name), None)
