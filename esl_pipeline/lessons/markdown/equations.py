"""Equations: ``$e=mc^2$`` within a line, ``$$…$$`` on lines of their own. An amount of money is none."""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from esl_pipeline.lessons.comments import drop_filler

_INLINE = re.compile(r"\$(?![\s$])(?P<source>(?:\\.|[^\\$\n])+)(?<!\s)\$(?![\w$])")
_AMOUNT = re.compile(r"[\d.,\s–-]+$|\d.*\s[A-Za-z]{2}")
"""A number or a range, or a number with words: ``$5 or maybe 6$``."""


def inline_equation(state: StateInline, silent: bool) -> bool:
    """Reads an equation; as in most dialects, neither blanks inside the marks nor letters or digits outside them."""
    found = _INLINE.match(state.src, state.pos, state.posMax)
    behind = state.src[state.pos - 1 : state.pos]
    if found is None or behind == "$" or behind.isalnum() or _AMOUNT.match(found["source"]):
        return False
    if not silent:
        state.push("equation", "math", 0).content = found["source"]
    state.pos = found.end()
    return True


def block_equation(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Reads an equation that begins and ends with its lines, without a blank line in it."""
    closer = _closer(state, start, end)
    if closer is None:
        return False
    lines = [_line(state, number) for number in range(start, closer + 1)]
    source = drop_filler("\n".join(lines).strip()[2:-2]).strip()
    if not source or "$" in source.replace("\\$", ""):
        return False
    if not silent:
        token = state.push("equation", "math", 0)
        token.content, token.map = source, [start, closer + 1]
        state.line = closer + 1
    return True


def _closer(state: StateBlock, start: int, end: int) -> int | None:
    """Returns the line in which the equation ends that may begin in line ``start``."""
    first = _line(state, start)
    if not first.startswith("$$"):
        return None
    if len(first) > 4 and first.endswith("$$"):
        return start
    # Where no equation ends behind one line, none ends behind the lines below it either.
    fruitless: dict[int, int] = state.env.setdefault("lines_without_equation", {})
    number = max(start + 1, fruitless.get(state.blkIndent, 0))
    while number < end and not state.isEmpty(number) and state.sCount[number] >= state.blkIndent:
        if _line(state, number).endswith("$$"):
            return number
        number += 1
    fruitless[state.blkIndent] = number
    return None


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].rstrip()
