"""The two page stages, run for a job."""

from __future__ import annotations

from dataclasses import replace

from esl_pipeline.lessons import Position, Problem
from esl_pipeline.pages.operations import KeptEdit
from esl_pipeline.pages.property_rules import PropertyRule, broken
from esl_pipeline.stages.asking import AskingError
from esl_pipeline.stages.attach_audio import attach_audio
from esl_pipeline.stages.audio_source import source_of
from esl_pipeline.stages.job import Job
from esl_pipeline.stages.notion_api import NotionApi
from esl_pipeline.stages.outcome import StageOutcome, StageStatus
from esl_pipeline.stages.page_preset import record_preset
from esl_pipeline.stages.publish_page import publish_page
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stages.upload_audio import MissingTrackError
from esl_pipeline.stages.vendors import Vendors


def publish(job: Job, notion: NotionApi) -> StageOutcome:
    """Creates the page or brings it up to date; see publish_page."""
    force, file = Stage.PAGE in job.options.force, job.understood.reading.lesson_file
    try:
        lesson = job.lesson
        record_preset(job.ledger, job.understood.chosen_preset)
        outcome = publish_page(job.context, job.ledger, notion, lesson, force=force)
    except AskingError as error:
        raise AskingError(tuple(_in_file(problem, file) for problem in error.problems)) from error
    metrics = {
        "notion/page_url": outcome.page_url,
        "notion/page_id": outcome.page_id,
        "notion/requests": outcome.requests,
        "notion/preset": job.context.settings.notion.preset,
        "notion/page_status": outcome.status,
        "notion/kept_edits": [str(edit) for edit in outcome.kept_edits],
        "notion/unlinked_student": outcome.unlinked_student,
    }
    status: StageStatus = "skipped" if outcome.status == "skipped" else "succeeded"
    problems = (*outcome.problems, *map(_kept, outcome.kept_edits))
    return StageOutcome(status, outcome.reason, metrics, tuple(_in_file(problem, file) for problem in problems))


def _kept(edit: KeptEdit) -> Problem:
    """Returns the warning of a block that was left as a person made it."""
    fix = "Look at the page. To have the lesson's version, publish with notion.overwrite_edits=true."
    message = f"Left as it is on the page: {edit.in_words()}."
    return broken(PropertyRule.EDIT, message, fix, Position(edit.line or 1))


def _in_file(problem: Problem, file: str) -> Problem:
    """Returns a problem of the lesson with the name of the lesson's file."""
    return problem if problem.file else replace(problem, file=file)


def attach(job: Job, vendors: Vendors) -> StageOutcome:
    """Puts the audio block on the page; see attach_audio.

    Raises:
        MissingTrackError: nothing was uploaded yet.
    """
    upload = job.ledger.read().upload
    if upload is None:
        if job.context.dry_run:
            return StageOutcome(reason="would put the audio block above the study text")
        raise MissingTrackError("Nothing was uploaded yet. Run the stage audio_upload first.")
    outcome = attach_audio(
        job.context,
        job.ledger,
        vendors.notion,
        source_of(upload, vendors.objects, job.context.settings.storage),
        force=Stage.ATTACH in job.options.force,
        renew=job.options.renew,
    )
    metrics = {"notion/audio_block_id": outcome.block_id, "notion/requests": outcome.requests}
    return StageOutcome("skipped" if outcome.status == "skipped" else "succeeded", outcome.reason, metrics)
