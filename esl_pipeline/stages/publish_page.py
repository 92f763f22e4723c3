"""Creates the lesson's page, or brings it up to date.

Reads the lesson, the publication and Notion; writes one Notion page, a missing key column, and the publication's
``page``. Costs four requests for a new page whose blocks fit into one, one for a page that has not changed.
"""

from __future__ import annotations

from dataclasses import replace

from esl_pipeline.lessons import Lesson
from esl_pipeline.pages.fingerprint import normal_id
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stages.page_create import create_page
from esl_pipeline.stages.page_head import build_head
from esl_pipeline.stages.page_job import PageJob, PageRecord, page_job
from esl_pipeline.stages.page_outcome import PageOutcome
from esl_pipeline.stages.page_read import read_page
from esl_pipeline.stages.page_settle import LOOKS_S
from esl_pipeline.stages.page_target import Target, find_page, resolve_target
from esl_pipeline.stages.page_update import update_page
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.publication import PagePublication

MOVED = "the settings name another data source; the page in the old one was left as it is"


def publish_page(
    context: JobContext, ledger: Ledger, notion: NotionApi, lesson: Lesson, *, force: bool = False
) -> PageOutcome:
    """Publishes a lesson as one Notion page that carries the assignment's key.

    Args:
        context: the job's; in a dry run nothing is written, neither to Notion nor to the publication.
        ledger: the assignment's publication.
        notion: the tenant's client.
        lesson: a valid lesson.
        force: compare every block with the page although the lesson has not changed.

    Raises:
        RejectedError: the target is wrong, several pages carry the key, or Notion refuses; somebody must change that.
        UnavailableError: Notion did not answer well; asking again goes on where this run ended.
    """
    before = notion.requests_made
    outcome = _publish(page_job(context, ledger, notion, lesson), force=force)
    return replace(outcome, requests=notion.requests_made - before)


def _publish(job: PageJob, *, force: bool) -> PageOutcome:
    known = job.ledger.read().page
    found, reason = _page_on_record(job, known)
    if known is None or not found:
        return _create_or_adopt(job, known, resolve_target(job.context, job.notion), reason)
    if known.complete and known.input_sha256 == job.input_sha256 and not force:
        return PageOutcome(known.id, known.url, "skipped", "the lesson has not changed")
    if not force and known.head_input_sha256 == job.head_input_sha256:
        return update_page(job, PageRecord(job, known), None, verify=False, reason="")
    target = resolve_target(job.context, job.notion)
    if normal_id(target.data_source_id) != normal_id(known.data_source_id):
        return _create_or_adopt(job, None, target, MOVED)
    head = build_head(job.context, job.notion, target, job.lesson)
    return update_page(job, PageRecord(job, known), head, verify=force, reason="")


def _page_on_record(job: PageJob, known: PagePublication | None) -> tuple[bool, str]:
    """Tells whether the page of the publication is still there, and if not, why."""
    if known is None or known.id is None:
        return False, ""
    job.context.stop_if_cancelled()
    page = read_page(job.notion, known.id)
    if page is None:
        return False, "the page was deleted, or is no longer shared with the connection"
    if page.get("in_trash"):
        return False, "the page is in the trash"
    return True, ""


def _create_or_adopt(job: PageJob, known: PagePublication | None, target: Target, reason: str) -> PageOutcome:
    head = build_head(job.context, job.notion, target, job.lesson)
    page = _find_page(job, known, target)
    if page is None:
        return create_page(job, target, head, f"{reason}; a new one was created" if reason else "")
    record = PageRecord(job, _adopted(job, known, target, page))
    record.save()
    reason = "; ".join(filter(None, (reason, "a page with the assignment's key was found")))
    return update_page(job, record, head, verify=True, reason=reason)


def _find_page(job: PageJob, known: PagePublication | None, target: Target) -> Json | None:
    """Looks for the page by its key; more than once where an earlier run may have created it just now."""
    unanswered = known is not None and known.id is None
    for wait_s in LOOKS_S if unanswered and not job.context.dry_run else LOOKS_S[:1]:
        if wait_s:
            job.context.clock.sleep(wait_s)
        page = find_page(job.context, job.notion, target)
        if page is not None:
            return page
    return None


def _adopted(job: PageJob, known: PagePublication | None, target: Target, page: Json) -> PagePublication:
    """Returns the record of a page that was found by its key: what was intended, where that was recorded."""
    if known is None or known.id is not None or known.data_source_id != target.data_source_id:
        known = PagePublication(
            intended_at=job.context.clock.now(), key=job.context.key, data_source_id=target.data_source_id
        )
    known.id, known.url, known.adopted = page["id"], page.get("url"), True
    return known
