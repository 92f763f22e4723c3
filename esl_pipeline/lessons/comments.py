"""HTML comments, which are for the author alone."""

from __future__ import annotations

import re

from esl_pipeline.lessons.fenced_code import lines_outside_code

FILLER = "\ufdd0"
"""Stands for each character of a comment within a line: a code point that no text may contain."""
_FILLED = re.compile(f" ?{FILLER}+")


def without_comments(text: str) -> str:
    """Blanks HTML comments out, so that everything else keeps its line and column.

    A comment that is never closed, or that begins inside code, is text.
    """
    text = text.replace(FILLER, " ")
    outside = set(lines_outside_code(text.split("\n"), 0))
    parts: list[str] = []
    done = 0
    while (start := text.find("<!--", done)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        line_start = text.rfind("\n", 0, start) + 1
        if text.count("`", line_start, start) % 2 or text.count("\n", 0, start) not in outside:
            parts.append(text[done : start + 4])
            done = start + 4
            continue
        parts += [text[done:start], _blank(text, start, end + 3)]
        done = end + 3
    return "".join([*parts, text[done:]])


def _blank(text: str, start: int, end: int) -> str:
    line_start, line_end = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    rest = text[end:] if line_end < 0 else text[end:line_end]
    inside_line = bool(text[line_start:start].strip()) and bool(rest.strip()) and "\n" not in text[start:end]
    return "".join(char if char == "\n" else FILLER if inside_line else " " for char in text[start:end])


def drop_filler(text: str) -> str:
    """Removes what ``without_comments`` left in a line, with the blank before it."""
    return _FILLED.sub("", text)
