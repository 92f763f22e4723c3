"""What is wrong with a lesson, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a problem is: an error stops publication, a warning is only reported."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file as an editor shows it: line and column, both from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that an author can mend.

    Attributes:
        rule: id of the rule that was broken, such as ``V-SP1``; listed in docs/lesson-format.md.
        message: what is wrong, in words for a teacher.
        fix: how to mend it; empty where the message already says it.
        file: the file it is in; empty for the lesson itself.
    """

    rule: str
    severity: Severity
    line: int
    column: int
    message: str
    fix: str = ""
    file: str = ""

    @property
    def is_error(self) -> bool:
        """True where it stops publication."""
        return self.severity is Severity.ERROR

    @property
    def where(self) -> str:
        """File, line and column."""
        return f"{self.file or 'line'}{':' if self.file else ' '}{self.line}:{self.column}"

    def __str__(self) -> str:
        return f"{self.where} {self.severity} {self.rule} {self.message}{' ' + self.fix if self.fix else ''}"


def has_errors(problems: Iterable[Problem]) -> bool:
    """Tells whether anything in ``problems`` stops publication."""
    return any(problem.is_error for problem in problems)
