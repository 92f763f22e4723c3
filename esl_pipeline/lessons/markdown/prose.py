"""Paragraphs, and headings that are underlined with ``---`` or ``===``."""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock

_UNDERLINE = re.compile(r"(?:-+|=+)[ \t]*$")
_NUMBERED = re.compile(r"\d{1,9}[.)][ \t]+\S")


def prose(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: ARG001  # never asked for silently
    """Reads lines of text up to a blank line or another block.

    Unlike CommonMark, an indented line may begin a list or directive directly below text, a list below text may begin
    with any number, and a line that is less indented than the list item above it is not part of it.
    """
    outer_type, state.parentType = state.parentType, "paragraph"
    line = start + 1
    underline = ""
    while line < state.lineMax and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
        if _UNDERLINE.match(text):
            underline = text[0]
            break
        if _NUMBERED.match(text) or _begins_block(state, line):
            break
        line += 1
    state.parentType = outer_type
    content = state.getLines(start, line, state.blkIndent, False).strip()
    _push(state, start, line, content, underline)
    return True


def _begins_block(state: StateBlock, line: int) -> bool:
    rules = state.md.block.ruler.getRules("paragraph")
    return any(rule(state, line, state.lineMax, True) for rule in rules)


def _push(state: StateBlock, start: int, line: int, content: str, underline: str) -> None:
    tag = {"": "p", "=": "h1", "-": "h2"}[underline]
    kind = "heading" if underline else "paragraph"
    state.line = line + 1 if underline else line
    opening = state.push(f"{kind}_open", tag, 1)
    opening.map = [start, state.line]
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = content, [start, line], []
    state.push(f"{kind}_close", tag, -1)
