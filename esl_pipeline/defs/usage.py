"""What all tenants spent on speech, month by month."""

# Dagster reads the annotations of these functions as they are, so they are not postponed.
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from esl_pipeline.defs.failures import as_dagster_failures
from esl_pipeline.defs.metadata import values_of
from esl_pipeline.defs.resources import PipelineResource

if TYPE_CHECKING:
    from esl_pipeline.stages.speech_usage import SpeechUsage

MONTHS = dg.MonthlyPartitionsDefinition(start_date="2026-01", fmt="%Y-%m", end_offset=1)
"""Calendar months of UTC, the current one included."""


@dg.asset(
    partitions_def=MONTHS,
    group_name="speech",
    kinds={"pandas"},
    tags={"esl/costs": "nothing"},
    owners=["team:esl"],
    code_version="1",
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(days=35)),
)
def speech_usage(context: dg.AssetExecutionContext, pipeline: PipelineResource) -> dg.MaterializeResult[Any]:
    """A month's speech by tenant, engine, model and voice: characters, credits, dollars, seconds, and what was reused.

    Summed from the account books, as a table, a picture and a CSV file. Costs nothing.
    """
    from esl_pipeline.defs.at_work import as_markdown, sum_usage, usage_plot, write_report

    with as_dagster_failures():
        usage = sum_usage(pipeline.pipeline.providers.usage, context.partition_key)
        path = write_report(pipeline.reports, usage)
    metadata = values_of(_figures(usage)) | {"usage/csv": dg.MetadataValue.path(str(path))}
    if len(usage.table):
        metadata["usage/table"] = dg.MetadataValue.table(
            [dg.TableRecord(row) for row in usage.rows()], schema=_schema(usage)
        )
        metadata["usage/plot"] = dg.MetadataValue.md(as_markdown(usage_plot(usage), "characters by tenant and model"))
    return dg.MaterializeResult(metadata=metadata)


def _figures(usage: "SpeechUsage") -> dict[str, Any]:
    total = usage.total()
    return {
        "usage/characters": int(total["characters"]),
        "usage/credits": int(total["credits"]),
        "usage/usd": round(total["usd"], 4),
        "usage/minutes": round(total["seconds"] / 60, 2),
        "usage/segments": int(total["segments"]),
        "usage/segments_reused": int(total["reused_segments"]),
        "usage/hit_rate": round(total["hit_rate"], 3),
        "usage/usd_open": round(total["open_usd"], 4),
    }


def _schema(usage: "SpeechUsage") -> dg.TableSchema:
    from esl_pipeline.defs.at_work import FIGURES

    kinds = {"int64": "int", "float64": "float"}
    return dg.TableSchema(
        [dg.TableColumn(name, kinds.get(FIGURES.get(name, ""), "string")) for name in map(str, usage.table.columns)]
    )


sum_speech_usage = dg.define_asset_job(
    "sum_speech_usage",
    selection=dg.AssetSelection.assets(speech_usage),
    description="Sums what all tenants spent on speech in one month.",
    executor_def=dg.in_process_executor,
)


@dg.schedule(
    name="sum_speech_usage_daily",
    job=sum_speech_usage,
    cron_schedule="45 2 * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Sums the current month's speech every night at 2:45 UTC, and on the first also the month before.",
)
def sum_speech_usage_daily(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
    """Starts a run for the current month; for the month before as well while it is the first of a month."""
    from esl_pipeline.defs.at_work import month_before, month_of

    at = context.scheduled_execution_time
    months = [month_of(at), *([month_before(month_of(at))] if at.day == 1 else [])]
    return [dg.RunRequest(partition_key=month, run_key=f"{month}:{at:%Y-%m-%d}") for month in months]
