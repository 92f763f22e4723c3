"""Reads and writes pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from esl_pipeline.sandbox.notion import Json
from esl_pipeline.sandbox.notion.blocks import check_children, write_blocks
from esl_pipeline.sandbox.notion.page_values import columns_of, value_answers, written_values
from esl_pipeline.sandbox.notion.refusals import failed, invalid
from esl_pipeline.sandbox.notion.rich_text import COVER, ICON, icon_answer
from esl_pipeline.sandbox.notion.shapes import (
    Anything,
    Array,
    Either,
    Flag,
    OneOf,
    Record,
    Shape,
    Tagged,
    Uuid,
    dashed,
)
from esl_pipeline.sandbox.notion.store import Node
from esl_pipeline.sandbox.notion.visit import Visit

_DECORATIONS: Mapping[str, Shape] = {"icon": Either(ICON), "cover": Either(COVER), "properties": Anything()}
_PAGE_POSITION = Record(
    {"type": OneOf(("page_start", "page_end", "after_block"))}, {"after_block": Record({"id": Uuid()})}
)
_PARENTS: Mapping[str, Shape] = {
    "page_id": Uuid(),
    "database_id": Uuid(),
    "data_source_id": Uuid(),
    "workspace": OneOf((True,)),
}
_CREATE = Record(
    {"parent": Tagged(_PARENTS)},
    {
        **_DECORATIONS,
        "children": Array(Anything()),
        "content": Array(Anything()),
        "template": Record({"type": OneOf(("none",))}),
        "position": _PAGE_POSITION,
    },
)
_SWITCHES = ("is_locked", "in_trash", "is_archived", "erase_content")
_UPDATE = Record({}, {**_DECORATIONS, **dict.fromkeys(_SWITCHES, Flag())})
_MOVE = Record({"parent": Tagged({"page_id": Uuid(), "data_source_id": Uuid()})})


def page_answer(visit: Visit, page: Node) -> Json:
    """Returns a page as a response shows it."""
    signature = visit.signature(page)
    return {
        "object": "page",
        "id": page.id,
        **signature,
        "cover": page.content["cover"],
        "icon": page.content["icon"],
        "parent": visit.parent_of(page),
        "in_trash": page.in_trash,
        "is_archived": page.in_trash,
        "is_locked": page.content.get("is_locked", False),
        "properties": value_answers(columns_of(visit, page), page, signature),
        "url": f"{visit.pages_url}{page.id}",
        "public_url": None,
    }


def retrieve_page(visit: Visit, page_id: str) -> Json:
    """Returns a page, in the trash or not."""
    return page_answer(visit, visit.find("page", page_id))


def create_page(visit: Visit, body: Any) -> Json:
    """Creates a page with its first blocks, all of it or nothing."""
    _CREATE.check(body, "body")
    if "children" in body and "content" in body:
        raise failed("body.content", "not present", body["content"])
    with visit.store.writing():
        parent = _parent(visit, body["parent"])
        visit.must_be_alive(parent)
        source = parent if parent.kind == "data_source" else None
        if source and "position" in body:
            raise failed("body.position", "not present", body["position"])
        content = {
            "values": written_values(visit, source, body.get("properties", {})),
            "icon": icon_answer(body.get("icon")),
            "cover": icon_answer(body.get("cover")),
        }
        page = visit.new_node("page", "", parent.id, visit.place_in(parent.id, body.get("position")), content)
        children = body.get("children", body.get("content", []))
        check_children(page, children)
        visit.store.insert([page])
        write_blocks(visit, page.id, children, 0)
        return page_answer(visit, page)


def _parent(visit: Visit, parent: Json) -> Node:
    tag = next(name for name in parent if name != "type")
    if tag == "workspace":
        raise invalid("Internal integrations aren't owned by a single user, so creating workspace-level pages fails.")
    if tag != "database_id":
        return visit.find(tag.removesuffix("_id"), dashed(parent[tag]))
    database = visit.find("database", dashed(parent[tag]))
    sources = visit.store.children(database.id)
    if len(sources) != 1:
        raise invalid("Databases with multiple data sources are not supported as a parent; use data_source_id.")
    return sources[0]


def update_page(visit: Visit, page_id: str, body: Any) -> Json:
    """Changes values, icon or cover, or moves the page into or out of the trash."""
    _UPDATE.check(body, "body")
    with visit.store.writing():
        page = visit.find("page", page_id)
        in_trash = body.get("in_trash", body.get("is_archived", page.in_trash))
        visit.must_be_alive(page if in_trash else replace(page, in_trash=False))
        source = visit.store.node(page.parent_id) if page.parent_id else None
        source = source if source and source.kind == "data_source" else None
        changes: Json = {name: icon_answer(body[name]) for name in ("icon", "cover") if name in body}
        if "is_locked" in body:
            changes["is_locked"] = body["is_locked"]
        values = {**page.content["values"], **written_values(visit, source, body.get("properties", {}))}
        if body.get("erase_content"):
            _erase(visit, page)
        content = {**page.content, **changes, "values": values}
        return page_answer(visit, visit.save(replace(page, content=content, in_trash=in_trash)))


def _erase(visit: Visit, page: Node) -> None:
    for block in visit.store.children(page.id):
        visit.save(replace(block, in_trash=True))


def move_page(visit: Visit, page_id: str, body: Any) -> Json:
    """Puts a page into another page or data source; there, values in columns of the old one are dropped."""
    _MOVE.check(body, "body")
    with visit.store.writing():
        page = visit.find("page", page_id)
        visit.must_be_alive(page)
        parent = _parent(visit, body["parent"])
        visit.must_be_alive(parent)
        if page.id in (parent.id, *(above.id for above in visit.ancestors(parent))):
            raise invalid("A page can't be moved into itself.")
        values = {"title": page.content["values"].get("title", [])}
        content = {**page.content, "values": values}
        moved = replace(page, parent_id=parent.id, place=visit.store.end_of(parent.id), content=content)
        return page_answer(visit, visit.save(moved))
