"""The six assets of an assignment, each over one stage."""

# Dagster reads the annotations of these functions as they are, so they are not postponed.
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import dagster as dg

from esl_pipeline.defs.failures import MEND_LESSON, as_dagster_failures, lesson_failure
from esl_pipeline.defs.history import history_of
from esl_pipeline.defs.metadata import (
    MetadataDict,
    lesson_preview,
    metadata_of,
    problems_table,
    summary_of,
    turns_table,
)
from esl_pipeline.defs.partitions import ASSIGNMENTS, partitioned_checks
from esl_pipeline.defs.resources import PipelineResource
from esl_pipeline.stages.code_versions import CODE_VERSIONS
from esl_pipeline.stages.stage import Stage

if TYPE_CHECKING:
    from esl_pipeline.stages.job import Job
    from esl_pipeline.stages.outcome import StageOutcome

Costs = Literal["nothing", "requests", "money", "processor-time"]


def _stage_asset(
    stage: Stage,
    kinds: set[str],
    costs: Costs,
    *deps: dg.AssetsDefinition,
    check_specs: Sequence[dg.AssetCheckSpec] = (),
) -> Callable[[Callable[..., object]], dg.AssetsDefinition]:
    """Makes the asset of one stage from the function that runs it; operators filter by what it costs."""
    return dg.asset(
        name=stage.value,  # Dagster stores it, and knows no enumeration of ours
        deps=deps,
        kinds=kinds,
        tags={"esl/costs": costs},
        check_specs=check_specs,
        partitions_def=ASSIGNMENTS,
        group_name="publication",
        owners=["team:esl"],
        code_version=str(CODE_VERSIONS[stage]),
    )


def _run(
    context: dg.AssetExecutionContext, resource: PipelineResource, stage: Stage, *, fresh: bool = False
) -> "tuple[Job, StageOutcome, MetadataDict]":
    """Runs one stage for the run's partition."""
    clock = resource.pipeline.providers.clock
    started = clock.monotonic()
    with as_dagster_failures(context.retry_number, resource.asking.retries) as about:
        job = resource.job(context, fresh=fresh)
        about["manifest/sha256"] = job.understood.reading.sha256
        outcome = resource.pipeline.run_stage(stage, job)
    metadata = metadata_of(outcome, clock.monotonic() - started)
    return job, outcome, metadata | history_of(context.instance, dg.AssetKey(stage), job.context.key, metadata)


with partitioned_checks():
    LESSON_IS_VALID = dg.AssetCheckSpec(
        "lesson_is_valid",
        asset="validated_manifest",
        blocking=True,
        description="Manifest, settings and lesson have no errors. Blocks everything below it, so that nothing is sent "
        "and nothing bought. To mend it, correct what lesson/problems lists in the file, then run again.",
        partitions_def=ASSIGNMENTS,
    )


@_stage_asset(Stage.MANIFEST, {"markdown"}, "nothing", check_specs=[LESSON_IS_VALID])
def validated_manifest(
    context: dg.AssetExecutionContext, pipeline: PipelineResource
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """The lesson and its manifest, checked; with errors nothing is sent to any vendor.

    Read from the run's manifest_path, else from the inbox, else what was last found valid. Skipped where manifest and
    lesson are as before. Costs nothing. If it fails: lesson/problems says what to correct in the file.
    """
    job, outcome, metadata = _run(context, pipeline, Stage.MANIFEST, fresh=True)
    table = {"lesson/problems": problems_table(outcome.problems)} if outcome.problems else {}
    if outcome.rejected:
        yield dg.AssetCheckResult(
            check_name="lesson_is_valid",
            passed=False,
            description=summary_of(outcome.problems),
            metadata=table | {"check/fix": dg.MetadataValue.text(MEND_LESSON)},
        )
        raise lesson_failure(outcome.problems, job.understood.reading.sha256)
    metadata["lesson/preview"] = lesson_preview(job.lesson, job.understood.reading.lesson_text or "")
    yield dg.MaterializeResult(metadata=metadata)
    yield dg.AssetCheckResult(
        check_name="lesson_is_valid", passed=True, description="The lesson can be published.", metadata=table
    )


@_stage_asset(Stage.PAGE, {"notion"}, "requests", validated_manifest)
def notion_page(context: dg.AssetExecutionContext, pipeline: PipelineResource) -> dg.MaterializeResult[Any]:
    """The lesson as a Notion page: made once, later only its changed blocks; what a person edited stays.

    A run that finds nothing changed sends one request and writes nothing. Costs requests to Notion. If it fails: most
    often the page or its database is not shared with the connection.
    """
    return dg.MaterializeResult(metadata=_run(context, pipeline, Stage.PAGE)[2])


@_stage_asset(Stage.SPEECH, {"elevenlabs", "openai"}, "money", validated_manifest)
def audio_segments(context: dg.AssetExecutionContext, pipeline: PipelineResource) -> dg.MaterializeResult[Any]:
    """The speech of each turn of the study text, a voice per speaker.

    This is the stage that costs money: only turns that were never spoken this way are bought, and forcing it buys none
    twice. If it fails: the key, the quota or the tenant's budget; what was bought is kept.
    """
    job, _, metadata = _run(context, pipeline, Stage.SPEECH)
    metadata["audio/turns"] = turns_table(job.ledger.read())
    return dg.MaterializeResult(metadata=metadata)


@_stage_asset(Stage.MERGE, {"mp3", "ffmpeg"}, "processor-time", audio_segments)
def merged_mp3(context: dg.AssetExecutionContext, pipeline: PipelineResource) -> dg.MaterializeResult[Any]:
    """The segments as one MP3 of even loudness, with captions and a transcript; slow and dictation tracks if asked for.

    Costs processor time only. If it fails with segments that are gone: run audio_segments.
    """
    job, _, metadata = _run(context, pipeline, Stage.MERGE)
    status = pipeline.pipeline.assignment_status(job.context.tenant, job.context.assignment)
    if status.audio.path:
        metadata["audio/path"] = dg.MetadataValue.path(status.audio.path)
    return dg.MaterializeResult(metadata=metadata)


@_stage_asset(Stage.UPLOAD, {"s3"}, "requests", merged_mp3)
def audio_upload(context: dg.AssetExecutionContext, pipeline: PipelineResource) -> dg.MaterializeResult[Any]:
    """The MP3 and its captions in the bucket, or at Notion, under keys made of their hashes.

    Equal content is never sent twice. Costs a request per file. If it fails: look at the bucket's name, and at what its
    keys may do.
    """
    return dg.MaterializeResult(metadata=_run(context, pipeline, Stage.UPLOAD)[2])


@_stage_asset(Stage.ATTACH, {"notion"}, "requests", notion_page, audio_upload)
def notion_audio(context: dg.AssetExecutionContext, pipeline: PipelineResource) -> dg.MaterializeResult[Any]:
    """The audio player on the page, above the study text; replaced in place, an author's own audio is left alone.

    Costs one to three requests to Notion. If it fails: run it again; notion_page and audio_upload must be there.
    """
    return dg.MaterializeResult(metadata=_run(context, pipeline, Stage.ATTACH)[2])


ASSETS = [validated_manifest, notion_page, audio_segments, merged_mp3, audio_upload, notion_audio]
