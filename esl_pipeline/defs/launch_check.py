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
from esl_pipeline.defs.run_config import ConfigFromEnvironmentError, check_no_environment
from esl_pipeline.defs.tenants import TENANTS, sync_voices_job, voice_catalogue
from esl_pipeline.defs.usage import MONTHS, speech_usage, sum_speech_usage
from esl_pipeline.slugs import SlugError, parse_partition_key
from esl_pipeline.stages.stage import Stage

REFUSED_TAG = "esl/refused"
"""Of a run that was not begun: the code of why."""

OF_MONTHS = "months"
_JOBS = {
    **{job.name: ASSIGNMENTS.name for job in JOBS},
    sync_voices_job.name: TENANTS.name,
    sum_speech_usage.name: OF_MONTHS,
}
_ASSETS = {
    **{stage.value: ASSIGNMENTS.name for stage in Stage},
    voice_catalogue.key.to_user_string(): TENANTS.name,
    speech_usage.key.to_user_string(): OF_MONTHS,
}

_ONE_OF = {
    ASSIGNMENTS.name: "an assignment, such as my-school/week-1",
    TENANTS.name: "a tenant, such as my-school",
    OF_MONTHS: "a month, such as 2026-11",
}
_HOW_TO_ADD = {
    ASSIGNMENTS.name: "Put its lesson into the inbox, or add the partition on the page of validated_manifest.",
    TENANTS.name: "sync_voices_daily adds those of tenants; or add the partition on the page of voice_catalogue.",
}


@dataclass(frozen=True)
class Unlaunchable:
    """Why a run can't be begun.

    Attributes:
        code: ``no_partition``, ``unknown_partition`` or ``config_from_environment``.
        message: what is wrong, and what to do.
    """

    code: str
    message: str


def unlaunchable(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Unlaunchable | None:
    """Returns why a run can't be begun, None where it can: Dagster would begin it, and fail with words of its own."""
    try:
        check_no_environment(run.run_config)
    except ConfigFromEnvironmentError as error:
        return Unlaunchable("config_from_environment", str(error))
    partitions, key = _partitions_of(run), run.tags.get(PARTITION_NAME_TAG)
    if partitions is None:
        return None
    if key is None:
        how = "for several partitions at once" if ASSET_PARTITION_RANGE_START_TAG in run.tags else "without a partition"
        fix = f"Launch it from the launchpad with a partition, or as a backfill: {_ONE_OF[partitions]}."
        return Unlaunchable(NO_PARTITION, f"{run.job_name} was launched {how}. {fix}")
    return _unknown(instance, partitions, key)


def _unknown(instance: dg.DagsterInstance, partitions: str, key: str) -> Unlaunchable | None:
    if partitions == OF_MONTHS:
        known, fix = key in MONTHS.get_partition_keys(), f"Choose a month up to this one: {_ONE_OF[partitions]}."
    else:
        known, fix = instance.has_dynamic_partition(partitions, key), _HOW_TO_ADD[partitions]
    if known:
        return None
    why = f"There is no partition {key[:130]!r}, or it was archived. {fix}"
    if partitions == ASSIGNMENTS.name:
        try:
            parse_partition_key(key)
        except SlugError as error:
            why = str(error)
    return Unlaunchable("unknown_partition", why)


def refuse(instance: dg.DagsterInstance, run: dg.DagsterRun, why: Unlaunchable) -> dg.DagsterRun:
    """Ends a run before it begins; nobody starts it again. Returns it as it is then."""
    instance.add_run_tags(run.run_id, {REFUSED_TAG: why.code, MAX_RETRIES_TAG: "0"})
    instance.report_run_failed(run, why.message)
    return instance.get_run_by_id(run.run_id) or run


def _partitions_of(run: dg.DagsterRun) -> str | None:
    """Returns the partitions that a run needs one of, None where it needs none."""
    if run.job_name in _JOBS:
        return _JOBS[run.job_name]
    chosen = (_ASSETS.get(key.to_user_string()) for key in run.asset_selection or ())
    return next((name for name in chosen if name), None)
