"""Asset checks that look at what stands at the vendors after a run; they read and never repair."""

# Dagster reads the annotations of these functions as they are, so they are not postponed.
from collections.abc import Callable
from typing import TYPE_CHECKING

import dagster as dg

from esl_pipeline.defs import assets
from esl_pipeline.defs.failures import as_dagster_failures
from esl_pipeline.defs.metadata import values_of
from esl_pipeline.defs.partitions import ASSIGNMENTS, assignment_of, partitioned_checks
from esl_pipeline.defs.resources import PipelineResource

if TYPE_CHECKING:
    from esl_pipeline.stages.checks import CheckOutcome
    from esl_pipeline.stages.job import Job
    from esl_pipeline.stages.pipeline import Pipeline

CheckFunction = Callable[[dg.AssetCheckExecutionContext, PipelineResource], dg.AssetCheckResult]


def _partitioned_check(asset: dg.AssetsDefinition) -> Callable[[CheckFunction], dg.AssetChecksDefinition]:
    """Makes a check whose outcome Dagster keeps per assignment."""

    def make(function: CheckFunction) -> dg.AssetChecksDefinition:
        with partitioned_checks():
            return dg.asset_check(asset=asset, partitions_def=ASSIGNMENTS)(function)

    return make


def _look(
    context: dg.AssetCheckExecutionContext,
    resource: PipelineResource,
    look: "Callable[[Pipeline, Job], CheckOutcome]",
) -> dg.AssetCheckResult:
    from esl_pipeline.defs.at_work import telling_of

    tenant, assignment = assignment_of(context)
    ids = {"tenant": tenant, "assignment": assignment, "run_id": context.run.run_id, "stage": look.__name__}
    retried = context.op_execution_context.retry_number
    with telling_of(**ids), as_dagster_failures(retried, resource.asking.retries):
        outcome = look(resource.pipeline, resource.job(context))
    return check_result(outcome)


def check_result(outcome: "CheckOutcome") -> dg.AssetCheckResult:
    """Returns what Dagster keeps: an error where students miss something, a warning where they don't."""
    mend = {"check/fix": outcome.fix} if outcome.fix else {}
    return dg.AssetCheckResult(
        passed=outcome.passed,
        severity=dg.AssetCheckSeverity.WARN if outcome.cosmetic else dg.AssetCheckSeverity.ERROR,
        description=f"{outcome.description} {outcome.fix}".strip(),
        metadata=values_of({**outcome.metadata, **mend}),
    )


@_partitioned_check(assets.notion_page)
def page_matches_lesson(context: dg.AssetCheckExecutionContext, pipeline: PipelineResource) -> dg.AssetCheckResult:
    """The page has the lesson's blocks, in order; what a person edited is told as a warning, and stays.

    An error: students miss something. To mend it, run notion_page with force. Costs a request per block with children.
    """
    from esl_pipeline.defs.at_work import checks

    return _look(context, pipeline, checks.page_matches_lesson)


@_partitioned_check(assets.merged_mp3)
def audio_lasts_as_long_as_its_segments(
    context: dg.AssetCheckExecutionContext, pipeline: PipelineResource
) -> dg.AssetCheckResult:
    """The decoded track has exactly the samples of its segments and pauses, and its captions are there.

    An error: students would hear a broken track. To mend it, run merged_mp3 with force, and what
    follows. Costs nothing.
    """
    from esl_pipeline.defs.at_work import checks

    return _look(context, pipeline, checks.audio_lasts_as_long_as_its_segments)


@_partitioned_check(assets.notion_audio)
def audio_is_attached(context: dg.AssetCheckExecutionContext, pipeline: PipelineResource) -> dg.AssetCheckResult:
    """The page has one audio block of ours, above the study text, and it plays the uploaded track.

    An error: students hear nothing, or another version; run notion_audio. A warning: somebody moved the block, or there
    is a second one. Costs three requests.
    """
    from esl_pipeline.defs.at_work import checks

    return _look(context, pipeline, checks.audio_is_attached)


CHECKS = [page_matches_lesson, audio_lasts_as_long_as_its_segments, audio_is_attached]
