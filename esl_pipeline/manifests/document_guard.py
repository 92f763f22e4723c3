"""Bounds of a document, whatever it is written in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn

from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.manifests.places import Entry, Located
from esl_pipeline.manifests.rules import Rule, broken, shown

MAX_CHARACTERS = 200_000
MAX_VALUES = 10_000
MAX_LEVELS = 20

_UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class RefusedDocumentError(Exception):
    """The document can't be read on; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass
class DocumentGuard:
    """Counts what a document holds while it is read, and collects what is wrong in it."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    values: int = 0

    def count(self, level: int, at: Position) -> None:
        """Counts one value.

        Raises:
            RefusedDocumentError: the document holds too many, or too deep.
        """
        self.values += 1
        if level > MAX_LEVELS:
            self.refuse(Rule.LIMIT, at, f"This is nested more than {MAX_LEVELS} levels deep.")
        if self.values > MAX_VALUES:
            self.refuse(Rule.LIMIT, at, f"The file holds more than {MAX_VALUES:,} values, aliases written out.")

    def text(self, text: str, at: Position) -> str:
        """Returns a text that has no control characters and no half characters.

        Raises:
            RefusedDocumentError: it has one.
        """
        if found := _UNUSABLE.search(text):
            code = f"U+{ord(found[0]):04X}"
            self.refuse(Rule.SYNTAX, at, f"The text here has the character {code}, which can't be used.", "Remove it.")
        return text

    def put(self, mapping: Located, key: str, value: object, entry: Entry) -> None:
        """Adds a field to a mapping; the second of two with one name is a problem, and the first one stays."""
        if key in mapping:
            first = mapping.entries[key].key.line
            message = f"{shown(key)} is given twice; the first is on line {first}."
            self.problems.append(broken(Rule.DUPLICATE, self.file, entry.key, message, "Keep one of them."))
        else:
            mapping.put(key, value, entry)

    def refuse(self, rule: Rule, at: Position, message: str, fix: str = "") -> NoReturn:
        """Ends the reading.

        Raises:
            RefusedDocumentError: always.
        """
        raise RefusedDocumentError(broken(rule, self.file, at, message, fix))
