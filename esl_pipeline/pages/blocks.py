"""The lesson's tree as Notion's: one maker per kind of block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from esl_pipeline.lessons import model
from esl_pipeline.pages.block_map import STUDY_TEXT
from esl_pipeline.pages.code_languages import notion_language
from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.preset import Preset
from esl_pipeline.pages.rich_text import Json, is_web_address, plain_runs, rich_text

MAX_COLUMNS = 100
"""Cells in a table row. Source: OpenAPI of 2026-03-11, ``contentWithTableRowRequest``, read 2026-11-24."""

Nodes = tuple[BlockNode, ...]


def build_blocks(lesson: model.Lesson, preset: Preset) -> Nodes:
    """Returns the blocks that show a lesson, with their colours.

    Text that exceeds a block's limits goes on in the next block of its kind, or in a paragraph inside the block.
    """
    return _Builder(preset).side_by_side(lesson.blocks)


class _Builder:
    def __init__(self, preset: Preset) -> None:
        self._preset = preset

    def side_by_side(self, blocks: Sequence[model.Block], *, in_column: bool = False) -> Nodes:
        """Makes blocks that share a parent; only what stands directly below a level-2 heading counts as its toggle."""
        nodes: list[BlockNode] = []
        below_h2 = False
        for block in _laid_out(blocks, in_column=in_column):
            nodes += self._make(block, below_h2=below_h2)
            below_h2 = isinstance(block, model.Heading) and block.level == 2
        return tuple(nodes)

    def _make(self, block: model.Block, *, below_h2: bool) -> Iterator[BlockNode]:
        line = block.position.line
        match block:
            case model.Paragraph():
                yield from _lines("paragraph", block.runs, {}, line)
            case model.Heading():
                yield from self._heading(block, line)
            case model.ListItem():
                yield self._list_item(block, line)
            case model.Quote():
                yield self._holder("quote", block.runs, {}, block.children, line)
            case model.Callout():
                icon = {"icon": {"type": "emoji", "emoji": block.icon}}
                yield self._holder("callout", block.runs, icon, block.children, line)
            case model.Toggle():
                yield self._toggle(block.runs, block.children, line, below_h2=below_h2)
            case model.StudyText():
                yield self._toggle((model.Run(STUDY_TEXT),), block.children, line, below_h2=below_h2)
            case model.ColumnList():
                columns = (
                    BlockNode("column", {}, self._column(column), column.position.line) for column in block.columns
                )
                yield BlockNode("column_list", {}, tuple(columns), line)
            case model.SyncedBlock():
                yield self._synced(block, line)
            case _:
                yield from _leaf(block, line)

    def _heading(self, heading: model.Heading, line: int) -> Iterator[BlockNode]:
        colour = self._preset.of_heading(heading.level)
        content = {"color": colour} if colour else {}
        if heading.toggleable:
            folding = {**content, "is_toggleable": True}
            yield self._holder(f"heading_{heading.level}", heading.runs, folding, heading.children, line)
        else:
            yield from _lines(f"heading_{heading.level}", heading.runs, content, line)

    def _list_item(self, item: model.ListItem, line: int) -> BlockNode:
        if item.checked is None:
            return self._holder(f"{item.kind}_list_item", item.runs, {}, item.children, line)
        return self._holder("to_do", item.runs, {"checked": item.checked}, item.children, line)

    def _toggle(self, runs: model.Runs, children: Sequence[model.Block], line: int, *, below_h2: bool) -> BlockNode:
        # The title is coloured, not the block, whose colour would spread to what is inside.
        colour = self._preset.toggle_map.h2 if below_h2 else None
        return self._holder("toggle", runs, {}, children, line, colour)

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
        inside = (*(_textual("paragraph", array, {}, line) for array in more), *self.side_by_side(children))
        return _textual(block_type, text, content, line, inside)


def _laid_out(blocks: Sequence[model.Block], *, in_column: bool) -> Iterator[model.Block]:
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
                yield from _laid_out(column.children, in_column=in_column)
        else:
            yield model.ColumnList(columns, block.position)


def _leaf(block: model.Block, line: int) -> Iterator[BlockNode]:
    match block:
        case model.Code():
            yield from _lines("code", (model.Run(block.content),), {"language": notion_language(block.language)}, line)
        case model.Table():
            yield from _tables(block, line)
        case model.Image():
            yield from _file("image", block.url, block.alt, line)
        case model.Media():
            yield from _file(block.kind, block.url, "", line)
        case model.TableOfContents():
            yield BlockNode("table_of_contents", {}, (), line)
        case model.Divider():
            yield BlockNode("divider", {}, (), line)


def _lines(block_type: str, runs: model.Runs, content: Mapping[str, Any], line: int) -> Iterator[BlockNode]:
    """Makes one block, and further ones of its kind for text beyond its limits."""
    for array in rich_text(runs):
        yield _textual(block_type, array, content, line)


def _textual(
    block_type: str, text: list[Json], content: Mapping[str, Any], line: int, children: Nodes = ()
) -> BlockNode:
    return BlockNode(block_type, {"rich_text": text, **content}, children, line)


def _file(block_type: str, url: str, caption: str, line: int) -> Iterator[BlockNode]:
    """Makes a block that shows a file; the bare address where Notion would not take it for one."""
    if not is_web_address(url):
        yield from _lines("paragraph", (model.Run(f"{caption} {url}".strip()),), {}, line)
        return
    text, *more = plain_runs(caption)
    content = {"type": "external", "external": {"url": url}, **({"caption": text} if text else {})}
    yield BlockNode(block_type, content, (), line)
    for array in more:
        yield _textual("paragraph", array, {}, line)


def _tables(table: model.Table, line: int) -> Iterator[BlockNode]:
    """Makes one table, and further ones for columns beyond the limit."""
    width = len(table.rows[0])
    for start in range(0, width, MAX_COLUMNS):
        cells = [row[start : start + MAX_COLUMNS] for row in table.rows]
        rows = tuple(BlockNode("table_row", {"cells": part}, (), line) for row in cells for part in _row_parts(row))
        content = {"table_width": len(cells[0]), "has_column_header": table.has_header, "has_row_header": False}
        yield BlockNode("table", content, rows, line)


def _row_parts(row: Sequence[model.Runs]) -> Iterator[list[list[Json]]]:
    """Makes one row's cells; text beyond a cell's limits goes on in a row below, under itself."""
    for cells in zip_longest(*(rich_text(cell) for cell in row), fillvalue=[]):
        yield list(cells)
