"""The clean-up, as a job with a schedule."""

# Dagster reads the annotations of this function as they are, so they are not postponed.
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from esl_pipeline.defs.failures import as_dagster_failures, failed_for_some
from esl_pipeline.defs.resources import PipelineResource
from esl_pipeline.defs.run_config import RunConfig
from esl_pipeline.defs.tenants import check_tenants_known
from esl_pipeline.defs.upkeep.runtime import LONG

if TYPE_CHECKING:
    from esl_pipeline.stages.prune_artifacts import Pruned


class PruneConfig(RunConfig):
    """Whose files are cleaned up."""

    tenant: str = Field("", description="One tenant's slug. Empty: all tenants.")
    dry_run: bool = Field(True, description="Only say what would be removed.")


@dg.op
@as_dagster_failures()
def remove_unused(context: dg.OpExecutionContext, config: PruneConfig, pipeline: PipelineResource) -> dg.Output[int]:
    """Removes speech, tracks and uploads that no publication has needed for the tenant's retention.artifacts_days."""
    from esl_pipeline.defs.at_work import prune_artifacts

    check_tenants_known(context.instance, pipeline.pipeline, [config.tenant] if config.tenant else [])
    pruned = prune_artifacts(pipeline.pipeline, config.tenant or None, dry_run=config.dry_run)
    total, metadata = pruned.total(), _metadata(pruned)
    verb = "would remove" if pruned.dry_run else "removed"
    context.log.info(f"{verb} {total.count} files, {total.bytes:,} bytes")
    if pruned.problems:
        raise failed_for_some(pruned.problems, metadata)
    return dg.Output(total.bytes, metadata=metadata)


def _metadata(pruned: "Pruned") -> dict[str, dg.MetadataValue[Any]]:
    rows = [
        dg.TableRecord({"tenant": one.tenant, "kind": kind, "files": removed.count, "bytes": removed.bytes})
        for one in pruned.tenants
        for kind, removed in one.removed.items()
    ]
    columns = {"tenant": "string", "kind": "string", "files": "int", "bytes": "int"}
    schema = dg.TableSchema([dg.TableColumn(name, kind) for name, kind in columns.items()])
    total = pruned.total()
    return {
        "prune/removed": dg.MetadataValue.table(rows, schema=schema),
        "prune/files": dg.MetadataValue.int(total.count),
        "prune/bytes": dg.MetadataValue.int(total.bytes),
        "prune/dry_run": dg.MetadataValue.bool(pruned.dry_run),
    }


@dg.job(
    name="prune_artifacts",
    description="Removes what no publication needs any more. As launched by hand it only says what it would remove.",
    tags=LONG,
    executor_def=dg.in_process_executor,
)
def prune_job() -> None:
    """One op for all tenants."""
    remove_unused()


prune_daily = dg.ScheduleDefinition(
    name="prune_artifacts_daily",
    job=prune_job,
    cron_schedule="30 3 * * *",
    run_config={"ops": {"remove_unused": {"config": {"dry_run": False}}}},
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Cleans up after all tenants every night at 3:30 UTC.",
)
