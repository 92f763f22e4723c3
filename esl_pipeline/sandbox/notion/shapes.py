"""What a member of a request must be, and Notion's words where it is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from esl_pipeline.sandbox.notion.refusals import MISSING, Refusal, failed, fix_one

UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")


class Shape(Protocol):
    """One rule about a value."""

    def check(self, value: Any, path: str) -> None:
        """Raises a Refusal where the value is not of this shape."""


@dataclass(frozen=True)
class Text:
    """A string of so many characters, as Notion counts them (UTF-16 units)."""

    least: int = 0
    most: int | None = None

    def check(self, value: Any, path: str) -> None:
        """Raises a Refusal."""
        if not isinstance(value, str):
            raise failed(path, "a string", value)
        length = len(value.encode("utf-16-le", "surrogatepass")) // 2
        if length < self.least:
            raise failed(f"{path}.length", f"≥ `{self.least}`", length)
        if self.most is not None and length > self.most:
            raise failed(f"{path}.length", f"≤ `{self.most}`", length)


@dataclass(frozen=True)
class Flag:
    """True or false."""

    def check(self, value: Any, path: str) -> None:
        """Raises a Refusal."""
        if not isinstance(value, bool):
            raise failed(path, "a boolean", value)


@dataclass(frozen=True)
class Number:
    """A number; whole and at least ``least`` where asked for."""

    whole: bool = False
    least: float | None = None

    def check(self, value: Any, path: str) -> None:
        """Raises a Refusal."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise failed(path, "a number", value)
        if self.whole and value != int(value):
            raise failed(path, "an integer", value)
        if self.least is not None and value < self.least:
            raise failed(path, f"≥ `{self.least}`", value)


@dataclass(frozen=True)
class OneOf:
    """One of some JSON values."""

    values: Collection[object]

    def check(self, value: Any, path: str) -> None:
        """Raises a Refusal."""
        if isinstance(value, list | dict) or value not in self.values:
            names = [f'`"{name}"`' if isinstance(name, str) else f"`{str(name).lower()}`" for name in self.values]
            listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, or {names[-1]}"
            raise failed(path, listed, value)


@dataclass(frozen=True)
class Uuid:
    """An id, with or without dashes."""

    def check(self, value: Any, path: str) -> None:
        """Raises a Refusal."""
        if not isinstance(value, str) or not UUID.fullmatch(value):
            raise failed(path, "a valid uuid", value)


@dataclass(frozen=True)
class Either:
    """Null, or a value of another shape."""

    shape: Shape

    def check(self, value: Any, path: str) -> None:
        """Raises a Refusal."""
        if value is not None:
            self.shape.check(value, path)


@dataclass(frozen=True)
class Array:
    """A list; Notion takes at most 100 items anywhere.

    **Source**: developers.notion.com/reference/request-limits (read 2026-11-23).
    """

    item: Shape
    least: int = 0
    most: int = 100

    def check(self, value: Any, path: str) -> None:
        """Raises a Refusal."""
        if not isinstance(value, list):
            raise failed(path, "an array", value)
        if len(value) < self.least:
            raise failed(f"{path}.length", f"≥ `{self.least}`", len(value))
        if len(value) > self.most:
            raise failed(f"{path}.length", f"≤ `{self.most}`", len(value))
        for index, item in enumerate(value):
            self.item.check(item, f"{path}[{index}]")


@dataclass(frozen=True)
class Record:
    """An object with just these members."""

    required: Mapping[str, Shape] = field(default_factory=dict)
    optional: Mapping[str, Shape] = field(default_factory=dict)

    def check(self, value: Any, path: str) -> None:
        """Raises a Refusal."""
        if not isinstance(value, dict):
            raise failed(path, "an object", value)
        for name, shape in self.required.items():
            if name not in value:
                raise failed(f"{path}.{name}", "defined", MISSING)
            shape.check(value[name], f"{path}.{name}")
        for name, member in value.items():
            if name in self.optional:
                self.optional[name].check(member, f"{path}.{name}")
            elif name not in self.required:
                raise failed(f"{path}.{name}", "not present", member)


@dataclass(frozen=True)
class Tagged:
    """An object with exactly one of several members, which ``type`` may name."""

    members: Mapping[str, Shape]
    optional: Mapping[str, Shape] = field(default_factory=dict)

    def check(self, value: Any, path: str) -> None:
        """Raises a Refusal."""
        tag = tag_of(value, path, self.members)
        Record({tag: self.members[tag]}, {"type": OneOf((tag,)), **self.optional}).check(value, path)


@dataclass(frozen=True)
class Where:
    """A shape and a condition that it can't express.

    Attributes:
        expected: Notion's words for the condition.
    """

    shape: Shape
    holds: Callable[[Any], bool]
    expected: str = ""
    refusal: Callable[[Any], Refusal] | None = None

    def check(self, value: Any, path: str) -> None:
        """Raises a Refusal."""
        self.shape.check(value, path)
        if not self.holds(value):
            raise self.refusal(value) if self.refusal else failed(path, self.expected, value)


@dataclass(frozen=True)
class Anything:
    """Any object."""

    def check(self, value: Any, path: str) -> None:
        """Raises a Refusal."""
        if not isinstance(value, dict):
            raise failed(path, "an object", value)


def tag_of(value: Any, path: str, members: Mapping[str, Any]) -> str:
    """Returns the name of the one member that says what an object is.

    Raises:
        Refusal: it has none of them, or several.
    """
    if not isinstance(value, dict):
        raise failed(path, "an object", value)
    present = [str(name) for name in value if name in members]
    if not present:
        raise fix_one(path, members)
    if len(present) > 1:
        raise failed(f"{path}.{present[1]}", "not present", value[present[1]])
    return present[0]


def dashed(object_id: str) -> str:
    """Returns an id as Notion writes it."""
    bare = object_id.replace("-", "")
    return "-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]))
