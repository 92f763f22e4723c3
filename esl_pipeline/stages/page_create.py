"""Creates a page once, whatever happens on the way."""

from __future__ import annotations

from esl_pipeline.clients.errors import UnavailableError
from esl_pipeline.pages import plan_requests
from esl_pipeline.pages.block_map import intended_entry
from esl_pipeline.stages.notion_api import Json
from esl_pipeline.stages.page_head import PageHead
from esl_pipeline.stages.page_job import PageJob, PageRecord
from esl_pipeline.stages.page_outcome import PageOutcome
from esl_pipeline.stages.page_read import learn_ids
from esl_pipeline.stages.page_settle import settle
from esl_pipeline.stages.page_target import Target, find_page
from esl_pipeline.stages.page_write import PageWriter
from esl_pipeline.stores.publication import PagePublication


def create_page(job: PageJob, target: Target, head: PageHead, reason: str) -> PageOutcome:
    """Creates the page with as many blocks as one request takes, and appends the rest.

    What is intended is recorded before the first request, the page's id right after it.

    Raises:
        UnavailableError: Notion did not answer well; the next run finds the page by its key and completes it.
    """
    if job.context.dry_run:
        missing = "" if target.key_column else f" and add the column “{job.context.settings.notion.key_property}”"
        words = f"would create a page of {len(job.nodes)} blocks{missing}"
        return _outcome(None, None, head, "; ".join(filter(None, (words, reason))))
    record = PageRecord(job, _intended(job, target, head))
    record.entries = [intended_entry(node) for node in job.nodes]
    record.save()
    requests = plan_requests(job.nodes).requests
    page = _create(job, target, {**head.body(), **({"children": requests[0].children} if requests else {})})
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


def _intended(job: PageJob, target: Target, head: PageHead) -> PagePublication:
    return PagePublication(
        intended_at=job.context.clock.now(),
        key=job.context.key,
        data_source_id=target.data_source_id,
        head_input_sha256=job.head_input_sha256,
        head_sha256=head.sha256,
    )


def _create(job: PageJob, target: Target, content: Json) -> Json:
    parent = {"type": "data_source_id", "data_source_id": target.data_source_id}

    def look(error: UnavailableError) -> Json | None:
        if error.committed_resource_id:
            return job.notion.retrieve_page(error.committed_resource_id)
        return find_page(job.context, job.notion, target)

    return settle(job.context, lambda: job.notion.create_page({"parent": parent, **content}), look)


def _outcome(page_id: str | None, url: str | None, head: PageHead, reason: str) -> PageOutcome:
    return PageOutcome(page_id, url, "created", reason, unlinked_student=head.student.why, problems=head.problems)
