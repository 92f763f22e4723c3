"""What has become of the page on record, and of what is around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stages.page_lookup import in_trash, rejected, title_of
from esl_pipeline.stages.page_read import read_page
from esl_pipeline.stages.page_target import Target
from esl_pipeline.stores.publication import PagePublication

DEEPEST = 20
"""Parents that are looked at, from a page upwards."""

NO_ACCESS = frozenset({403, 404})
FORCE = "To make a new one, run: esl rerun TENANT/ASSIGNMENT --steps page --force"


@dataclass(frozen=True)
class Standing:
    """The page on record as it is now: ``none`` was ever recorded, or it is there, in the trash, or can't be read."""

    state: Literal["none", "there", "trash", "gone"]
    page: Json | None = None

    @property
    def parent(self) -> Mapping[str, Any]:
        """Where it stands."""
        parent: Mapping[str, Any] = (self.page or {}).get("parent") or {}
        return parent

    @property
    def words(self) -> str:
        """The state in words, to be read after the page's address."""
        return {"there": "is still there", "trash": "is in the trash"}.get(self.state, "can't be read any more")


def look_at(context: JobContext, notion: NotionApi, known: PagePublication | None) -> Standing:
    """Reads the page on record; costs one request where there is one."""
    if known is None or known.id is None:
        return Standing("none")
    context.stop_if_cancelled()
    page = read_page(notion, known.id)
    if page is None:
        return Standing("gone")
    return Standing("trash" if in_trash(page) else "there", page)


def trashed_around(context: JobContext, notion: NotionApi, page: Mapping[str, Any]) -> str:
    """Returns what around a page is in the trash, in words; empty where nothing is. Costs a request per level."""
    readers = {
        "page_id": ("page", notion.retrieve_page),
        "data_source_id": ("data source", notion.retrieve_data_source),
        "database_id": ("database", notion.retrieve_database),
        "block_id": ("block", notion.retrieve_block),
    }
    parent: Mapping[str, Any] = page.get("parent") or {}
    for _ in range(DEEPEST):
        kind = str(parent.get("type"))
        if kind not in readers:
            return ""
        name, read = readers[kind]
        context.stop_if_cancelled()
        try:
            above = read(parent[kind])
        except RejectedError as error:
            if error.status not in NO_ACCESS:
                raise
            return ""
        if in_trash(above):
            return f"the {name} “{title_of(above)}” around the page is in the trash"
        parent = above.get("parent") or {}
    return ""


def no_access(known: PagePublication, error: RejectedError) -> RejectedError:
    """Returns the error of a page and a place that can both not be read."""
    message = f"Neither the page {known.url or known.id} nor the place of the pages can be read: {error.message}"
    fix = "Share the place again with the connection: in Notion, ••• → Connections. Nothing was written."
    return RejectedError("notion", "no_access", message, error.status, error.request_id, fix)


def page_gone(known: PagePublication) -> RejectedError:
    """Returns the error of a page that was deleted for good, while its place can be read."""
    message = (
        f"The page {known.url or known.id} of {known.key} was deleted for good, or moved out of the connection's reach."
    )
    return rejected("page_gone", message, f"Where it was moved, share it with the connection again. {FORCE}")


def page_moved(known: PagePublication) -> RejectedError:
    """Returns the error of a page that a person moved, so that its properties can't be written."""
    message = f"The page {known.url or known.id} of {known.key} was moved to another place than the settings name."
    return rejected(
        "page_moved", message, "Move it back, or set notion.data_source_id or notion.parent_page_id to its place."
    )


def place_replaced(known: PagePublication, target: Target, standing: Standing) -> RejectedError:
    """Returns the error of settings that lead to another data source than before although they are the same."""
    message = (
        f"notion.{target.asked} leads to the data source {target.data_source_id} now; before it was "
        f"{known.data_source_id}, where the page {known.url or known.id} of {known.key} {standing.words}."
    )
    fix = "Set notion.data_source_id: to the old one to go on with that page, to the new one for a new page."
    return rejected("data_source_replaced", message, fix)


def check_key_column(name: str, known: PagePublication | None, target: Target, standing: Standing) -> None:
    """Refuses to add the key column again where a page of this place has the key already.

    Raises:
        RejectedError: the column was renamed or deleted.
    """
    if known is None or not target.lacks_key_column or f"property:{name}" not in known.head_sha256:
        return
    renamed = _column_with(known.key, standing.page or {})
    became = f"it is called “{renamed}” now" if renamed else "it was renamed or deleted"
    message = (
        f"The data source has no column “{name}” any more; {became}. The page {known.url or known.id} of {known.key} "
        f"{standing.words}. Nothing was written."
    )
    fix = f"Name the column “{name}” again, or set notion.key_property to its new name."
    raise rejected("key_column_missing", message, fix)


def check_key(context: JobContext, target: Target, page: Mapping[str, Any]) -> str:
    """Returns the key that a page carries, which is the assignment's own; empty where it carries none.

    Raises:
        RejectedError: it is the page of another assignment.
    """
    key = _text_in(target.key_column or "", page).strip()
    if key not in ("", context.key):
        message = f"The page “{title_of(page)}” belongs to {key}: its “{target.key_column}” says so."
        raise rejected("other_key", message, f"Clear “{target.key_column}” on the page if that is no longer so.")
    return key


def _column_with(key: str, page: Mapping[str, Any]) -> str:
    return next((name for name in page.get("properties") or {} if _text_in(name, page) == key), "")


def _text_in(column: str, page: Mapping[str, Any]) -> str:
    runs = (page.get("properties") or {}).get(column, {}).get("rich_text") or []
    return "".join(run.get("plain_text") or "" for run in runs)
