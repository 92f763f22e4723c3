"""Taking assignments that are long done out of Dagster's lists, as a job with a schedule."""

# Dagster reads the annotations of this function as they are, so they are not postponed.
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES
from pydantic import Field

from esl_pipeline.defs.failures import as_dagster_failures, failed_for_some
from esl_pipeline.defs.metadata import values_of
from esl_pipeline.defs.partitions import ASSIGNMENTS
from esl_pipeline.defs.resources import PipelineResource
from esl_pipeline.defs.run_config import RunConfig
from esl_pipeline.defs.tenants import check_tenants_known
from esl_pipeline.defs.upkeep.runtime import LONG

if TYPE_CHECKING:
    from esl_pipeline.stages.archive_assignments import Archivable

MOST_ROWS = 500
"""Assignments in the table of a run; the audit log has all of them."""


class ArchiveConfig(RunConfig):
    """What is archived."""

    tenant: str = Field("", description="One tenant's slug, such as my-school. Empty: all tenants.")
    dry_run: bool = Field(True, description="Only say what would be archived.")
    most_assignments: int = Field(
        5_000, ge=1, le=100_000, description="Assignments that are archived in one run; the rest is for the next one."
    )


@dg.op
@as_dagster_failures()
def remove_partitions(
    context: dg.OpExecutionContext, config: ArchiveConfig, pipeline: PipelineResource
) -> dg.Output[int]:
    """Removes the keys of assignments that nobody worked on for the tenant's retention.archive_days."""
    from esl_pipeline.defs.at_work import Archiving, actor_of

    check_tenants_known(context.instance, pipeline.pipeline, [config.tenant] if config.tenant else [])
    keys = context.instance.get_dynamic_partitions(str(ASSIGNMENTS.name))
    wanted = [key for key in keys if config.tenant in ("", key.partition("/")[0])]
    archiving = Archiving(pipeline.pipeline.providers, actor_of(context.run.tags))
    archived: list[Archivable] = []
    for one in archiving.due(wanted):
        if len(archived) == config.most_assignments:
            break
        if _is_worked_on(context.instance, one.key):
            continue
        if not config.dry_run:
            archiving.tell(one)
            context.instance.delete_dynamic_partition(str(ASSIGNMENTS.name), one.key)
        archived.append(one)
    rows = [
        dg.TableRecord({"assignment": one.key, "last worked on": one.touched_at.isoformat(timespec="seconds")})
        for one in archived[:MOST_ROWS]
    ]
    metadata = values_of({"archive/kept": archiving.kept, "archive/never_published": archiving.unknown})
    metadata |= {
        "archive/count": dg.MetadataValue.int(len(archived)),
        "archive/dry_run": dg.MetadataValue.bool(config.dry_run),
        "archive/passed_over": dg.MetadataValue.text(", ".join(sorted(archiving.passed_over)) or "none"),
        "archive/table": dg.MetadataValue.table(
            rows, schema=dg.TableSchema([dg.TableColumn(name, "string") for name in ("assignment", "last worked on")])
        ),
    }
    context.log.info(
        f"{'would archive' if config.dry_run else 'archived'} {len(archived)} of {len(wanted)} assignments"
    )
    if archiving.problems:
        raise failed_for_some(archiving.problems, metadata)
    return dg.Output(len(archived), metadata=metadata)


def _is_worked_on(instance: dg.DagsterInstance, key: str) -> bool:
    """Tells whether a run of the assignment waits or is under way."""
    under_way = dg.RunsFilter(tags={"dagster/partition": key}, statuses=NOT_FINISHED_STATUSES)
    return instance.get_runs_count(under_way) > 0


@dg.job(
    name="archive_assignments",
    description="Takes assignments that are published and long untouched out of Dagster's lists of partitions; page, "
    "speech and publication stay. As launched by hand it only says what it would do.",
    tags=LONG,
    executor_def=dg.in_process_executor,
)
def archive_job() -> None:
    """One op for all tenants."""
    remove_partitions()


archive_daily = dg.ScheduleDefinition(
    name="archive_assignments_daily",
    job=archive_job,
    cron_schedule="10 4 * * *",
    run_config={"ops": {"remove_partitions": {"config": {"dry_run": False}}}},
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Archives what is long done, of all tenants, every night at 4:10 UTC.",
)
