"""Blocks that hold no other blocks of the lesson, within Notion's limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from esl_pipeline.lessons import model
from esl_pipeline.pages.code_languages import notion_language
from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.rich_text import MAX_ARRAY_CHARACTERS, Json, is_equation, is_web_address, rich_text

MAX_COLUMNS = 100
"""Cells in a table row. Source: OpenAPI of 2026-03-11, ``contentWithTableRowRequest``, read 2026-11-24."""

EQUATION_AS_CODE = "latex"
"""Language of the code block that stands in for an equation that is too long."""


def leaf_blocks(block: model.Block) -> Iterator[BlockNode]:
    """Makes the blocks of a construct that has nothing inside."""
    line = block.position.line
    match block:
        case model.Code():
            yield from text_blocks("code", (model.Run(block.content),), _language(block.language), line)
        case model.Equation():
            yield from _equation(block.expression, line)
        case model.Table():
            yield from _tables(block, line)
        case model.Image():
            yield from _file("image", block.url, (model.Run(block.alt),), line)
        case model.Media():
            yield from _file(block.kind, block.url, block.caption, line)
        case model.TableOfContents():
            yield BlockNode("table_of_contents", colour_of(block.colour), (), line)
        case model.Divider():
            yield BlockNode("divider", {}, (), line)


def text_blocks(block_type: str, runs: model.Runs, content: Mapping[str, Any], line: int) -> Iterator[BlockNode]:
    """Makes one block, and further ones of its kind for text beyond its limits."""
    for array in rich_text(runs):
        yield text_block(block_type, array, content, line)


def text_block(
    block_type: str,
    text: list[Json],
    content: Mapping[str, Any],
    line: int,
    children: tuple[BlockNode, ...] = (),
) -> BlockNode:
    """Makes a block of a rich-text array."""
    return BlockNode(block_type, {"rich_text": text, **content}, children, line)


def colour_of(colour: str | None) -> dict[str, Any]:
    """Returns what of a block's content is its colour."""
    return {"color": colour} if colour else {}


def _language(word: str) -> dict[str, Any]:
    return {"language": notion_language(word)}


def _equation(expression: str, line: int) -> Iterator[BlockNode]:
    if is_equation(expression):
        yield BlockNode("equation", {"expression": expression}, (), line)
    else:
        yield from text_blocks("code", (model.Run(expression),), _language(EQUATION_AS_CODE), line)


def _file(block_type: str, url: str, caption: model.Runs, line: int) -> Iterator[BlockNode]:
    """Makes a block that shows a file; the bare address where Notion would not take it for one."""
    text, *more = rich_text(caption)
    if not is_web_address(url):
        blank = (model.Run(" "),) if text else ()
        yield from text_blocks("paragraph", (*caption, *blank, model.Run(url)), {}, line)
        return
    content = {"type": "external", "external": {"url": url}, **({"caption": text} if text else {})}
    yield BlockNode(block_type, content, (), line)
    for array in more:
        yield text_block("paragraph", array, {}, line)


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
    most = MAX_ARRAY_CHARACTERS // len(row)
    for cells in zip_longest(*(rich_text(cell, most=most) for cell in row), fillvalue=[]):
        yield list(cells)
