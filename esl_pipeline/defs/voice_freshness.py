"""Whether all tenants' voices were read lately; Dagster's own freshness policies don't know dynamic partitions."""

# Dagster reads the annotations of these functions as they are, so they are not postponed.
from typing import TYPE_CHECKING

import dagster as dg

from esl_pipeline.defs.failures import as_dagster_failures
from esl_pipeline.defs.metadata import values_of
from esl_pipeline.defs.resources import PipelineResource
from esl_pipeline.defs.tenants import active_tenants, voice_catalogue

if TYPE_CHECKING:
    from esl_pipeline.stages.catalogue_freshness import CatalogueAge

READ_ANEW = "Run sync_voices for these tenants and see why it fails, or turn on sync_voices_daily."


@dg.asset_check(asset=voice_catalogue)
def voice_catalogue_is_fresh(context: dg.AssetCheckExecutionContext, pipeline: PipelineResource) -> dg.AssetCheckResult:
    """Every tenant's list of voices is younger than its speech.catalogue_max_age_h.

    A warning: casting reads an old list again by itself, but nobody sees in time which voices go. To mend it, run
    sync_voices for the tenants that are listed, or turn on sync_voices_daily. Looks at all tenants; costs nothing.
    """
    from esl_pipeline.defs.at_work import catalogue_ages

    with as_dagster_failures():
        ages = catalogue_ages(pipeline.pipeline.providers, active_tenants(context.instance))
    old = [one for one in ages if not one.is_fresh]
    told = f"{len(old)} of {len(ages)} tenants have an old list of voices." if old else "All lists of voices are fresh."
    figures = {"voices/tenants": len(ages), "voices/old": len(old), "voices/ages": [_row(one) for one in old[:100]]}
    return dg.AssetCheckResult(
        passed=not old,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{told} {READ_ANEW}" if old else told,
        metadata=values_of(figures | ({"check/fix": READ_ANEW} if old else {})),
    )


def _row(age: "CatalogueAge") -> dict[str, str | float]:
    return {
        "tenant": age.tenant,
        "engine": age.engine,
        "read at": age.read_at.isoformat(timespec="seconds") if age.read_at else "never",
        "hours": age.age_h or 0.0,
        "at most": age.max_age_h,
        "problem": age.problem,
    }


check_voices_job = dg.define_asset_job(
    "check_voices",
    selection=dg.AssetSelection.checks(voice_catalogue_is_fresh),
    description="Looks whether the voices of all tenants were read lately.",
    executor_def=dg.in_process_executor,
)

check_voices_daily = dg.ScheduleDefinition(
    name="check_voices_daily",
    job=check_voices_job,
    cron_schedule="15 5 * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Looks every morning at 5:15 UTC whether the voices of all tenants were read lately.",
)
