"""Reads and writes blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from esl_pipeline.sandbox.notion import Json
from esl_pipeline.sandbox.notion.block_requests import NO_CHILDREN, check_blocks, check_parent, content_of, type_of
from esl_pipeline.sandbox.notion.block_types import BLOCK_TYPES, file_name
from esl_pipeline.sandbox.notion.file_uploads import attach
from esl_pipeline.sandbox.notion.refusals import creation_failed, failed, invalid
from esl_pipeline.sandbox.notion.shapes import Anything, Array, Flag, OneOf, Record, Tagged, Uuid, dashed, tag_of
from esl_pipeline.sandbox.notion.store import Node
from esl_pipeline.sandbox.notion.visit import Visit, title_of

POSITION = Record({"type": OneOf(("start", "end", "after_block"))}, {"after_block": Record({"id": Uuid()})})
PLACES = frozenset({"external", "file"})
"""Where a file may be; a block has one of them."""

_AS_BLOCK = {"page": "child_page", "database": "child_database"}
_UPDATABLE = {kind: Anything() for kind, rule in BLOCK_TYPES.items() if rule.updatable}


def block_answer(visit: Visit, node: Node) -> Json:
    """Returns a block as a response shows it; a page inside a page is a block as well."""
    kind = node.type or _AS_BLOCK[node.kind]
    content = _content_answer(visit, node) if node.kind == "block" else {"title": title_of(node)}
    return {
        "object": "block",
        "id": node.id,
        "parent": visit.parent_of(node),
        **visit.signature(node),
        "has_children": node.has_children or source_id_of(node) is not None,
        "in_trash": node.in_trash,
        "type": kind,
        kind: content,
    }


def _content_answer(visit: Visit, node: Node) -> Json:
    """Returns a block's content; a file that Notion keeps has another address each time."""
    if "file" not in node.content:
        return node.content
    return {**node.content, "file": dict(visit.uploads.address(node.content["file"]["upload_id"]))}


def source_id_of(node: Node) -> str | None:
    """Returns the id of the original whose content a synced block shows, None where it is no copy."""
    synced_from = node.content.get("synced_from") if node.type == "synced_block" else None
    return dashed(synced_from["block_id"]) if synced_from else None


def retrieve_block(visit: Visit, block_id: str) -> Json:
    """Returns a block, in the trash or not."""
    return block_answer(visit, visit.find("block", block_id))


def all_children(visit: Visit, block_id: str) -> list[Json]:
    """Returns the first-level blocks of a page or block, in order; of a synced copy, those of its original."""
    parent = visit.find("block", block_id)
    children = visit.store.children(source_id_of(parent) or parent.id)
    return [block_answer(visit, node) for node in children if node.kind != "data_source"]


def append_children(visit: Visit, parent_id: str, body: Any) -> list[Json]:
    """Adds blocks to a page or block.

    Returns:
        the new first-level blocks, and after a position in the middle also the blocks that follow them, as recorded
        answers do.
    """
    Record({"children": Array(Anything())}, {"position": POSITION}).check(body, "body")
    children, position = body["children"], _position(body)
    with visit.store.writing():
        parent = visit.find("block", parent_id)
        visit.must_be_alive(parent)
        check_children(parent, children)
        place = visit.place_in(parent.id, position)
        new = write_blocks(visit, parent.id, children, place)
        visit.touch_page_of(parent)
        present = visit.store.children(parent.id)
    first = next((index for index, node in enumerate(present) if new and node.id == new[0]), len(present))
    return [block_answer(visit, node) for node in present[first:]]


def _position(body: Json) -> Json | None:
    position: Json | None = body.get("position")
    if position is None or position["type"] != "after_block":
        return position
    if "after_block" not in position:
        raise failed("body.position.after_block", "defined", None)
    return {"type": "after_block", "after_block": {"id": dashed(position["after_block"]["id"])}}


def check_children(parent: Node, children: Any, path: str = "body.children") -> None:
    """Checks blocks that are to go into a page or block.

    Raises:
        Refusal: they are wrong, or that parent does not take them.
    """
    check_blocks(children, path)
    rule = BLOCK_TYPES.get(parent.type)
    if parent.kind == "block" and (rule is None or rule.holds is None or source_id_of(parent) is not None):
        raise invalid(NO_CHILDREN)
    if rule and rule.toggleable and not parent.content.get("is_toggleable"):
        raise invalid(NO_CHILDREN)
    for child in children:
        check_parent(child, parent.type or "child_page", parent.content)


def write_blocks(visit: Visit, parent_id: str, children: Sequence[Json], place: int) -> list[str]:
    """Stores checked blocks and all that is inside them; returns the ids of the first level."""
    if not children:
        return []
    nodes = [_new_block(visit, parent_id, child, place + index) for index, child in enumerate(children)]
    visit.store.insert(nodes)
    for node, child in zip(nodes, children, strict=True):
        write_blocks(visit, node.id, content_of(child).get("children") or (), 0)
    return [node.id for node in nodes]


def _new_block(visit: Visit, parent_id: str, child: Json, place: int) -> Node:
    kind = type_of(child)
    content = attach(visit, BLOCK_TYPES[kind].answer(content_of(child)))
    if kind == "file" and "external" in content:
        content.setdefault("name", file_name(content["external"]["url"]))
    node = visit.new_node("block", kind, parent_id, place, content)
    source_id = source_id_of(node)
    if source_id is not None:
        _check_original(visit, source_id)
    return node


def _check_original(visit: Visit, source_id: str) -> None:
    original = visit.store.node(source_id)
    if original is None or original.type != "synced_block" or source_id_of(original) or original.in_trash:
        raise creation_failed(f"Could not find synced block with ID: {source_id}.")


def update_block(visit: Visit, block_id: str, body: Any) -> Json:
    """Changes a block's own content, or moves it into or out of the trash."""
    Anything().check(body, "body")
    with visit.store.writing():
        node = visit.find("block", block_id)
        if set(body) <= {"in_trash"}:
            Record({}, {"in_trash": Flag()}).check(body, "body")
            return _trash(visit, node, in_trash=body.get("in_trash", node.in_trash))
        visit.must_be_alive(node)
        changes = attach(visit, _update(node, body))
        kept = {name: value for name, value in node.content.items() if name not in PLACES or not PLACES & {*changes}}
        changed = replace(node, content={**kept, **changes}, in_trash=body.get("in_trash", False))
        return block_answer(visit, visit.save(changed))


def _update(node: Node, body: Json) -> Json:
    kind = tag_of(body, "body", _UPDATABLE)
    Tagged(_UPDATABLE, {"in_trash": Flag()}).check(body, "body")
    if kind != node.type:
        wanted = node.type or _AS_BLOCK[node.kind]
        raise invalid(f"body.{kind} does not fit the block: its type is {wanted} and can't be changed.")
    rule = BLOCK_TYPES[kind]
    rule.update().check(body[kind], f"body.{kind}")
    changes = rule.changes(body[kind])
    if rule.toggleable and node.has_children and changes.get("is_toggleable") is False:
        raise invalid("A heading with children must stay toggleable.")
    return changes


def _trash(visit: Visit, node: Node, *, in_trash: bool) -> Json:
    visit.must_be_alive(node if in_trash else replace(node, in_trash=False))
    return block_answer(visit, visit.save(replace(node, in_trash=in_trash)))


def delete_block(visit: Visit, block_id: str) -> Json:
    """Moves a block, or a page, to the trash."""
    with visit.store.writing():
        return _trash(visit, visit.find("block", block_id), in_trash=True)
