"""The file as an editor shows it, and where in it the lesson stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from esl_pipeline.lessons.problems import Position

_LINE_END = re.compile(r"\r\n|\r|\n")
_FENCE = re.compile(r" {0,3}(?P<ticks>`{3,})(?P<info>[^`]*)$")
_DELIMITER = re.compile(r"---[ \t]*$")


@dataclass(frozen=True, slots=True)
class Frame:
    """The code block that holds the lesson, in line indexes from 0.

    Attributes:
        opener: line of the opening backticks.
        closer: line of the closing ones; None where the frame is never closed.
    """

    opener: int
    closer: int | None


@dataclass(frozen=True, slots=True)
class Parts:
    """Where head and body of a framed lesson stand, in line indexes from 0, ends exclusive.

    Attributes:
        head: lines between the ``---`` lines; None where there is no head.
        head_closed: False where the second ``---`` is missing.
    """

    head: range | None
    body: range
    head_closed: bool = True


def file_lines(text: str) -> list[str]:
    """Splits a file's text into lines, without line ends and byte order mark."""
    return _LINE_END.split(text.removeprefix("\ufeff"))


def find_frame(lines: list[str]) -> Frame | None:
    """Finds the first code block of three or more backticks; it ends at a line of as many or more."""
    for opener, line in enumerate(lines):
        if opening := _FENCE.match(line):
            length = len(opening["ticks"])
            return Frame(opener, _closing(lines, opener + 1, length))
    return None


def _closing(lines: list[str], start: int, length: int) -> int | None:
    for number in range(start, len(lines)):
        closing = _FENCE.match(lines[number])
        if closing and not closing["info"].strip() and len(closing["ticks"]) >= length:
            return number
    return None


def find_parts(lines: list[str], frame: Frame) -> Parts:
    """Tells head and body of the lesson in ``frame`` apart."""
    end = len(lines) if frame.closer is None else frame.closer
    start = next((number for number in range(frame.opener + 1, end) if lines[number].strip()), end)
    if start == end or not _DELIMITER.match(lines[start]):
        return Parts(None, range(start, end))
    for number in range(start + 1, end):
        if _DELIMITER.match(lines[number]):
            return Parts(range(start + 1, number), range(number + 1, end))
    return Parts(range(start + 1, end), range(end, end), head_closed=False)


def text_start(line: str, number: int) -> Position:
    """Returns where the text of line ``number`` (from 0) starts, behind indentation and quote marks."""
    return Position(number + 1, len(line) - len(line.lstrip(" \t>")) + 1)
