"""Renewing the signed addresses on pages, as a job with a schedule."""

# Dagster reads the annotations of this function as they are, so they are not postponed.
import dagster as dg
from pydantic import Field

from esl_pipeline.defs.failures import as_dagster_failures, failed_for_some
from esl_pipeline.defs.metadata import values_of
from esl_pipeline.defs.resources import PipelineResource
from esl_pipeline.defs.run_config import RunConfig
from esl_pipeline.defs.tenants import check_tenants_known
from esl_pipeline.defs.upkeep.runtime import LONG
from esl_pipeline.stages.in_one_go import MOST_PAGES


class ResignConfig(RunConfig):
    """Whose pages are signed anew."""

    tenant: str = Field("", description="One tenant's slug. Empty: all tenants.")
    most_pages: int = Field(MOST_PAGES, ge=1, le=10_000, description="Pages in one run; the rest is for the next one.")


@dg.op
@as_dagster_failures()
def renew_addresses(context: dg.OpExecutionContext, config: ResignConfig, pipeline: PipelineResource) -> dg.Output[int]:
    """Signs the addresses of sound and captions anew on each page where they end before the next run."""
    from esl_pipeline.defs.at_work import actor_of, resign_audio

    check_tenants_known(context.instance, pipeline.pipeline, [config.tenant] if config.tenant else [])
    actor = actor_of(context.run.tags)
    done = resign_audio(pipeline.pipeline, config.tenant or None, most=config.most_pages, actor=actor)
    metadata = values_of({f"resign/{name}": getattr(done, name) for name in ("due", "renewed", "kept", "left")})
    metadata["resign/passed_over"] = dg.MetadataValue.text(", ".join(done.passed_over) or "none")
    context.log.info(f"signed {done.renewed} of {done.due} pages anew")
    if done.problems:
        raise failed_for_some(done.problems, metadata)
    return dg.Output(done.renewed, metadata=metadata)


@dg.job(
    name="resign_audio",
    description="Renews signed addresses on pages before they end (storage.publishing: presigned).",
    tags=LONG,
    executor_def=dg.in_process_executor,
)
def resign_job() -> None:
    """One op for all tenants."""
    renew_addresses()


resign_twice_daily = dg.ScheduleDefinition(
    name="resign_audio_twice_daily",
    job=resign_job,
    cron_schedule="50 3,15 * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Renews signed addresses at 3:50 and 15:50 UTC. Turn it on where a tenant publishes presigned.",
)
"""Twice a day; ``stages.resign_audio`` counts on that."""
