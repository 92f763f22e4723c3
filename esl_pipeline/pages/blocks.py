"""The lesson's tree as Notion's: one maker per kind of block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from esl_pipeline.lessons import model
from esl_pipeline.pages.block_map import STUDY_TEXT
from esl_pipeline.pages.leaf_blocks import colour_of, leaf_blocks, text_block, text_blocks
from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.preset import Preset
from esl_pipeline.pages.rich_text import rich_text

Nodes = tuple[BlockNode, ...]


def build_blocks(lesson: model.Lesson, preset: Preset) -> Nodes:
    """Returns the blocks that show a lesson, with their colours: the author's own, else the preset's.

    Text that exceeds a block's limits goes on in the next block of its kind, or in a paragraph inside the block.
    """
    return _Builder(preset).side_by_side(lesson.blocks)


class _Builder:
    def __init__(self, preset: Preset) -> None:
        self._preset = preset

    def side_by_side(self, blocks: Sequence[model.Block], *, in_column: bool = False) -> Nodes:
        """Makes blocks that share a parent; only what stands directly below a heading counts as its toggle."""
        nodes: list[BlockNode] = []
        below: int | None = None
        for block in laid_out(blocks, in_column=in_column):
            nodes += self._make(block, below)
            below = block.level if isinstance(block, model.Heading) else None
        return tuple(nodes)

    def _make(self, block: model.Block, below: int | None) -> Iterator[BlockNode]:
        line = block.position.line
        match block:
            case model.Paragraph():
                yield from text_blocks("paragraph", block.runs, colour_of(block.colour), line)
            case model.Heading():
                yield from self._heading(block, line)
            case model.ListItem():
                yield self._list_item(block, line)
            case model.Quote():
                yield self._holder("quote", block.runs, colour_of(block.colour), block.children, line)
            case model.Callout():
                content = {"icon": {"type": "emoji", "emoji": block.icon}, **colour_of(block.colour)}
                yield self._holder("callout", block.runs, content, block.children, line)
            case model.Toggle():
                yield self._toggle(block.runs, block, below)
            case model.StudyText():
                yield self._toggle((model.Run(STUDY_TEXT),), block, below)
            case model.ColumnList():
                columns = (
                    BlockNode("column", {}, self._column(column), column.position.line) for column in block.columns
                )
                yield BlockNode("column_list", {}, tuple(columns), line)
            case model.SyncedBlock():
                yield self._synced(block, line)
            case _:
                yield from leaf_blocks(block)

    def _heading(self, heading: model.Heading, line: int) -> Iterator[BlockNode]:
        colour = heading.colour or self._preset.of_heading(heading.level, toggleable=heading.toggleable)
        if heading.toggleable:
            folding = {**colour_of(colour), "is_toggleable": True}
            yield self._holder(f"heading_{heading.level}", heading.runs, folding, heading.children, line)
        else:
            yield from text_blocks(f"heading_{heading.level}", heading.runs, colour_of(colour), line)

    def _list_item(self, item: model.ListItem, line: int) -> BlockNode:
        content = colour_of(item.colour)
        if item.checked is None:
            return self._holder(f"{item.kind}_list_item", item.runs, content, item.children, line)
        return self._holder("to_do", item.runs, {"checked": item.checked, **content}, item.children, line)

    def _toggle(self, title: model.Runs, toggle: model.Toggle | model.StudyText, below: int | None) -> BlockNode:
        # The preset colours the title, not the block, whose colour would spread to what is inside.
        colour = None if toggle.colour else self._preset.of_toggle(below)
        line = toggle.position.line
        return self._holder("toggle", title, colour_of(toggle.colour), toggle.children, line, colour)

    def _synced(self, block: model.SyncedBlock, line: int) -> BlockNode:
        if block.source_id:
            source = {"type": "block_id", "block_id": block.source_id}
            return BlockNode("synced_block", {"synced_from": source}, (), line)
        return BlockNode("synced_block", {"synced_from": None}, self.side_by_side(block.children), line)

    def _column(self, column: model.Column) -> Nodes:
        return self.side_by_side(column.children, in_column=True)

    def _holder(
        self,
        block_type: str,
        runs: model.Runs,
        content: Mapping[str, Any],
        children: Sequence[model.Block],
        line: int,
        colour: str | None = None,
    ) -> BlockNode:
        """Makes a block that has text and blocks inside; text beyond its limits comes first among these."""
        text, *more = rich_text(runs, colour)
        inside = (*(text_block("paragraph", array, {}, line) for array in more), *self.side_by_side(children))
        return text_block(block_type, text, content, line, inside)


def laid_out(blocks: Sequence[model.Block], *, in_column: bool) -> Iterator[model.Block]:
    """Puts columns below one another where Notion has no place for them.

    A column list needs two columns with something in them, and its columns hold no column list directly.
    Source: developers.notion.com/reference/block, read 2026-11-23.
    """
    for block in blocks:
        if not isinstance(block, model.ColumnList):
            yield block
            continue
        columns = tuple(column for column in block.columns if column.children)
        if in_column or len(columns) < 2:
            for column in columns:
                yield from laid_out(column.children, in_column=in_column)
        else:
            yield model.ColumnList(columns, block.position)
