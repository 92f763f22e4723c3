"""Finds where a page goes: a data source with its columns, or another page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from esl_pipeline.clients.errors import UnavailableError
from esl_pipeline.manifests.settings import NotionSettings
from esl_pipeline.pages.fingerprint import normal_id
from esl_pipeline.pages.properties import TITLE_ONLY
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stages.page_lookup import Lookup, in_trash, rejected, title_of
from esl_pipeline.stages.page_schemas import Schemas
from esl_pipeline.stages.page_settle import settle
from esl_pipeline.stores.publication import PagePublication

Place = tuple[str, str]
"""A data source's id, or a page's; the other one is empty."""


@dataclass(frozen=True)
class Target:
    """The place that takes the page.

    Attributes:
        data_source_id: empty where the page goes under another page.
        parent_page_id: that page; empty in a data source.
        columns: the data source's, or just the title.
        key_column: None where it has yet to be added, and under a page, where there is none.
        asked: which setting named the place, and how.
    """

    data_source_id: str
    parent_page_id: str
    columns: Mapping[str, Any]
    key_column: str | None
    asked: str

    @property
    def parent(self) -> Json:
        """The parent as the API takes it."""
        if self.parent_page_id:
            return {"type": "page_id", "page_id": self.parent_page_id}
        return {"type": "data_source_id", "data_source_id": self.data_source_id}

    @property
    def lacks_key_column(self) -> bool:
        """Whether the key column has yet to be added."""
        return self.key_column is None and not self.parent_page_id

    def holds(self, page: PagePublication) -> bool:
        """Tells whether a recorded page, or the intent to create one, is of this place."""
        return self._place == place_of(page)

    def is_parent(self, parent: Mapping[str, Any]) -> bool:
        """Tells whether a parent, as a response shows it, is this place."""
        return self._place == place_in(parent)

    @property
    def _place(self) -> Place:
        return normal_id(self.data_source_id), normal_id(self.parent_page_id)


def place_of(page: PagePublication) -> Place:
    """Returns where a page was put, or is meant to be put."""
    return normal_id(page.data_source_id), normal_id(page.parent_page_id)


def place_in(parent: Mapping[str, Any]) -> Place:
    """Returns where a page is by its parent, as a response shows it."""
    kind = str(parent.get("type"))
    above = normal_id(str(parent.get(kind) or ""))
    return (above, "") if kind == "data_source_id" else ("", above if kind == "page_id" else f"{kind}:{above}")


def resolve_target(context: JobContext, notion: NotionApi, schemas: Schemas) -> Target:
    """Finds the place that the settings name; writes nothing.

    Raises:
        RejectedError: there is none, there are several, the id is of something else, it is in the trash, or it has no
            column for the key and must not get one.
    """
    settings = context.settings.notion
    lookup = Lookup(context, notion, schemas)
    asked = asked_for(settings)
    if not asked:
        fix = "Set notion.data_source_id, notion.database_id or notion.parent_page_id to where pages go."
        raise rejected("no_target", "No place for the pages is set.", fix)
    if asked.startswith("parent_page_id"):
        page = lookup.page(settings.parent_page_id or "", "notion.parent_page_id")
        _check_alive(page, "page")
        return Target("", page["id"], TITLE_ONLY, None, asked)
    source = _data_source(lookup, settings)
    _check_alive(source, "data source")
    columns: Mapping[str, Any] = source.get("properties") or {}
    return Target(source["id"], "", columns, _key_column(settings, columns), asked)


def asked_for(settings: NotionSettings) -> str:
    """Returns the setting that names the place, with its value; empty where there is none."""
    if settings.data_source_id:
        return f"data_source_id={settings.data_source_id}"
    named = f" data_source_name={settings.data_source_name}" if settings.data_source_name else ""
    if settings.database_id:
        return f"database_id={settings.database_id}{named}"
    if settings.database_name:
        return f"database_name={settings.database_name}{named}"
    above = f"parent_page_id={settings.parent_page_id}" if settings.parent_page_id else ""
    return named.strip() or above


def _data_source(lookup: Lookup, settings: NotionSettings) -> Json:
    if settings.data_source_id:
        return lookup.data_source(settings.data_source_id, "notion.data_source_id")
    if settings.database_id:
        database = lookup.database(settings.database_id, "notion.database_id")
        return lookup.data_source_in(database, settings.data_source_name)
    if settings.database_name:
        return lookup.data_source_in(lookup.database_named(settings.database_name), settings.data_source_name)
    return lookup.data_source_named(settings.data_source_name or "")


def _check_alive(place: Json, kind: str) -> None:
    if in_trash(place):
        message = f"The {kind} “{title_of(place)}” ({place['id']}) that takes the pages is in the trash."
        raise rejected("target_in_trash", message, "Restore it in Notion, or name another place in the settings.")


def _key_column(settings: NotionSettings, columns: Mapping[str, Any]) -> str | None:
    wanted = settings.key_property
    name = column_named(columns, wanted)
    if name is not None and columns[name]["type"] != "rich_text":
        message = f"The column “{name}” is of type {columns[name]['type']}; the assignment's key needs a text column."
        raise rejected("key_column", message, "Set notion.key_property to another name.")
    if name is None and not settings.create_key_property:
        message = f"The data source has no column “{wanted}”, by which pages are found again."
        raise rejected("key_column", message, "Add a text column of that name, or set notion.create_key_property.")
    return name


def ensure_key_column(context: JobContext, notion: NotionApi, schemas: Schemas, target: Target) -> Target:
    """Adds the key column where it is missing; a dry run leaves that."""
    if not target.lacks_key_column or context.dry_run:
        return target
    name = context.settings.notion.key_property

    def write() -> Json:
        return notion.update_data_source(target.data_source_id, {name: {"rich_text": {}}})

    def look(_: UnavailableError) -> Json | None:
        source = notion.retrieve_data_source(target.data_source_id)
        return source if name in source["properties"] else None

    source = settle(context, write, look)
    schemas.keep(source)
    return replace(target, columns=source["properties"], key_column=name)


def column_named(columns: Mapping[str, Any], name: str) -> str | None:
    """Returns a column's exact name, whatever its case and outer blanks; the exact one where there are several."""
    if name in columns:
        return name
    wanted = name.strip().casefold()
    return next((column for column in columns if column.strip().casefold() == wanted), None)
