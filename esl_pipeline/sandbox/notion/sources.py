"""Reads and writes databases and their data sources."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from esl_pipeline.sandbox.notion import Json
from esl_pipeline.sandbox.notion.columns import COLUMN_TYPES
from esl_pipeline.sandbox.notion.options import new_option
from esl_pipeline.sandbox.notion.page_values import column_named
from esl_pipeline.sandbox.notion.refusals import invalid
from esl_pipeline.sandbox.notion.rich_text import COVER, ICON, RICH_TEXT, icon_answer, plain_text, rich_text_answer
from esl_pipeline.sandbox.notion.shapes import (
    Anything,
    Either,
    Flag,
    OneOf,
    Record,
    Shape,
    Tagged,
    Text,
    Uuid,
    dashed,
)
from esl_pipeline.sandbox.notion.store import Node
from esl_pipeline.sandbox.notion.visit import Visit

_TITLED: Mapping[str, Shape] = {"title": RICH_TEXT, "icon": Either(ICON)}
_CREATE_SOURCE = Record(
    {"parent": Record({"database_id": Uuid()}, {"type": OneOf(("database_id",))}), "properties": Anything()}, _TITLED
)
_UPDATE_SOURCE = Record({}, {**_TITLED, "properties": Anything(), "in_trash": Flag()})
_CREATE_DATABASE = Record(
    {"parent": Tagged({"page_id": Uuid(), "workspace": OneOf((True,))})},
    {
        **_TITLED,
        "description": RICH_TEXT,
        "cover": Either(COVER),
        "is_inline": Flag(),
        "initial_data_source": Record({}, {"properties": Anything()}),
    },
)
_COLUMN_OPTIONS: Mapping[str, Shape] = {"name": Text(1), "description": Either(Text(0, 280))}
_SETTINGS: Mapping[str, Shape] = {kind: rule.settings for kind, rule in COLUMN_TYPES.items()}


def database_answer(visit: Visit, database: Node) -> Json:
    """Returns a database as a response shows it; it has no ``properties``."""
    content = database.content
    sources = visit.store.children(database.id)
    return {
        "object": "database",
        "id": database.id,
        "title": content["title"],
        "description": content.get("description", []),
        "parent": visit.parent_of(database),
        "is_inline": content.get("is_inline", False),
        "in_trash": database.in_trash,
        "is_locked": False,
        **_times(visit, database),
        "data_sources": [{"id": source.id, "name": plain_text(source.content["title"])} for source in sources],
        "icon": content.get("icon"),
        "cover": content.get("cover"),
        "url": f"{visit.pages_url}{database.id}",
        "public_url": None,
    }


def source_answer(visit: Visit, source: Node) -> Json:
    """Returns a data source as a response shows it."""
    database = visit.find("database", source.parent_id or "")
    return {
        "object": "data_source",
        "id": source.id,
        "cover": None,
        "icon": source.content.get("icon"),
        **visit.signature(source),
        "title": source.content["title"],
        "description": [],
        "is_inline": False,
        "in_trash": source.in_trash or database.in_trash,
        "parent": {"type": "database_id", "database_id": database.id},
        "database_parent": visit.parent_of(database),
        "properties": source.content["properties"],
        "url": f"{visit.pages_url}{source.id}",
        "public_url": None,
    }


def _times(visit: Visit, node: Node) -> Json:
    signature = visit.signature(node)
    return {name: signature[name] for name in ("created_time", "last_edited_time")}


def retrieve_database(visit: Visit, database_id: str) -> Json:
    """Returns a database."""
    return database_answer(visit, visit.find("database", database_id))


def retrieve_source(visit: Visit, data_source_id: str) -> Json:
    """Returns a data source."""
    return source_answer(visit, visit.find("data_source", data_source_id))


def create_database(visit: Visit, body: Any) -> Json:
    """Creates a database with one data source."""
    _CREATE_DATABASE.check(body, "body")
    with visit.store.writing():
        page_id = dashed(body["parent"]["page_id"]) if "page_id" in body["parent"] else None
        if page_id:
            visit.must_be_alive(visit.find("page", page_id))
        title = rich_text_answer(body.get("title", []))
        content = {
            "title": title,
            "description": rich_text_answer(body.get("description", [])),
            "icon": icon_answer(body.get("icon")),
            "cover": icon_answer(body.get("cover")),
            "is_inline": body.get("is_inline", False),
        }
        database = visit.new_node("database", "", page_id, visit.store.end_of(page_id), content)
        visit.store.insert([database])
        properties = body.get("initial_data_source", {}).get("properties", {"Name": {"title": {}}})
        _insert_source(visit, database, title, properties)
        return database_answer(visit, database)


def create_source(visit: Visit, body: Any) -> Json:
    """Adds a data source to a database."""
    _CREATE_SOURCE.check(body, "body")
    with visit.store.writing():
        database = visit.find("database", dashed(body["parent"]["database_id"]))
        visit.must_be_alive(database)
        source = _insert_source(visit, database, rich_text_answer(body.get("title", [])), body["properties"])
        return source_answer(visit, source)


def _insert_source(visit: Visit, database: Node, title: list[Json], properties: Json) -> Node:
    columns = {name: new_column(visit, name, wanted) for name, wanted in properties.items()}
    titles = [name for name, column in columns.items() if column["type"] == "title"]
    if len(titles) != 1:
        raise invalid("Title is not provided." if not titles else "Only one title property is allowed.")
    place = visit.store.end_of(database.id)
    source = visit.new_node("data_source", "", database.id, place, {"title": title, "properties": columns})
    visit.store.insert([source])
    return source


def new_column(visit: Visit, name: str, wanted: Any) -> Json:
    """Returns a column as a response shows it.

    Raises:
        Refusal: the request does not describe one that the sandbox has.
    """
    path = f"body.properties.{name}"
    Tagged(_SETTINGS, _COLUMN_OPTIONS).check(wanted, path)
    kind = next(key for key in wanted if key in COLUMN_TYPES)
    column_id = "title" if kind == "title" else uuid.uuid4().hex[:4]
    settings = _settings(visit, kind, wanted[kind])
    description = wanted.get("description")
    return {"id": column_id, "name": name, "description": description, "type": kind, kind: settings}


def _settings(visit: Visit, kind: str, wanted: Json) -> Json:
    if COLUMN_TYPES[kind].has_options:
        options: list[Json] = []
        for option in wanted.get("options", []):
            options.append(new_option(option, options))
        return {"options": options, **({"groups": _groups(options)} if kind == "status" else {})}
    if kind == "number":
        return {"format": wanted.get("format", "number")}
    if kind == "relation":
        related = visit.find("data_source", dashed(wanted["data_source_id"]))
        return {
            "database_id": related.parent_id,
            "data_source_id": related.id,
            "type": "single_property",
            "single_property": {},
        }
    return {}


def _groups(options: list[Json]) -> list[Json]:
    ids = [option["id"] for option in options]
    spread = (ids[:1], ids[1:-1], ids[-1:] if len(ids) > 1 else [])
    named = zip((("To-do", "gray"), ("In progress", "blue"), ("Complete", "green")), spread, strict=True)
    return [
        {"id": str(uuid.uuid4()), "name": name, "color": colour, "option_ids": option_ids}
        for (name, colour), option_ids in named
    ]


def update_source(visit: Visit, data_source_id: str, body: Any) -> Json:
    """Adds, renames, changes or removes columns; changes the title."""
    _UPDATE_SOURCE.check(body, "body")
    with visit.store.writing():
        source = visit.find("data_source", data_source_id)
        if source.in_trash and body.get("in_trash", True):
            visit.must_be_alive(source)
        columns = dict(source.content["properties"])
        for name, wanted in body.get("properties", {}).items():
            columns = _changed(visit, columns, name, wanted)
        content = {**source.content, "properties": columns}
        if "title" in body:
            content["title"] = rich_text_answer(body["title"])
        if "icon" in body:
            content["icon"] = icon_answer(body["icon"])
        changed = replace(source, content=content, in_trash=body.get("in_trash", source.in_trash))
        return source_answer(visit, visit.save(changed))


def _changed(visit: Visit, columns: Json, name: str, wanted: Any) -> Json:
    known = name in columns or any(column["id"] == name for column in columns.values())
    if not known and (wanted is None or set(wanted) <= set(_COLUMN_OPTIONS)):
        raise invalid(f"Could not find property with name or id: {name}")
    if not known:
        return {**columns, name: new_column(visit, name, wanted)}
    before = column_named(columns, name)
    if wanted is None:
        return _removed(columns, before)
    if set(wanted) <= set(_COLUMN_OPTIONS):
        Record({}, _COLUMN_OPTIONS).check(wanted, f"body.properties.{name}")
        after = {**before, **wanted}
    else:
        after = {**new_column(visit, wanted.get("name", before["name"]), wanted), "id": before["id"]}
        if (before["type"] == "title") != (after["type"] == "title"):
            raise invalid("The type of the title property can't be changed.")
    others = {key: column for key, column in columns.items() if column is not before}
    if after["name"] in others:
        raise invalid(f"A property named {after['name']} already exists.")
    return {
        after["name"] if column is before else key: after if column is before else column
        for key, column in columns.items()
    }


def _removed(columns: Json, column: Json) -> Json:
    if column["type"] == "title":
        raise invalid("Cannot delete the title property.")
    return {key: other for key, other in columns.items() if other is not column}
