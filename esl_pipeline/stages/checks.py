"""The healthy facts of a publication, each looked at by itself after the stages; they read and never repair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from esl_pipeline.audio import Measured, measure
from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.pages.block_map import actual_block
from esl_pipeline.pages.operations import KeptEdit, Operation
from esl_pipeline.pages.reconcile import reconcile
from esl_pipeline.stages.audio_insert import who_am_i
from esl_pipeline.stages.audio_place import (
    address,
    find_ours,
    find_place,
    has_own_caption,
    plays,
    same_caption,
    stands_above,
)
from esl_pipeline.stages.audio_source import signature_of
from esl_pipeline.stages.job import Job
from esl_pipeline.stages.page_job import page_job
from esl_pipeline.stages.page_map import entries_of, path_to_study_text
from esl_pipeline.stages.page_read import PageReader, read_block, read_children
from esl_pipeline.stages.page_update import audio_blocks
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stages.track_files import MP3, TrackFile, files_of, keys_of, links_of
from esl_pipeline.stores.publication import AttachmentPublication, AudioPublication, PagePublication, UploadPublication

MERGE, ATTACH = "Run merged_mp3 again.", "Run notion_audio."
"""What mends most of it."""


@dataclass(frozen=True)
class CheckOutcome:
    """Whether a fact holds, with what was seen.

    Attributes:
        fix: what somebody should do; a sentence.
        metadata: JSON values.
        cosmetic: True where students miss nothing, or a person made it so.
    """

    passed: bool
    description: str
    fix: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    cosmetic: bool = False


def page_matches_lesson(pipeline: Pipeline, job: Job) -> CheckOutcome:
    """Compares every block of the page with the lesson. Costs a request per block that has children."""
    publication = job.ledger.read()
    page, notion = publication.page, pipeline.vendors(job).notion
    if page is None or page.id is None:
        return CheckOutcome(False, "There is no page.", "Run notion_page.")
    work = page_job(job.context, job.ledger, notion, job.lesson)
    compared = reconcile(
        page.id,
        work.nodes,
        entries_of(page.blocks),
        PageReader(job.context, notion),
        verify=True,
        ignored=audio_blocks(publication),
    )
    return _compared(compared.operations, compared.kept_edits)


def _compared(differences: Sequence[Operation], kept_edits: Sequence[KeptEdit]) -> CheckOutcome:
    seen = {
        name: [str(one) for one in found][:50]
        for name, found in (("notion/differences", differences), ("notion/kept_edits", kept_edits))
        if found
    }
    if differences:
        wrong = f"The page differs from its lesson. First: {differences[0]}"
        return CheckOutcome(False, wrong, "Run notion_page with force: [notion_page].", seen)
    if not kept_edits:
        return CheckOutcome(True, "The page has the lesson's blocks, in order.", metadata=seen)
    edits = f"The page has the lesson's blocks, in order, but for {len(kept_edits)} that a person edited."
    fix = "Nothing, if the edits should stay; notion.overwrite_edits=true replaces them."
    return CheckOutcome(True, edits, fix, seen, cosmetic=True)


def audio_lasts_as_long_as_its_segments(pipeline: Pipeline, job: Job) -> CheckOutcome:
    """Decodes the track and compares its length, in samples, and its loudness with what was planned."""
    audio = job.ledger.read().audio
    if audio is None:
        return CheckOutcome(False, "There is no track.", MERGE)
    missing = [f"{file.part}{file.suffix}" for file in files_of(audio) if not _has(pipeline, job, file)]
    if missing:
        return CheckOutcome(False, f"Files of the track are gone: {', '.join(missing)}.", MERGE)
    try:
        measured = _measured(pipeline, job, audio)
    except KeyError:
        return CheckOutcome(False, "The track's file is gone.", MERGE)
    seen = {
        "audio/samples": measured.samples,
        "audio/samples_expected": audio.samples,
        "audio/duration_s": round(measured.samples / measured.sample_rate_hz, 3),
        "audio/loudness_lufs": round(measured.loudness_lufs, 2),
        "audio/loudness_target_lufs": job.context.settings.audio.loudness_lufs,
    }
    if measured.samples == audio.samples and measured.sample_rate_hz == audio.sample_rate_hz:
        return CheckOutcome(True, "The track is as long as its segments and pauses, to the sample.", metadata=seen)
    return CheckOutcome(False, "The track is not as long as its segments and pauses.", MERGE, seen)


def _has(pipeline: Pipeline, job: Job, file: TrackFile) -> bool:
    return pipeline.providers.artifacts.has(job.context.tenant, file.sha256, file.suffix)


def _measured(pipeline: Pipeline, job: Job, audio: AudioPublication) -> Measured:
    with pipeline.providers.artifacts.open(job.context.tenant, audio.sha256, MP3) as file:
        return measure(file)


def audio_is_attached(pipeline: Pipeline, job: Job) -> CheckOutcome:
    """Looks at the audio block, its neighbours and the files that it links to. Costs three requests."""
    publication = job.ledger.read()
    page, upload, attachment = publication.page, publication.upload, publication.attachment
    if page is None or upload is None or attachment is None or attachment.block_id is None:
        return CheckOutcome(False, "There is no audio block.", ATTACH)
    return _attached(pipeline, job, page, upload, attachment)


def _gone(pipeline: Pipeline, job: Job, upload: UploadPublication) -> list[str]:
    """Returns the keys of files that are no longer in the bucket; none where that can't be seen."""
    objects = pipeline.vendors(job).objects
    if objects.bucket != upload.bucket:
        return []
    try:
        there = {one.key for one in objects.list(upload.key.rpartition("/")[0] + "/")}
    except RejectedError:  # the right to list is not needed to publish
        return []
    return sorted(keys_of(upload) - there)


