"""Creates a page once, whatever happens on the way."""

from __future__ import annotations

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.clients.notion_errors import is_archived
from esl_pipeline.pages.block_map import intended_entry
from esl_pipeline.pages.requests import plan_requests
from esl_pipeline.stages.notion_api import Json
from esl_pipeline.stages.page_find import find_intended, same_titled
from esl_pipeline.stages.page_head import PageHead
from esl_pipeline.stages.page_job import PageJob, PageRecord
from esl_pipeline.stages.page_outcome import PageOutcome
from esl_pipeline.stages.page_read import learn_ids
from esl_pipeline.stages.page_references import check_references
from esl_pipeline.stages.page_settle import settle
from esl_pipeline.stages.page_target import Target
from esl_pipeline.stages.page_write import PageWriter
from esl_pipeline.stores.publication import PagePublication


def create_page(job: PageJob, target: Target, head: PageHead, reason: str) -> PageOutcome:
    """Creates the page with as many blocks as one request takes, and appends the rest.

    What is intended is recorded before the first request, the page's id right after it.

    Args:
        job: what is to be published.
        target: where the page goes; its key column is there, but for a dry run.
        head: the page's head.
        reason: why it is created although there was one; empty where there was none.

    Raises:
        AskingError: a synced block that the lesson shows is not there.
        RejectedError: something around the place is in the trash, or Notion refuses.
        UnavailableError: Notion did not answer well; the next run finds the page and completes it.
    """
    check_references(job.context, job.notion, job.nodes)
    title = job.lesson.front_matter.title
    others = [page["id"] for page in same_titled(job.context, job.notion, target, title)]
    if others:
        words = (
            f"{len(others)} page{'s' * (len(others) > 1)} of the same title stood there already and stayed as they were"
        )
        reason = "; ".join(filter(None, (reason, words)))
    if job.context.dry_run:
        missing = f" and add the column “{job.context.settings.notion.key_property}”" if target.lacks_key_column else ""
        words = f"would create a page of {len(job.nodes)} blocks{missing}"
        return _outcome(None, None, head, "; ".join(filter(None, (words, reason))))
    record = PageRecord(job, _intended(job, target, head, others))
    record.entries = [intended_entry(node) for node in job.nodes]
    record.save()
    requests = plan_requests(job.nodes).requests
    content = {**head.body(), **({"children": requests[0].children} if requests else {})}
    page = _create(job, target, content, record.page)
    record.page.id, record.page.url = page["id"], page.get("url")
    record.save()
    writer = PageWriter(job.context, job.notion, record.save)
    if requests:
        covered = [record.entries[index] for index in requests[0].indexes]
        learn_ids(job.context, job.notion, page["id"], covered)
        record.save()
    writer.write(requests[1:], page["id"], record.entries)
    record.finish()
    return _outcome(record.page.id, record.page.url, head, reason)


def _intended(job: PageJob, target: Target, head: PageHead, others: list[str]) -> PagePublication:
    return PagePublication(
        intended_at=job.context.clock.now(),
        key=job.context.key,
        data_source_id=target.data_source_id,
        parent_page_id=target.parent_page_id,
        asked=target.asked,
        title=job.lesson.front_matter.title,
        others=others,
        unlinked_student=head.student.why,
        head_input_sha256=job.head_input_sha256,
        head_sha256=head.sha256,
    )


def _create(job: PageJob, target: Target, content: Json, intended: PagePublication) -> Json:
    def look(error: UnavailableError) -> Json | None:
        if error.committed_resource_id:
            return job.notion.retrieve_page(error.committed_resource_id)
        return find_intended(job.context, job.notion, target, intended)

    try:
        return settle(job.context, lambda: job.notion.create_page({"parent": target.parent, **content}), look)
    except RejectedError as error:
        if is_archived(error.message):
            error.fix = (
                "What takes the pages is inside something that is in the trash. Restore that, or name another place."
            )
        raise


def _outcome(page_id: str | None, url: str | None, head: PageHead, reason: str) -> PageOutcome:
    return PageOutcome(page_id, url, "created", reason, unlinked_student=head.student.why, problems=head.problems)
