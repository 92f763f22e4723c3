"""JSON to values with places, which the standard library does not tell."""

from __future__ import annotations

import re
from bisect import bisect_right
from json import JSONDecodeError, JSONDecoder
from typing import Any, NoReturn

from esl_pipeline.lessons.problems import Position
from esl_pipeline.manifests.document_guard import DocumentGuard
from esl_pipeline.manifests.places import Entry, Located
from esl_pipeline.manifests.rules import Rule

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", re.ASCII)
_STRINGS = JSONDecoder()
_WORDS = {"true": True, "false": False, "null": None}


def read_json(content: str, guard: DocumentGuard) -> Any:
    """Returns the value of the document, None where it is empty.

    Raises:
        RefusedDocumentError: it is no JSON, or too large.
    """
    reader = _Reader(content.removeprefix("\ufeff"), guard)
    return reader.document()


class _Reader:
    """Reads from left to right; ``at`` is the index of the next character."""

    def __init__(self, content: str, guard: DocumentGuard) -> None:
        self.content, self.guard, self.at = content, guard, 0
        self.lines = [0, *(match.end() for match in re.finditer("\n", content))]

    def document(self) -> Any:
        self.skip()
        if self.at == len(self.content):
            return None
        value = self.value(1)
        self.skip()
        if self.at < len(self.content):
            self.fail("there is more after the end of the document")
        return value

    def value(self, level: int) -> Any:
        self.guard.count(level, self.position(self.at))
        first = self.content[self.at : self.at + 1]
        if first == "{":
            return self.mapping(level)
        if first == "[":
            return self.items(level)
        if first == '"':
            return self.string()
        for word, meaning in _WORDS.items():
            if self.content.startswith(word, self.at):
                self.at += len(word)
                return meaning
        return self.number()

    def mapping(self, level: int) -> Located:
        found = Located()
        self.at += 1
        while not self.ends("}", empty=not found.entries):
            key_at = self.position(self.at)
            if not self.content.startswith('"', self.at):
                self.fail("a field's name in double quotes is missing")
            key = self.string()
            self.skip()
            if not self.content.startswith(":", self.at):
                self.fail("a colon is missing")
            self.at += 1
            self.skip()
            value_at = self.position(self.at)
            value = self.value(level + 1)
            entry = Entry(key_at, value_at, value if isinstance(value, str) else None)
            self.guard.put(found, key, value, entry)
        return found

    def items(self, level: int) -> list[Any]:
        found: list[Any] = []
        self.at += 1
        while not self.ends("]", empty=not found):
            found.append(self.value(level + 1))
        return found

    def ends(self, bracket: str, *, empty: bool) -> bool:
        """Steps over the end of a group, or over the comma before its next member."""
        self.skip()
        if self.content.startswith(bracket, self.at):
            self.at += 1
            return True
        if not empty:
            if not self.content.startswith(",", self.at):
                self.fail(f"a comma or {bracket} is missing")
            self.at += 1
            self.skip()
        return False

    def string(self) -> str:
        start = self.at
        try:
            text, self.at = _STRINGS.raw_decode(self.content, start)
        except JSONDecodeError as error:
            self.at = min(error.pos, len(self.content))
            self.fail("a text does not end, or has a line break or an unknown escape in it")
        return self.guard.text(text, self.position(start))

    def number(self) -> Any:
        match = _NUMBER.match(self.content, self.at)
        if match is None:
            self.fail("a value is missing")
        start, self.at = self.position(self.at), match.end()
        if match[1] or match[2]:
            return float(match[0])
        if len(match[0]) > 100:
            self.guard.refuse(Rule.SYNTAX, start, "This number has too many digits.")
        return int(match[0])

    def skip(self) -> None:
        match = _SPACE.match(self.content, self.at)
        self.at = match.end() if match else self.at

    def fail(self, why: str) -> NoReturn:
        fix = "Check quotes, commas and brackets here; JSON has no comments."
        self.guard.refuse(Rule.SYNTAX, self.position(self.at), f"This can't be read as JSON: {why}.", fix)

    def position(self, index: int) -> Position:
        line = bisect_right(self.lines, index)
        return Position(line, index - self.lines[line - 1] + 1)
