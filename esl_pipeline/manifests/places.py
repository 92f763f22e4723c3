"""Values that remember where in a file they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from esl_pipeline.lessons.problems import Position

START = Position()


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one field stands.

    Attributes:
        key: where its name begins.
        value: where its value begins.
        text: the value as written, where a field that takes text may take it (``2024`` is a fine preset name).
        source: what it comes from, where that is not the whole layer's source.
    """

    key: Position = START
    value: Position = START
    text: str | None = None
    source: str = ""


class Located(dict[str, Any]):
    """A mapping read from a file; ``entries`` has the place of each of its fields."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[str, Entry] = {}

    def put(self, key: str, value: object, entry: Entry) -> None:
        """Adds a field."""
        self[key] = value
        self.entries[key] = entry


def entry_of(values: Mapping[str, Any], key: str) -> Entry:
    """Returns where a field stands; the beginning where the mapping is from no file."""
    entries = values.entries if isinstance(values, Located) else {}
    return entries.get(key, Entry())
