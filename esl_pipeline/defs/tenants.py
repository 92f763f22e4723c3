"""The voices of each tenant's account, as an asset that a schedule keeps up to date."""

# Dagster reads the annotations of these functions as they are, so they are not postponed.
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import dagster as dg

from esl_pipeline.defs.failures import as_dagster_failures, refusal
from esl_pipeline.defs.metadata import values_of
from esl_pipeline.defs.partitions import ASSIGNMENTS, NO_PARTITION, TENANT_TAG, partitioned_checks
from esl_pipeline.defs.resources import PipelineResource
from esl_pipeline.slugs import is_partition_key

if TYPE_CHECKING:
    from esl_pipeline.stages.pipeline import Pipeline

TENANTS = dg.DynamicPartitionsDefinition(name="tenants")

OTHER_VOICES = "Choose other voices in speech.voices, or let the next change of the lesson cast anew."


def tenant_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> str:
    """Returns the tenant of the run's partition.

    Raises:
        Failure: the run has no partition.
    """
    key = context.run.tags.get("dagster/partition")
    if key is None:
        raise refusal("The run is for no partition, or for several.", NO_PARTITION, "Launch it for one: a tenant.")
    return key


@dg.asset(
    partitions_def=TENANTS,
    group_name="speech",
    kinds={"elevenlabs", "openai"},
    tags={"esl/costs": "requests"},
    owners=["team:esl"],
    code_version="1",
)
def voice_catalogue(context: dg.AssetExecutionContext, pipeline: PipelineResource) -> dg.MaterializeResult[Any]:
    """The voices of a tenant's account, from which speakers are cast; read anew by every run of sync_voices.

    Casting reads the account itself where this is older than speech.catalogue_max_age_h. Costs nothing.
    """
    from esl_pipeline.defs.at_work import expiry_table, sync_voices

    providers = pipeline.pipeline.providers
    with as_dagster_failures():
        sync = sync_voices(providers, tenant_of(context))
    catalogue = sync.catalogue
    figures = {
        "voices/count": len(catalogue.voices),
        "voices/engine": catalogue.engine,
        "voices/read_at": catalogue.synced_at.isoformat(timespec="seconds"),
        "voices/added": ", ".join(sync.added) or "none",
        "voices/removed": ", ".join(sync.removed) or "none",
        "voices/expiring": expiry_table(catalogue, providers.clock.now().date()),
    }
    return dg.MaterializeResult(metadata=values_of(figures))


with partitioned_checks():

    @dg.asset_check(asset=voice_catalogue, partitions_def=TENANTS)
    def voices_stay(context: dg.AssetCheckExecutionContext, pipeline: PipelineResource) -> dg.AssetCheckResult:
        """The voices that the tenant's lessons are spoken with stay in the account.

        A warning: what is published plays on, but a change would be spoken by somebody else. To mend it, choose other
        voices in speech.voices for what is listed, or let the next change of the lesson cast anew. Costs nothing.
        """
        from esl_pipeline.defs.at_work import catalogues_of, voices_in_use, voices_that_go

        providers, tenant = pipeline.pipeline.providers, tenant_of(context)
        with as_dagster_failures():
            known = catalogues_of(providers, tenant).known()
            used = list(voices_in_use(providers.publications.list(tenant), known.engine if known else ""))
            going = voices_that_go(used, known, providers.clock.now().date()) if known else []
        told = f"{len(going)} of {len(used)} speakers have voices that go." if going else "All voices in use stay."
        return dg.AssetCheckResult(
            passed=not going,
            severity=dg.AssetCheckSeverity.WARN,
            description=told,
            metadata=values_of(
                {"voices/going": going, "voices/in_use": len(used), "check/fix": OTHER_VOICES if going else None}
            ),
        )


sync_voices_job = dg.define_asset_job(
    "sync_voices",
    selection=dg.AssetSelection.assets(voice_catalogue).without_checks() | dg.AssetSelection.checks(voices_stay),
    description="Reads the voices of one tenant's account anew, and checks that the voices in use stay.",
    executor_def=dg.in_process_executor,
)


def tenants_of(configured: Iterable[str], assignment_keys: Iterable[str]) -> list[str]:
    """Returns the tenants that have settings of their own, or an assignment; names that are no slugs are left out."""
    return sorted({*configured, *(key.partition("/")[0] for key in assignment_keys if is_partition_key(key))})


def check_tenants_known(instance: dg.DagsterInstance, pipeline: "Pipeline", tenants: Iterable[str]) -> None:
    """Checks the tenants that a job was given by hand: for a mistyped one it would do nothing, and look well.

    Raises:
        Failure: some have neither settings nor an assignment nor a file.
    """
    if not (named := list(tenants)):
        return
    keys, providers = instance.get_dynamic_partitions(str(ASSIGNMENTS.name)), pipeline.providers
    known = {*tenants_of(providers.config.tenants(), keys), *providers.artifacts.tenants()}
    if unknown := [one for one in named if one not in known]:
        near = [*get_close_matches(unknown[0], known, 1), *sorted(known)][:3]
        told = f"There is no tenant {', '.join(repr(one[:80]) for one in unknown)}."
        fix = f"Launch it for one that is there, such as {', '.join(dict.fromkeys(near)) or 'none yet'}."
        raise refusal(told, "unknown_tenant", fix)


def active_tenants(instance: dg.DagsterInstance) -> list[str]:
    """Returns the tenants that have settings or an assignment, and are not suspended."""
    from esl_pipeline.defs.at_work import Stopped, open_config, read_environment, standings_of

    environment = read_environment()
    may_not = Stopped(standings_of(environment))
    keys = instance.get_dynamic_partitions(str(ASSIGNMENTS.name))
    return [one for one in tenants_of(open_config(environment).tenants(), keys) if not may_not(one)]


@dg.schedule(
    name="sync_voices_daily",
    job=sync_voices_job,
    cron_schedule="15 2 * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Reads the voices of all tenants' accounts every night at 2:15 UTC.",
)
def sync_voices_daily(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
    """Starts a run per tenant that has settings or an assignment and is not suspended; makes their partitions."""
    tenants = active_tenants(context.instance)
    if not tenants:
        return dg.SkipReason("There are no tenants yet, or all of them are suspended.")
    context.instance.add_dynamic_partitions(str(TENANTS.name), tenants)
    day = f"{context.scheduled_execution_time:%Y-%m-%d}"
    return [
        dg.RunRequest(partition_key=tenant, run_key=f"{tenant}:{day}", tags={TENANT_TAG: tenant}) for tenant in tenants
    ]
