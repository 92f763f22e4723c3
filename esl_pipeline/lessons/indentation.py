"""Nesting that Markdown proper does not see: one blank more than the item above is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from esl_pipeline.lessons.model import Block, ListItem, Paragraph

MAX_LEVELS = 20


def nest_by_indentation(blocks: Sequence[Block], lines: Sequence[str], level: int = 0) -> tuple[Block, ...]:
    """Puts list items and text below the list item above them where they are indented more and no line is blank.

    Args:
        blocks: side by side.
        lines: of the file.
        level: of ``blocks``; behind ``MAX_LEVELS`` everything stays where it is.
    """
    if level > MAX_LEVELS:
        return tuple(blocks)
    nested: list[Block] = []
    number = 0
    while number < len(blocks):
        block = blocks[number]
        end = number + 1
        if isinstance(block, ListItem):
            while end < len(blocks) and _belongs_to(block, blocks[end], lines):
                end += 1
            below = nest_by_indentation(blocks[number + 1 : end], lines, level + 1)
            block = replace(block, children=block.children + below) if below else block
        nested.append(block)
        number = end
    return tuple(nested)


def _belongs_to(item: ListItem, block: Block, lines: Sequence[str]) -> bool:
    return (
        isinstance(block, ListItem | Paragraph)
        and block.position.column > item.position.column
        and bool(lines[block.position.line - 2].strip())
    )
