"""Brings a page that is there up to date with its lesson, or completes one that an earlier run left."""

from __future__ import annotations

from esl_pipeline.clients.errors import UnavailableError
from esl_pipeline.pages.operations import Insert, KeptEdit, Reconciliation
from esl_pipeline.pages.reconcile import reconcile
from esl_pipeline.stages.notion_api import Json
from esl_pipeline.stages.page_head import PageHead
from esl_pipeline.stages.page_job import PageJob, PageRecord
from esl_pipeline.stages.page_outcome import PageOutcome, PageStatus, summarize
from esl_pipeline.stages.page_read import PageReader
from esl_pipeline.stages.page_references import check_references
from esl_pipeline.stages.page_settle import settle
from esl_pipeline.stages.page_write import PageChangedError, PageWriter
from esl_pipeline.stores.publication import Publication

MOST_READINGS = 4
CHANGED = "somebody worked on the page at the same time, so it was read again"


def update_page(job: PageJob, record: PageRecord, head: PageHead | None, *, verify: bool, reason: str) -> PageOutcome:
    """Writes what differs, and nothing else.

    Args:
        job: what is to be published.
        record: what is known of the page; its id is set.
        head: None where properties, icon and cover have not changed.
        verify: compare every block, also those that the lesson left alone.
        reason: why the page is looked at in an unusual way; empty where it is not.

    Raises:
        RejectedError: Notion refuses.
        UnavailableError: Notion did not answer well, or people changed the page faster than it could be read.
    """
    for _ in range(MOST_READINGS - 1):
        try:
            return _update(job, record, head, verify=verify, reason=reason)
        except PageChangedError:
            job.context.logger.info("page read again", vendor="notion", reason=CHANGED)
            reason = reason if CHANGED in reason else "; ".join(filter(None, (reason, CHANGED)))
    return _update(job, record, head, verify=verify, reason=reason)


def _update(job: PageJob, record: PageRecord, head: PageHead | None, *, verify: bool, reason: str) -> PageOutcome:
    unfinished = not record.page.complete
    plan = reconcile(
        record.page_id,
        job.nodes,
        record.entries,
        PageReader(job.context, job.notion),
        verify=verify or unfinished,
        overwrite_edits=job.context.settings.notion.overwrite_edits,
        ignored=audio_blocks(job.ledger.read()),
    )
    inserted = [node for operation in plan.operations if isinstance(operation, Insert) for node in operation.nodes]
    check_references(job.context, job.notion, inserted)
    changes = head.changes(record.page.head_sha256) if head else {}
    done = summarize(plan.operations, _changed_parts(changes))
    status: PageStatus = "completed" if unfinished else "updated" if done else "skipped"
    kept = plan.kept_edits
    if not job.context.dry_run:
        kept += _write(job, record, plan, head, changes)
    words = f"would do: {done}" if job.context.dry_run and done else done
    return PageOutcome(
        record.page.id,
        record.page.url,
        status,
        "; ".join(filter(None, (reason, words or "the page shows the lesson"))),
        kept_edits=kept,
        unlinked_student=head.student.why if head else "",
        problems=head.problems if head else (),
    )


def _write(
    job: PageJob, record: PageRecord, plan: Reconciliation, head: PageHead | None, changes: Json
) -> tuple[KeptEdit, ...]:
    """Carries out a plan; what is intended is recorded before the first request."""
    record.entries = plan.entries
    if plan.operations or changes:
        record.page.complete = False
        record.save()
    if changes:
        _write_head(job, record.page_id, changes)
    if head:
        record.page.head_sha256, record.page.head_input_sha256 = head.sha256, job.head_input_sha256
        record.page.unlinked_student = head.student.why
    writer = PageWriter(job.context, job.notion, record.save)
    writer.apply(plan.operations)
    record.finish()
    return tuple(writer.kept_edits)


def _write_head(job: PageJob, page_id: str, changes: Json) -> None:
    def nothing_to_see(_: UnavailableError) -> None:
        """Writing the same values again does no harm, so there is nothing to look for."""

    settle(job.context, lambda: job.notion.update_page(page_id, changes), nothing_to_see)


def _changed_parts(changes: Json) -> list[str]:
    return [*changes.get("properties", {}), *(name for name in changes if name != "properties")]


def audio_blocks(publication: Publication) -> list[str]:
    """Returns the ids of the pipeline's blocks that are not of the lesson."""
    attachment = publication.attachment
    ids = (attachment.block_id, attachment.replaced_block_id) if attachment else ()
    return [block_id for block_id in ids if block_id]
