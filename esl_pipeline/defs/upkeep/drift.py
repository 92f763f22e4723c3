"""The nightly comparison of pages and sound with what was published."""

# Dagster reads the annotations of these functions as they are, so they are not postponed.
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from esl_pipeline.defs.failures import as_dagster_failures, failed_for_some, refusal
from esl_pipeline.defs.metadata import MetadataDict, values_of
from esl_pipeline.defs.partitions import ASSIGNMENTS, partitioned_checks
from esl_pipeline.defs.resources import PipelineResource
from esl_pipeline.defs.run_config import RunConfig
from esl_pipeline.defs.tenants import check_tenants_known
from esl_pipeline.defs.upkeep.runtime import LONG
from esl_pipeline.slugs import is_partition_key
from esl_pipeline.stages.in_one_go import MOST_ASSIGNMENTS

if TYPE_CHECKING:
    from esl_pipeline.stages.drift import Drift
    from esl_pipeline.stages.drift_check import Looked
    from esl_pipeline.stages.drift_finding import Difference
    from esl_pipeline.stages.pipeline import Pipeline

MOST_ROWS = 500
"""Differences in the table of a run; each assignment's own check has all of its own."""

COLUMNS = ("what", "seen", "how to mend it", "stays as it is")
NOT_ALL = "Not all of it is published yet. Run publish_lesson."

with partitioned_checks():

    @dg.asset_check(asset="notion_audio", partitions_def=ASSIGNMENTS)
    def stands_as_published(context: dg.AssetCheckExecutionContext, pipeline: PipelineResource) -> dg.AssetCheckResult:
        """Page, player and files are what was published. Looked at by the job drift_check; nothing is repaired.

        What people wrote is told and stays; what is missing or lost is told with the job that mends it.
        """
        from esl_pipeline.defs.at_work import is_complete, look_for_drift

        with as_dagster_failures():
            job = pipeline.job(context)
            if not is_complete(job.ledger.read()):
                return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN, description=NOT_ALL)
            drift = look_for_drift(job, pipeline.pipeline.vendors(job), None)
        return dg.AssetCheckResult(
            passed=not drift.differences,
            severity=dg.AssetCheckSeverity.WARN,
            description=summary_of(drift.differences),
            metadata=metadata_of(drift),
        )


class DriftConfig(RunConfig):
    """How much is compared."""

    tenant: str = Field("", description="One tenant's slug, such as my-school. Empty: all tenants.")
    assignments: list[str] = Field(
        default_factory=list,
        description="Only these, such as [my-school/station], whenever they were looked at. Empty: all.",
    )
    most_assignments: int = Field(
        MOST_ASSIGNMENTS,
        ge=1,
        le=100_000,
        description="Assignments in one run, those first that were looked at longest ago; the rest is for the next "
        "runs. One whose page nobody edited since costs one request to Notion, others 10 to 20.",
    )


@dg.op
def compare_with_publications(
    context: dg.OpExecutionContext, config: DriftConfig, pipeline: PipelineResource
) -> Iterator[Any]:
    """Compares pages and sound with their publications; each assignment's outcome stands at its own check."""
    from esl_pipeline.defs.at_work import DriftRound

    named = [key.partition("/")[0] for key in config.assignments]
    with as_dagster_failures():
        check_tenants_known(context.instance, pipeline.pipeline, [*named, *([config.tenant] if config.tenant else [])])
        _check_assignments_known(pipeline.pipeline, config.assignments)
    keys = context.instance.get_dynamic_partitions(str(ASSIGNMENTS.name))
    of_tenant = [key for key in keys if config.tenant in ("", key.partition("/")[0])]
    going, rows = DriftRound(pipeline.pipeline, config.most_assignments), list[dg.TableRecord]()
    with as_dagster_failures():
        for looked in going.look(of_tenant, config.assignments):
            yield evaluation_of(looked)
            rows += [_row(one, {"assignment": looked.key}) for one in looked.drift.differences]
    names = ("looked", "incomplete", "left", "requests")
    metadata = values_of({f"drift/{name}": getattr(going, name) for name in names})
    metadata |= {
        "drift/passed_over": dg.MetadataValue.text(", ".join(sorted(going.passed_over)) or "none"),
        "drift/differences": dg.MetadataValue.int(len(rows)),
        "drift/table": _table(rows[:MOST_ROWS], ("assignment", *COLUMNS)),
    }
    context.log.info(f"{len(rows)} differences at {going.looked} assignments; {going.left} are for the next runs")
    if going.problems:
        raise failed_for_some(going.problems, metadata)
    yield dg.Output(len(rows), metadata=metadata)


def _check_assignments_known(pipeline: "Pipeline", keys: Sequence[str]) -> None:
    def is_known(key: str) -> bool:
        return is_partition_key(key) and pipeline.providers.publications.read(*key.split("/")) is not None

    if unknown := [key for key in keys if not is_known(key)]:
        told = f"Never asked for: {', '.join(repr(key[:130]) for key in unknown)}."
        raise refusal(told, "unknown_assignment", "Launch it for assignments that are there, such as my-school/week-1.")


def evaluation_of(looked: "Looked") -> dg.AssetCheckEvaluation:
    """Returns what was seen of one assignment, as the outcome of its check."""
    return dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey("notion_audio"),
        check_name="stands_as_published",
        passed=not looked.drift.differences,
        severity=dg.AssetCheckSeverity.WARN,
        description=summary_of(looked.drift.differences),
        metadata=metadata_of(looked.drift),
        partition=looked.key,
    )


def summary_of(differences: "Sequence[Difference]") -> str:
    """Returns in a sentence how many differences there are, and the first that somebody must mend."""
    if not differences:
        return "All stands as it was published."
    first = next((one for one in differences if not one.stays), differences[0])
    kept = sum(one.stays for one in differences)
    count = f"{len(differences)} differences" if len(differences) > 1 else "1 difference"
    stays = f", {kept} of which are people's and stay" if kept else ""
    return f"{count}{stays}. {first.seen} {first.mend}"


def metadata_of(drift: "Drift") -> MetadataDict:
    """Returns the differences as a table, and figures."""
    figures = values_of({"drift/requests": drift.requests, "drift/blocks_people_added": drift.added})
    if not drift.differences:
        return figures
    return figures | {"drift/table": _table([_row(one, {}) for one in drift.differences], COLUMNS)}


def _row(one: "Difference", first: dict[str, str]) -> dg.TableRecord:
    told = (one.subject, one.seen, one.mend, "yes" if one.stays else "")
    return dg.TableRecord(first | dict(zip(COLUMNS, told, strict=True)))


def _table(rows: Sequence[dg.TableRecord], columns: Iterable[str]) -> dg.TableMetadataValue:
    schema = dg.TableSchema([dg.TableColumn(name, "string") for name in columns])
    return dg.MetadataValue.table(list(rows), schema=schema)


@dg.job(
    name="drift_check",
    description="Compares pages, players and files with what was published, and reports what people or vendors changed "
    "at each assignment's check stands_as_published. Repairs nothing, costs no speech.",
    tags=LONG,
    executor_def=dg.in_process_executor,
)
def drift_job() -> None:
    """One op for all tenants."""
    compare_with_publications()


drift_nightly = dg.ScheduleDefinition(
    name="drift_check_nightly",
    job=drift_job,
    cron_schedule="15 1 * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Compares the 300 assignments that were looked at longest ago, every night at 1:15 UTC.",
)
