"""Creates the lesson's page, or brings it up to date.

Reads the lesson, the publication and Notion; writes one Notion page, a missing key column, and the publication's
``page``. Costs four requests for a new page whose blocks fit into one, one for a page that has not changed.
"""

from __future__ import annotations

from dataclasses import replace

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.notion_errors import is_archived
from esl_pipeline.lessons import Lesson
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stages.page_create import create_page
from esl_pipeline.stages.page_find import find_page, find_unanswered
from esl_pipeline.stages.page_head import PageHead, build_head
from esl_pipeline.stages.page_job import PageJob, PageRecord, page_job
from esl_pipeline.stages.page_lookup import rejected
from esl_pipeline.stages.page_outcome import PageOutcome
from esl_pipeline.stages.page_standing import (
    NO_ACCESS,
    Standing,
    check_key,
    check_key_column,
    look_at,
    no_access,
    page_gone,
    page_moved,
    place_replaced,
    trashed_around,
)
from esl_pipeline.stages.page_target import Target, ensure_key_column, place_in, place_of, resolve_target
from esl_pipeline.stages.page_update import update_page
from esl_pipeline.stages.page_write import PageChangedError
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.publication import PagePublication

MOVED = "the settings name another place; the page in the old one was left as it is"


def publish_page(
    context: JobContext, ledger: Ledger, notion: NotionApi, lesson: Lesson, *, force: bool = False
) -> PageOutcome:
    """Publishes a lesson as one Notion page.

    Args:
        context: the job's; in a dry run nothing is written, neither to Notion nor to the publication.
        ledger: the assignment's publication.
        notion: the tenant's client.
        lesson: a valid lesson.
        force: compare every block with the page although the lesson has not changed, and make a new page where the
            one on record was deleted for good.

    Raises:
        AskingError: the lesson's properties don't fit the data source; nothing was written.
        RejectedError: the target is wrong, several pages carry the key, or Notion refuses; somebody must change that.
        UnavailableError: Notion did not answer well; asking again goes on where this run ended.
    """
    before = notion.requests_made
    outcome = _publish(page_job(context, ledger, notion, lesson), force=force)
    return replace(outcome, requests=notion.requests_made - before)


def _publish(job: PageJob, *, force: bool) -> PageOutcome:
    known = job.ledger.read().page
    standing = look_at(job.context, job.notion, known)
    if known is None or standing.state == "none":
        return _create_or_adopt(job, known, resolve_target(job.context, job.notion, job.schemas), "")
    if standing.state == "there":
        return _continue(job, known, standing, force=force)
    target = _target_of_lost(job, known, standing)
    if not target.holds(known):
        return _create_or_adopt(job, None, target, MOVED)
    reason = "the page is in the trash" if standing.state == "trash" else "the page was deleted for good"
    return _create_or_adopt(job, known, target, reason, must_be_found=standing.state == "gone" and not force)


def _target_of_lost(job: PageJob, known: PagePublication, standing: Standing) -> Target:
    """Returns the place for a page that can't be gone on with."""
    try:
        target = resolve_target(job.context, job.notion, job.schemas)
    except RejectedError as error:
        if standing.state == "gone" and error.status in NO_ACCESS:
            raise no_access(known, error) from error
        raise
    _check_place(job, known, target, standing)
    return target


def _check_place(job: PageJob, known: PagePublication, target: Target, standing: Standing) -> None:
    if not target.holds(known) and known.asked == target.asked and known.data_source_id:
        raise place_replaced(known, target, standing)
    if target.holds(known):
        check_key_column(job.context.settings.notion.key_property, known, target, standing)


