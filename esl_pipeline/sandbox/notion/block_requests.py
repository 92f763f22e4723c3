"""Blocks in a request: their shape, how deep they may be nested, and whether they make sense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from esl_pipeline.sandbox.notion.block_types import BLOCK_TYPES, LEAF, BlockType, Json
from esl_pipeline.sandbox.notion.refusals import creation_failed, failed, invalid
from esl_pipeline.sandbox.notion.shapes import Anything, Array, OneOf, Record, Shape, tag_of

MOST_BLOCKS = 1000
"""Blocks in one request, nested ones included. **Source**: reference/request-limits (read 2026-11-23)."""

NO_CHILDREN = "Block does not support children."
ROW_WIDTH = "Number of cells in table row must match the table width of the parent table"
WRAPPER: Mapping[str, Shape] = {"object": OneOf(("block",))}


def check_blocks(children: Any, path: str) -> None:
    """Checks the blocks of a whole request.

    Raises:
        Refusal: with the first thing that is wrong.
    """
    _check_level(children, path, 1)
    count = _count(children)
    if count > MOST_BLOCKS:
        raise invalid(f"{path} should have at most {MOST_BLOCKS} blocks in all, instead has {count}.")
    for block in children:
        _check_sense(block)


def _count(children: Sequence[Json]) -> int:
    return sum(1 + _count(content_of(block).get("children", ())) for block in children)


def type_of(block: Json) -> str:
    """Returns the type of a block in a request."""
    return tag_of(block, "block", BLOCK_TYPES)


def content_of(block: Json) -> Json:
    """Returns what a block in a request has under its type."""
    content: Json = block[type_of(block)]
    return content


def _check_level(children: Any, path: str, level: int, only: str | None = None, least: int = 0) -> None:
    Array(Anything(), least).check(children, path)
    for index, block in enumerate(children):
        _check_block(block, f"{path}[{index}]", level, only)


def _check_block(block: Json, path: str, level: int, only: str | None) -> None:
    kind = tag_of(block, path, {only: None} if only else BLOCK_TYPES)
    rule = BLOCK_TYPES[kind]
    if level > rule.deepest:
        raise failed(f"{path}.{kind}", "not present", block[kind])
    may_hold = rule.holds is not None and (level < LEAF or rule.own_layer)
    if level == LEAF and rule.holds == "paragraph":
        rule = BlockType()  # a tab without tabs is all that the deepest level takes
    shapes: Mapping[str, Shape] = {"children": Array(Anything())} if may_hold else {}
    Record({kind: rule.creation(shapes)}, {"type": OneOf((kind,)), **WRAPPER}).check(block, path)
    inside = block[kind].get("children")
    if inside is not None:
        only_type = None if rule.holds == "any" else rule.holds
        next_level = level if rule.own_layer else level + 1
        _check_level(inside, f"{path}.{kind}.children", next_level, only_type, rule.least_children or 0)


def _check_sense(block: Json) -> None:
    kind, content = type_of(block), content_of(block)
    rule, inside = BLOCK_TYPES[kind], content.get("children") or ()
    if rule.toggleable and inside and not content.get("is_toggleable"):
        raise creation_failed(NO_CHILDREN)
    for child in inside:
        check_parent(child, kind, content)
        _check_sense(child)


def check_parent(child: Json, parent_type: str, parent: Json) -> None:
    """Checks that a block may stand in its parent.

    Args:
        child: a block in a request.
        parent_type: the parent's block type, ``child_page`` for a page.
        parent: the parent's content.

    Raises:
        Refusal: it may not.
    """
    kind = type_of(child)
    wanted = BLOCK_TYPES[kind].parent
    holds = BLOCK_TYPES[parent_type].holds if parent_type in BLOCK_TYPES else "any"
    if holds not in ("any", kind) or wanted not in (None, parent_type):
        raise creation_failed(f"A {kind} can't be a child of a {parent_type}.")
    if kind == "table_row" and len(child[kind]["cells"]) != parent["table_width"]:
        raise creation_failed(ROW_WIDTH)