def _attached(
    pipeline: Pipeline, job: Job, page: PagePublication, upload: UploadPublication, attachment: AttachmentPublication
) -> CheckOutcome:
    notion, block_id = pipeline.vendors(job).notion, attachment.block_id or ""
    found = read_block(notion, block_id)
    if found is None:
        return CheckOutcome(False, "The audio block was deleted.", ATTACH)
    seen: dict[str, Any] = {"notion/audio_block_id": block_id, "s3/audio_url": upload.address}
    content = actual_block(found).content
    if attachment.url != upload.url or attachment.intended_url or not plays(content, upload.url):
        return CheckOutcome(False, "The audio block plays another file than the one uploaded.", ATTACH, seen)
    ends = signature_of(address(content))
    if ends and ends.until <= job.context.clock.now():
        return CheckOutcome(False, "The addresses on the page have ended.", "Run notion_audio or resign_audio.", seen)
    if not has_own_caption(content) and not same_caption(content, links_of(upload)):
        return CheckOutcome(False, "The links below the player are not to the uploaded files.", ATTACH, seen)
    if gone := _gone(pipeline, job, upload):
        seen["s3/missing"] = gone
        return CheckOutcome(False, "Uploaded files are gone from the bucket.", "Run audio_upload.", seen)
    path = path_to_study_text(page) or ()
    place = find_place(job.context, notion, page.id or "", entries_of(page.blocks), path)
    siblings = read_children(notion, place.parent_id)
    if not stands_above(siblings, block_id, place.study_text_id):
        moved = "The audio block is not above the study text; somebody moved one of them."
        return CheckOutcome(False, moved, "Move it back by hand, or leave it.", seen, cosmetic=True)
    if find_ours(siblings, place, {upload.url}, block_id, lambda: who_am_i(notion)):
        second = "There is a second audio block of this assignment."
        return CheckOutcome(False, second, "Delete the one that is not ours by hand.", seen, cosmetic=True)
    attached = "One audio block stands above the study text and plays the uploaded track."
    return CheckOutcome(True, attached, metadata=seen)
