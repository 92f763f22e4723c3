"""Which lines are inside code blocks, where nothing has a meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FENCE = re.compile(r"[ \t]*(?P<marks>`{3,}|~{3,})(?P<info>.*)$")


def lines_outside_code(lines: list[str], start: int) -> Iterator[int]:
    """Yields the indexes of lines that are not in a code block; a block that is never closed is none."""
    never_closed: dict[str, int] = {}
    number = start
    while number < len(lines):
        marks = _opening(lines[number])
        if marks and len(marks) < never_closed.get(marks[0], len(marks) + 1):
            closer = _closing(lines, number + 1, marks)
            if closer is not None:
                number = closer + 1
                continue
            never_closed[marks[0]] = len(marks)
        yield number
        number += 1


def _opening(line: str) -> str:
    fence = _FENCE.match(line)
    return "" if fence is None or (fence["marks"][0] == "`" and "`" in fence["info"]) else fence["marks"]


def _closing(lines: list[str], start: int, marks: str) -> int | None:
    for number in range(start, len(lines)):
        fence = _FENCE.match(lines[number])
        if fence and not fence["info"].strip() and fence["marks"].startswith(marks):
            return number
    return None
