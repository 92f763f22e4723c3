"""What must be written so that a page shows its lesson."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esl_pipeline.pages.block_map import ActualBlock, MapEntry
from esl_pipeline.pages.nodes import BlockNode


@dataclass(frozen=True)
class Update:
    """A block whose own content is rewritten in place; ``before_sha256`` is what the page holds now."""

    entry: MapEntry
    node: BlockNode
    before_sha256: str

    def __str__(self) -> str:
        return f"{described(self.node.type, self.node.line)} has other text or colours"


@dataclass(frozen=True)
class Insert:
    """Blocks, with all that is inside them, that are put side by side into an existing parent.

    Attributes:
        after: id of the block that they follow; None for the beginning.
        only: True where the parent has no other block, so that the end is the beginning.
        entries: one per node, in the block map.
        siblings: ids of the blocks that stood in the parent before.
    """

    parent_id: str
    after: str | None
    only: bool
    nodes: tuple[BlockNode, ...]
    entries: tuple[MapEntry, ...]
    siblings: frozenset[str]

    def __str__(self) -> str:
        return f"{described(self.nodes[0].type, self.nodes[0].line)} is missing{_and_more(len(self.nodes))}"


@dataclass(frozen=True)
class Delete:
    """A block of the pipeline that the lesson no longer has; its entry is one of ``neighbours``."""

    entry: MapEntry
    neighbours: list[MapEntry]
    block: ActualBlock

    def __str__(self) -> str:
        return f'{described(self.block.type)} "{shortened(self.block.text)}" is no longer in the lesson'


Operation = Update | Insert | Delete


@dataclass(frozen=True)
class KeptEdit:
    """A block that was left as a person made it, although the lesson says otherwise."""

    block_id: str
    type: str
    text: str
    line: int
    why: str

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.in_words()}"

    def in_words(self) -> str:
        """Returns which block it is and why it was left, without its line."""
        return f'{described(self.type)} "{shortened(self.text)}": {self.why}'


@dataclass(frozen=True)
class Reconciliation:
    """How to bring a page up to date.

    Attributes:
        operations: in the order in which they are safe: what is deleted goes last.
        entries: the block map to record before anything is written; the operations change its entries.
    """

    operations: tuple[Operation, ...]
    kept_edits: tuple[KeptEdit, ...]
    entries: list[MapEntry]


_COLOURED = frozenset(
    {
        *("paragraph", "heading_1", "heading_2", "heading_3", "heading_4", "quote", "to_do", "toggle", "callout"),
        *("bulleted_list_item", "numbered_list_item", "table_of_contents"),
    }
)
_CAPTIONED = frozenset({"image", "video", "audio", "code"})
_NOT_UPDATABLE = frozenset({"type", "table_width", "children"})
"""Notion's update takes neither a file's kind nor a table's width (OpenAPI of 2026-03-11, read 2026-11-23)."""


def update_body(node: BlockNode) -> dict[str, Any]:
    """Returns the request body that gives a block a node's own content; what the node leaves out is cleared."""
    content: dict[str, Any] = {key: value for key, value in node.content.items() if key not in _NOT_UPDATABLE}
    if node.type in _COLOURED:
        content.setdefault("color", "default")
    if node.type in _CAPTIONED:
        content.setdefault("caption", [])
    return {node.type: content}


def may_become(block_type: str, content: Mapping[str, Any], node: BlockNode) -> bool:
    """Tells whether Notion can turn a block into a node in place.

    Its type can't change, nor a table's width; a heading with children can't stop being a toggle, and what a synced
    block refers to is fixed. Source: developers.notion.com/reference/update-a-block, read 2026-11-23.
    """
    if block_type != node.type or node.type in {"synced_block", "column_list", "column", "divider"}:
        return False
    fixed = ("table_width",) if node.type == "table" else ("is_toggleable",)
    return all((content.get(key) or False) == (node.content.get(key) or False) for key in fixed)


_HOLDING = _COLOURED - {"table_of_contents"} | {"column_list", "column", "synced_block"}


def may_hold(block_type: str, content: Mapping[str, Any], node: BlockNode) -> bool:
    """Tells whether Notion takes a node's children into a block that a person may have turned into something else.

    A heading must be a toggle, a table as wide as its rows.
    """
    if block_type == "table" or node.type == "table":
        return block_type == node.type and content.get("table_width") == node.content.get("table_width")
    return block_type in _HOLDING and (not block_type.startswith("heading_") or bool(content.get("is_toggleable")))


def described(block_type: str, line: int = 0) -> str:
    """Returns a block's type in words, with its line in the lesson where it has one."""
    words = block_type.replace("_", " ")
    return f"line {line}: {words}" if line else words


def shortened(text: str) -> str:
    """Returns the beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"


def _and_more(count: int) -> str:
    return f", and {count - 1} after it" if count > 1 else ""