def _continue(job: PageJob, known: PagePublication, standing: Standing, *, force: bool) -> PageOutcome:
    """Goes on with the page on record, unless it was moved into something that is in the trash."""
    if place_in(standing.parent) != place_of(known) and (trashed := _trashed_around(job, standing)):
        return _create_or_adopt(job, None, resolve_target(job.context, job.notion, job.schemas), trashed)
    verify = force or job.context.settings.notion.overwrite_edits
    if known.complete and known.input_sha256 == job.input_sha256 and not verify and not known.unlinked_student:
        return PageOutcome(known.id, known.url, "skipped", "the lesson has not changed")
    if not verify and known.head_input_sha256 == job.head_input_sha256 and not known.unlinked_student:
        return _update(job, known, standing, None, verify=False)
    target = resolve_target(job.context, job.notion, job.schemas)
    if not target.holds(known) and target.is_parent(standing.parent):
        _moved_along(known, target)
    _check_place(job, known, target, standing)
    if not target.holds(known):
        return _create_or_adopt(job, None, target, MOVED)
    if not target.is_parent(standing.parent):
        raise page_moved(known)
    if not known.head_sha256:
        check_key(job.context, target, standing.page or {})
    head, _ = _head(job, target)
    return _update(job, known, standing, head, verify=verify)


def _moved_along(known: PagePublication, target: Target) -> None:
    """Takes over where a person moved the page to, now that the settings name it: all columns are written anew."""
    known.data_source_id, known.parent_page_id, known.asked = target.data_source_id, target.parent_page_id, target.asked
    known.head_sha256 = {name: sha256 for name, sha256 in known.head_sha256.items() if ":" not in name}


def _head(job: PageJob, target: Target) -> tuple[PageHead, Target]:
    """Returns the head, and the place with the key column; that is added only once nothing is wrong with the head."""
    head = build_head(job.context, job.notion, job.schemas, target, job.lesson)
    return head, ensure_key_column(job.context, job.notion, job.schemas, target)


def _update(
    job: PageJob, known: PagePublication, standing: Standing, head: PageHead | None, *, verify: bool
) -> PageOutcome:
    """Updates the page, unless something around it is in the trash."""
    try:
        return update_page(job, PageRecord(job, known), head, verify=verify, reason="")
    except (RejectedError, PageChangedError) as error:
        archived = isinstance(error, PageChangedError) or is_archived(error.message)
        if archived and (trashed := _trashed_around(job, standing)):
            message = f"The page {known.url or known.id} can't be written: {trashed}."
            fix = "Restore that in Notion, or name another place for the pages in the settings."
            raise rejected("target_in_trash", message, fix) from error
        raise


def _trashed_around(job: PageJob, standing: Standing) -> str:
    return trashed_around(job.context, job.notion, standing.page or {})


def _create_or_adopt(
    job: PageJob, known: PagePublication | None, target: Target, reason: str, *, must_be_found: bool = False
) -> PageOutcome:
    head, target = _head(job, target)
    page = _find_page(job, known, target)
    if page is None and known is not None and must_be_found:
        raise page_gone(known)
    if page is None:
        return create_page(job, target, head, f"{reason}; a new one was created" if reason else "")
    record = PageRecord(job, _adopted(job, known, target, page))
    record.save()
    found = (
        "the page of an unanswered request was found"
        if target.parent_page_id
        else "a page with the assignment's key was found"
    )
    return update_page(job, record, head, verify=True, reason="; ".join(filter(None, (reason, found))))


def _find_page(job: PageJob, known: PagePublication | None, target: Target) -> Json | None:
    """Looks for a page that is there already, thoroughly where an earlier run may have created it just now."""
    if known is not None and known.id is None and target.holds(known):
        return find_unanswered(job.context, job.notion, target, known)
    return find_page(job.context, job.notion, target)


def _adopted(job: PageJob, known: PagePublication | None, target: Target, page: Json) -> PagePublication:
    """Returns the record of a page that was found: what was intended, where that was recorded."""
    if known is None or known.id is not None or not target.holds(known):
        known = PagePublication(
            intended_at=job.context.clock.now(),
            key=job.context.key,
            data_source_id=target.data_source_id,
            parent_page_id=target.parent_page_id,
            asked=target.asked,
        )
    known.id, known.url, known.adopted = page["id"], page.get("url"), True
    return known
