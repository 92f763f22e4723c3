"""Finds where a page goes: the data source, its columns, and the page that is there already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stages.page_settle import settle

NOT_THIS_KIND = frozenset({400, 404})
"""Notion's answers to the id of another kind of object, and to one that is not shared with the connection."""


@dataclass(frozen=True)
class Target:
    """A data source that takes the page; ``key_column`` is None where a dry run found that it would be added."""

    data_source_id: str
    columns: Mapping[str, Any]
    key_column: str | None


def rejected(code: str, message: str, fix: str) -> RejectedError:
    """Returns the error of a target that somebody must put right."""
    return RejectedError("notion", code, message, fix=fix)


def resolve_target(context: JobContext, notion: NotionApi) -> Target:
    """Finds the data source of the settings and sees to its key column.

    Raises:
        RejectedError: there is none, there are several, the id is of something else, or the column is missing.
    """
    settings = context.settings.notion
    if settings.data_source_id:
        source = _data_source(context, notion, settings.data_source_id)
    elif settings.database_id:
        source = _only_data_source(context, notion, settings.database_id)
    else:
        raise rejected(
            "no_target",
            "No data source is set.",
            "Set notion.data_source_id, or notion.database_id, to where pages go.",
        )
    return _with_key_column(context, notion, source)


def _data_source(context: JobContext, notion: NotionApi, data_source_id: str) -> Json:
    context.stop_if_cancelled()
    try:
        return notion.retrieve_data_source(data_source_id)
    except RejectedError as error:
        if error.status not in NOT_THIS_KIND:
            raise
        database = _database_or_none(context, notion, data_source_id)
        if database is None:
            error.fix = error.fix or "Check notion.data_source_id, and share its database with the connection."
            raise
        message = f"notion.data_source_id is the id of a database. {_listed(database)}"
        raise rejected("wrong_kind", message, "Set notion.data_source_id to one of them.") from error


def _database_or_none(context: JobContext, notion: NotionApi, database_id: str) -> Json | None:
    context.stop_if_cancelled()
    try:
        return notion.retrieve_database(database_id)
    except RejectedError as error:
        if error.status not in NOT_THIS_KIND:
            raise
        return None


def _only_data_source(context: JobContext, notion: NotionApi, database_id: str) -> Json:
    context.stop_if_cancelled()
    try:
        database = notion.retrieve_database(database_id)
    except RejectedError as error:
        if error.status not in NOT_THIS_KIND:
            raise
        if _is_data_source(context, notion, database_id):
            message = "notion.database_id is the id of a data source."
            raise rejected("wrong_kind", message, "Set notion.data_source_id to it instead.") from error
        error.fix = error.fix or "Check notion.database_id, and share the database with the connection."
        raise
    sources = database.get("data_sources") or []
    if len(sources) != 1:
        message = f"The database {database_id} has {len(sources)} data sources. {_listed(database)}".strip()
        raise rejected("several_data_sources", message, "Set notion.data_source_id to the one that takes the pages.")
    return _data_source(context, notion, sources[0]["id"])


def _is_data_source(context: JobContext, notion: NotionApi, data_source_id: str) -> bool:
    context.stop_if_cancelled()
    try:
        notion.retrieve_data_source(data_source_id)
    except RejectedError:
        return False
    return True


def _listed(database: Mapping[str, Any]) -> str:
    sources = [f"“{source.get('name', '')}” {source['id']}" for source in database.get("data_sources") or []]
    return f"Its data sources: {', '.join(sources)}." if sources else ""


def _with_key_column(context: JobContext, notion: NotionApi, source: Json) -> Target:
    wanted = context.settings.notion.key_property
    columns: Mapping[str, Any] = source.get("properties") or {}
    name = column_named(columns, wanted)
    if name is not None:
        kind = columns[name]["type"]
        if kind != "rich_text":
            message = f"The column “{name}” is of type {kind}; the assignment's key needs a text column."
            raise rejected("key_column", message, "Set notion.key_property to another name.")
        return Target(source["id"], columns, name)
    if not context.settings.notion.create_key_property:
        message = f"The data source has no column “{wanted}”, by which pages are found again."
        raise rejected("key_column", message, "Add a text column of that name, or set notion.create_key_property.")
    if context.dry_run:
        return Target(source["id"], columns, None)
    return Target(source["id"], _add_column(context, notion, source["id"], wanted), wanted)


def _add_column(context: JobContext, notion: NotionApi, data_source_id: str, name: str) -> Mapping[str, Any]:
    def write() -> Json:
        return notion.update_data_source(data_source_id, {name: {"rich_text": {}}})

    def look(_: UnavailableError) -> Json | None:
        source = notion.retrieve_data_source(data_source_id)
        return source if name in source["properties"] else None

    source = settle(context, write, look)
    columns: Mapping[str, Any] = source["properties"]
    return columns


def column_named(columns: Mapping[str, Any], name: str) -> str | None:
    """Returns a column's exact name, whatever its case and outer blanks; the exact one where there are several."""
    if name in columns:
        return name
    wanted = name.strip().casefold()
    return next((column for column in columns if column.strip().casefold() == wanted), None)


def find_page(context: JobContext, notion: NotionApi, target: Target) -> Json | None:
    """Returns the page that carries the assignment's key, None where there is none.

    Raises:
        RejectedError: several pages carry it.
    """
    if target.key_column is None:
        return None
    context.stop_if_cancelled()
    condition = {"property": target.key_column, "rich_text": {"equals": context.key}}
    pages = [page for page in notion.query_data_source(target.data_source_id, condition) if not page.get("in_trash")]
    if len(pages) > 1:
        where = ", ".join(str(page.get("url") or page["id"]) for page in pages)
        message = f"{len(pages)} pages carry the key {context.key}: {where}."
        fix = f"Delete all but one, or clear “{target.key_column}” on the others."
        raise rejected("several_pages", message, fix)
    return pages[0] if pages else None
