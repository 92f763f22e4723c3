"""The ``:::`` lines of a lesson, each opener with its closer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from esl_pipeline.lessons.fenced_code import lines_outside_code
from esl_pipeline.lessons.problems import Position

_DIRECTIVE = re.compile(r"(?P<indent>[ \t]*):::(?P<rest>.*)$")
_NAMED = re.compile(
    r"(?P<name>toggle-heading|toggle-h[1-4]|study-text|column-list|column|callout|synced-block|toc|audio|video)"
    r"(?![\w-])(?P<blanks>[ \t]*)(?P<argument>.*)$",
    re.IGNORECASE,
)
_SECTION = re.compile(r" {0,3}##[ \t]")
_LEAVES = {"toc", "audio", "video"}

Name = Literal[
    "toggle-heading",
    "toggle-h1",
    "toggle-h2",
    "toggle-h3",
    "toggle-h4",
    "study-text",
    "column-list",
    "column",
    "callout",
    "synced-block",
    "toc",
    "audio",
    "video",
]


@dataclass(slots=True, eq=False)
class Directive:
    """One directive.

    Attributes:
        argument: what follows the name, without blanks around it.
        line: line of the opener, from 0; ``closer`` likewise, None for leaves and for what is never closed.
        column: where the colons stand, from 1; ``closer_column`` likewise.
        end: the line behind the body, from 0.
    """

    name: Name
    argument: str
    line: int
    column: int
    end: int
    closer: int | None = None
    closer_column: int = 1
    section: int | None = None
    references: list[Directive] = field(default_factory=list)

    @property
    def is_reference(self) -> bool:
        """True for a synced block that shows another one."""
        return self.name == "synced-block" and bool(self.argument)

    @property
    def is_leaf(self) -> bool:
        """True where nothing but a tolerated closer belongs to it."""
        return self.name in _LEAVES or self.is_reference

    @property
    def position(self) -> Position:
        """Where it stands in the file."""
        return Position(self.line + 1, self.column)

    @property
    def next_line(self) -> int:
        """The line behind it and its closer, from 0."""
        return self.end if self.closer is None else self.closer + 1


@dataclass(frozen=True, slots=True)
class Directives:
    """All ``:::`` lines of a lesson.

    Attributes:
        by_line: directives by the line of their opener, from 0.
        strays: closers without an opener.
        unknown: lines that begin with colons and are no directive, as written.
    """

    by_line: dict[int, Directive]
    strays: tuple[Position, ...]
    unknown: tuple[tuple[Position, str], ...]

    @property
    def unclosed(self) -> Iterable[Directive]:
        """Directives that need a closer and have none."""
        return (found for found in self.by_line.values() if found.closer is None and not found.is_leaf)


class _Pairing:
    def __init__(self, line_count: int) -> None:
        self._line_count = line_count
        self._open: list[Directive] = []
        self._fresh_reference: Directive | None = None
        self.by_line: dict[int, Directive] = {}
        self.strays: list[Position] = []
        self.unknown: list[tuple[Position, str]] = []

    def see(self, number: int, line: str) -> None:
        found = _DIRECTIVE.match(line)
        if found and not found["rest"].strip():
            self._close(number, len(found["indent"]) + 1)
        elif line.strip():
            self._fresh_reference = None
        if found and found["rest"].strip():
            self._read(number, found)
        elif self._open and _SECTION.match(line) and self._open[-1].section is None:
            self._open[-1].section = number

    def _read(self, number: int, found: re.Match[str]) -> None:
        column = len(found["indent"]) + 1
        named = _NAMED.match(found["rest"])
        if named is None:
            self.unknown.append((Position(number + 1, column), found.string.strip()))
            return
        name: Name = named["name"].lower()  # type: ignore[assignment]  # the pattern knows these names only
        directive = Directive(name, named["argument"].strip(), number, column, number + 1)
        self.by_line[number] = directive
        if directive.is_reference:
            self._fresh_reference = directive
        elif not directive.is_leaf:
            self._push(directive)

    def _push(self, directive: Directive) -> None:
        if directive.name == "column" and self._open and self._open[-1].name == "column":
            self._open.pop().end = directive.line
        self._open.append(directive)

    def _close(self, number: int, column: int) -> None:
        if self._fresh_reference is not None:
            closed, self._fresh_reference = self._fresh_reference, None
            if self._open:
                self._open[-1].references.append(closed)
        elif self._open:
            closed = self._open.pop()
            closed.end = number
        else:
            self.strays.append(Position(number + 1, column))
            return
        closed.closer, closed.closer_column = number, column

    def finish(self) -> None:
        """Gives an end to what is still open: the closer of a reference in it, the next section, or the lesson's."""
        end = self._line_count
        for directive in reversed(self._open):
            if directive.references:
                reference = directive.references[-1]
                directive.closer, directive.closer_column = reference.closer, reference.closer_column
                directive.end = directive.closer or end
                reference.closer = None
            else:
                end = directive.end = end if directive.section is None else directive.section


def pair_directives(lines: list[str], start: int) -> Directives:
    """Pairs openers with closers by counting depth, as far as the end of ``lines``.

    A closer directly behind a reference belongs to it, unless a block around it would stay open. A column that begins
    inside a column ends that. What is never closed ends before the next section.

    Args:
        lines: of the file, without comments.
        start: index of the body's first line.
    """
    pairing = _Pairing(len(lines))
    for number in lines_outside_code(lines, start):
        pairing.see(number, lines[number])
    pairing.finish()
    return Directives(pairing.by_line, tuple(pairing.strays), tuple(pairing.unknown))
