"""A page's blocks with all that is nested in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from esl_pipeline.sandbox.viewer.links import bare_id
from esl_pipeline.sandbox.viewer.ports import Json, NotionPages
from esl_pipeline.sandbox.viewer.rich_text import plain

HEADINGS = ("heading_1", "heading_2", "heading_3", "heading_4")
DEEPEST = 30
"""Levels that are shown."""


@dataclass(frozen=True)
class Node:
    """One block.

    Attributes:
        type: Notion's name of its kind.
        block_id: without dashes.
        content: what the API keeps under the type's name.
        children: the blocks in it; those of the original for a synced copy.
        anchor: id of its element, empty in synced copies, whose blocks are on the page twice.
    """

    type: str
    block_id: str
    content: dict[str, Any]
    children: tuple[Node, ...]
    anchor: str

    @property
    def level(self) -> int:
        """1 to 4 for headings."""
        return int(self.type.removeprefix("heading_"))

    @property
    def title(self) -> str:
        """The text alone."""
        return plain(self.content.get("rich_text"))


def grow(notion: NotionPages, block_id: str) -> tuple[Node, ...]:
    """Reads the blocks of a page, or of a block."""
    return _children(notion, block_id, copies=frozenset(), depth=0)


def walk(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """Goes through the blocks in reading order."""
    for node in nodes:
        yield node
        yield from walk(node.children)


def headings(nodes: tuple[Node, ...]) -> list[Node]:
    """Returns the headings that a table of contents can lead to."""
    return [node for node in walk(nodes) if node.type in HEADINGS and node.anchor and node.title]


def _children(notion: NotionPages, block_id: str, *, copies: frozenset[str], depth: int) -> tuple[Node, ...]:
    if depth == DEEPEST:
        return ()
    return tuple(_node(notion, block, copies, depth) for block in notion.children(block_id))


def _node(notion: NotionPages, block: Json, copies: frozenset[str], depth: int) -> Node:
    kind, block_id = str(block["type"]), str(block["id"])
    content = block.get(kind) or {}
    origin = (content.get("synced_from") or {}).get("block_id") if kind == "synced_block" else None
    children: tuple[Node, ...] = ()
    if origin and origin not in copies:
        children = _children(notion, origin, copies=copies | {origin}, depth=depth + 1)
    elif not origin and block.get("has_children"):
        children = _children(notion, block_id, copies=copies, depth=depth + 1)
    bare = bare_id(block_id)
    return Node(kind, bare, content, children, "" if copies else f"b-{bare}")
