"""Whether the settings of all tenants work, asked of the vendors every day."""

# Dagster reads the annotations of this function as they are, so they are not postponed.
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from esl_pipeline.defs.failures import as_dagster_failures, failed_for_some
from esl_pipeline.defs.metadata import MetadataDict
from esl_pipeline.defs.partitions import ASSIGNMENTS
from esl_pipeline.defs.resources import PipelineResource
from esl_pipeline.defs.run_config import RunConfig
from esl_pipeline.defs.tenants import check_tenants_known, tenants_of
from esl_pipeline.defs.upkeep.runtime import LONG

if TYPE_CHECKING:
    from esl_pipeline.stages.check_tenants import FoundOfTenant

COLUMNS = ("tenant", "student", "subject", "status", "message")


class CheckTenantsConfig(RunConfig):
    """Who is checked."""

    tenants: list[str] = Field(
        default_factory=list,
        description="Slugs, such as [my-school]. Empty: all that have settings of their own or an assignment.",
    )


@dg.op
@as_dagster_failures()
def ask_vendors(
    context: dg.OpExecutionContext, config: CheckTenantsConfig, pipeline: PipelineResource
) -> dg.Output[int]:
    """Asks whether each tenant's credentials, place of the pages, voices, quota and bucket can be used."""
    from esl_pipeline.defs.at_work import TenantsCheck

    providers = pipeline.pipeline.providers
    keys = context.instance.get_dynamic_partitions(str(ASSIGNMENTS.name))
    check_tenants_known(context.instance, pipeline.pipeline, config.tenants)
    check = TenantsCheck(providers)
    found: list[FoundOfTenant] = []
    for one in check.look(config.tenants or tenants_of(providers.config.tenants(), keys)):
        context.log.log("WARNING" if one.is_wrong else "INFO", one.in_words())
        found.append(one)
    wrong = [one.in_words() for one in found if one.is_wrong]
    schema = dg.TableSchema([dg.TableColumn(name, "string") for name in COLUMNS])
    rows = [dg.TableRecord({name: getattr(one, name) for name in COLUMNS}) for one in found]
    metadata: MetadataDict = {
        "tenants/found": dg.MetadataValue.table(rows, schema=schema),
        "tenants/checked": dg.MetadataValue.int(len({one.tenant for one in found})),
        "tenants/passed_over": dg.MetadataValue.text(", ".join(check.passed_over) or "none"),
    }
    if wrong:
        raise failed_for_some(wrong, metadata)
    return dg.Output(len(found), metadata=metadata)


@dg.job(
    name="check_tenants",
    description="Asks the vendors whether each tenant's settings work: credentials, places, voices, quota, bucket. "
    "Buys nothing. Fails with the list of what must be mended, after all were asked.",
    tags=LONG,
    executor_def=dg.in_process_executor,
)
def check_tenants_job() -> None:
    """One op for all tenants."""
    ask_vendors()


check_tenants_daily = dg.ScheduleDefinition(
    name="check_tenants_daily",
    job=check_tenants_job,
    cron_schedule="30 5 * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Asks the vendors about all tenants' settings every morning at 5:30 UTC.",
)
