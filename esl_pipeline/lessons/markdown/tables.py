"""Pipe tables: lines that begin with a pipe, whatever their number of cells."""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import escapedSplit

_SEPARATOR = re.compile(r":?-+:?$")


def pipe_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Reads consecutive lines that begin with a pipe; ``meta`` of the table tells whether a header is marked."""
    if not _is_row(state, start):
        return False
    if silent:
        return True
    line = start
    while line < end and _is_row(state, line) and state.sCount[line] >= state.blkIndent:
        line += 1
    rows = [(number, _cells(state, number)) for number in range(start, line)]
    has_header = len(rows) > 1 and bool(rows[1][1]) and all(_SEPARATOR.match(cell) for cell in rows[1][1])
    if has_header:
        del rows[1]
    table = state.push("table_open", "table", 1)
    table.map, table.meta = [start, line], {"has_header": has_header}
    for number, cells in rows:
        _push_row(state, number, cells)
    state.push("table_close", "table", -1)
    state.line = line
    return True


def _is_row(state: StateBlock, line: int) -> bool:
    return state.src.startswith("|", state.bMarks[line] + state.tShift[line]) and not state.isEmpty(line)


def _cells(state: StateBlock, line: int) -> list[str]:
    text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
    cells = escapedSplit(text)[1:]
    if cells and not cells[-1].strip():
        cells.pop()
    return [cell.strip() for cell in cells]


def _push_row(state: StateBlock, line: int, cells: list[str]) -> None:
    row = state.push("tr_open", "tr", 1)
    row.map = [line, line + 1]
    for cell in cells:
        state.push("td_open", "td", 1)
        inline = state.push("inline", "", 0)
        inline.content, inline.map, inline.children = cell, [line, line + 1], []
        state.push("td_close", "td", -1)
    state.push("tr_close", "tr", -1)
