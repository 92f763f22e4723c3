"""Finds the page of an assignment that is there already: by its key, or under a page by what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from esl_pipeline.pages.fingerprint import normal_id
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stages.page_lookup import in_trash, rejected
from esl_pipeline.stages.page_settle import LOOKS_S
from esl_pipeline.stages.page_target import Target
from esl_pipeline.stores.publication import PagePublication

CLOCKS_APART = timedelta(minutes=10)
"""How much Notion's clock and this machine's may differ; pages that were there before are known by id anyway."""


def find_page(context: JobContext, notion: NotionApi, target: Target) -> Json | None:
    """Returns the page that carries the assignment's key, None where there is none.

    Raises:
        RejectedError: several pages carry it.
    """
    if target.key_column is None:
        return None
    context.stop_if_cancelled()
    condition = {"property": target.key_column, "rich_text": {"equals": context.key}}
    pages = [page for page in notion.query_data_source(target.data_source_id, condition) if not in_trash(page)]
    if len(pages) > 1:
        message = f"{len(pages)} pages carry the key {context.key}: {_listed(pages)}."
        fix = f"Delete all but one, or clear “{target.key_column}” on the others."
        raise rejected("several_pages", message, fix)
    return pages[0] if pages else None


def find_intended(context: JobContext, notion: NotionApi, target: Target, intended: PagePublication) -> Json | None:
    """Returns the page that an unanswered request created after all, None where it created none.

    Raises:
        RejectedError: several pages may be that one.
    """
    if not target.parent_page_id:
        return find_page(context, notion, target)
    before = {normal_id(page_id) for page_id in intended.others}
    mine = normal_id(notion.retrieve_user()["id"])
    found = [
        page
        for page in same_titled(context, notion, target, intended.title)
        if normal_id(page["id"]) not in before
        and normal_id((page.get("created_by") or {}).get("id", "")) == mine
        and datetime.fromisoformat(page["created_time"]) >= intended.intended_at - CLOCKS_APART
    ]
    if len(found) > 1:
        message = f"{len(found)} pages called “{intended.title}” may be the one of {context.key}: {_listed(found)}."
        fix = "Delete all but one, or say which one it is: esl pages adopt TENANT/ASSIGNMENT --page ADDRESS"
        raise rejected("several_pages", message, fix)
    return notion.retrieve_page(found[0]["id"]) if found else None


def find_unanswered(context: JobContext, notion: NotionApi, target: Target, known: PagePublication) -> Json | None:
    """Looks for the page that an earlier run may have created just now; more than once, since reads may lag."""
    for wait_s in LOOKS_S[:1] if context.dry_run else LOOKS_S:
        if wait_s:
            context.clock.sleep(wait_s)
        page = find_intended(context, notion, target, known)
        if page is not None:
            return page
    return None


def same_titled(context: JobContext, notion: NotionApi, target: Target, title: str) -> list[Json]:
    """Returns the pages of a title under the parent page, as blocks; none in a data source."""
    if not target.parent_page_id:
        return []
    context.stop_if_cancelled()
    inside = notion.list_children(target.parent_page_id)
    pages = [block for block in inside if block.get("type") == "child_page" and not in_trash(block)]
    return [page for page in pages if _words(page["child_page"].get("title", "")) == _words(title)]


def _words(title: str) -> list[str]:
    return title.split()


def _listed(pages: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(str(page.get("url") or page["id"]) for page in pages)
