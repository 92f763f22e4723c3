"""A page in memory that takes operations as Notion does, refuses what Notion refuses, and that a person can edit."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from esl_pipeline.pages.block_map import ActualBlock, MapEntry, actual_block
from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.operations import Delete, Insert, Operation, Update, update_body

HOLDERS = frozenset(
    {
        *("paragraph", "quote", "to_do", "toggle", "callout", "column", "column_list", "table", "synced_block"),
        *("bulleted_list_item", "numbered_list_item", "heading_1", "heading_2", "heading_3", "heading_4"),
    }
)


@dataclass
class Block:
    id: str
    type: str
    content: dict[str, Any]
    parent: Block | None
    children: list[Block] = field(default_factory=list)
    written_sha256: str = ""

    @property
    def is_theirs(self) -> bool:
        """True for what a person made or changed."""
        return self.actual.sha256 != self.written_sha256

    @property
    def actual(self) -> ActualBlock:
        body = {"id": self.id, "type": self.type, self.type: self.content, "has_children": bool(self.children)}
        return actual_block(body)

    def walk(self) -> Iterator[Block]:
        for child in self.children:
            yield child
            yield from child.walk()


class Page:
    """``learns``: whether ids inside a new block become known, as they do when a later request needs them."""

    def __init__(self, *, learns: bool = False) -> None:
        self.root = Block("page", "page", {}, None)
        self.learns = learns
        self._made = 0

    def blocks(self) -> list[Block]:
        return list(self.root.walk())

    def block(self, block_id: str) -> Block:
        return self.root if block_id == "page" else next(block for block in self.blocks() if block.id == block_id)

    def children_of(self, block_id: str) -> tuple[ActualBlock, ...]:
        return tuple(child.actual for child in self.block(block_id).children)

    def put(self, parent: Block, index: int, node: BlockNode, entry: MapEntry | None = None) -> Block:
        """Makes a block and what is inside it; refuses what Notion would."""
        check_place(parent, node)
        self._made += 1
        block = Block(f"b{self._made}", node.type, copy.deepcopy(dict(node.content)), parent)
        block.written_sha256 = block.actual.sha256
        parent.children.insert(index, block)
        for position, child in enumerate(node.children):
            made = self.put(block, position, child, entry.children[position] if entry else None)
            if entry and self.learns:
                entry.children[position].id = made.id
        return block

    def apply(self, operations: Sequence[Operation]) -> None:
        for operation in operations:
            if isinstance(operation, Insert):
                self._insert(operation)
            elif isinstance(operation, Update):
                self._update(operation)
            else:
                self._delete(operation)

    def _insert(self, insert: Insert) -> None:
        parent = self.block(insert.parent_id)
        assert {child.id for child in parent.children} >= insert.siblings
        assert insert.only == (not insert.siblings)
        index = 0
        if insert.only:
            index = len(parent.children)
        elif insert.after is not None:
            index = parent.children.index(self.block(insert.after)) + 1
        for node, entry in zip(insert.nodes, insert.entries, strict=True):
            entry.id = self.put(parent, index, node, entry).id
            index += 1
        for entry in insert.entries:
            entry.settle()

    def _update(self, update: Update) -> None:
        block = self.block(update.entry.id)
        assert block.type == update.node.type, "Notion changes no block's type"
        assert block.actual.sha256 == update.before_sha256
        if block.children and block.type.startswith("heading_"):
            assert update.node.content.get("is_toggleable")
        assert block.content.get("table_width") == update.node.content.get("table_width")
        block.content = {**block.content, **copy.deepcopy(update_body(update.node)[block.type])}
        block.written_sha256 = block.actual.sha256
        update.entry.settle_own()

    def _delete(self, delete: Delete) -> None:
        block = self.block(delete.entry.id)
        assert block.parent is not None
        block.parent.children.remove(block)
        delete.neighbours[:] = [entry for entry in delete.neighbours if entry is not delete.entry]


def check_place(parent: Block, node: BlockNode) -> None:
    """Refuses a block where Notion has no place for it."""
    if parent.type == "page":
        assert node.type not in {"table_row", "column"}
        return
    assert parent.type in HOLDERS, f"a {parent.type} holds nothing"
    assert (node.type == "table_row") == (parent.type == "table")
    assert (node.type == "column") == (parent.type == "column_list")
    if node.type == "table_row":
        assert len(node.content["cells"]) == parent.content["table_width"], "a row of another width"
    if parent.type.startswith("heading_"):
        assert parent.content.get("is_toggleable"), "a plain heading holds nothing"
