"""The head of a lesson as key, value and place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.reader import ReaderError

from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.lessons.rules.table import broken
from esl_pipeline.lessons.yaml_nodes import HeadLoader, check_growth

MAX_CHARACTERS = 20_000
"""Of the head; YAML is slow to read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of the head with its value.

    Attributes:
        written: the value as written, for lists and mappings as nodes.
        position: of the value where it stands on the line of its key, else of the key.
        items: places of a list's items, empty for anything else.
        keys: places of a mapping's keys, by the key as a text; empty for anything else.
    """

    key: str
    value: Any
    written: yaml.Node
    position: Position
    items: tuple[Position, ...] = ()
    keys: Mapping[str, Position] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """The head's entries by key; ``problem`` instead where it is not a YAML mapping."""

    entries: dict[str, Entry]
    problem: Problem | None = None


class _Places:
    """Places in the file of what stands in the head; PyYAML counts more line ends than editors do."""

    def __init__(self, text: str, first_line: int) -> None:
        self._text, self._first_line = text, first_line

    def at(self, index: int) -> Position:
        index = min(index, len(self._text))
        line_start = self._text.rfind("\n", 0, index) + 1
        return Position(self._first_line + self._text.count("\n", 0, index), index - line_start + 1)

    def of(self, node: yaml.Node) -> Position:
        return self.at(node.start_mark.index)


def read_head(lines: list[str], first_line: int) -> Head:
    """Reads the lines between the ``---`` lines.

    Args:
        lines: without the delimiters.
        first_line: their first line in the file, from 1.
    """
    text = "\n".join(lines)
    places = _Places(text, first_line)
    if len(text) > MAX_CHARACTERS:
        return _refused(places.at(0), f"the head is longer than {MAX_CHARACTERS} characters")
    try:
        return Head(_entries(HeadLoader(text), places))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return _refused(places.at(mark.index if mark else 0), str(error.problem or error.context))
    except ReaderError as error:
        return _refused(places.at(error.position), f"there is a control character ({error.character:#x})")
    except (ValueError, OverflowError) as error:
        return _refused(places.at(0), str(error))


def _refused(position: Position, what: str) -> Head:
    if "mapping values are not allowed" in what:
        fix = 'Put the text that contains a colon into quotes: title: "Homework: Test".'
        return Head({}, broken("V-YM", position, "The head is not YAML: there is a second colon in the line.", fix))
    fix = "Write one “name: value” per line, and put texts with special characters into quotes."
    return Head({}, broken("V-YM", position, f"The head is not YAML: {what}.", fix))


def _entries(loader: HeadLoader, places: _Places) -> dict[str, Entry]:
    root = loader.get_single_node()
    if root is None or (isinstance(root, yaml.ScalarNode) and not root.value):
        return {}
    check_growth(root)
    if not isinstance(root, yaml.MappingNode):
        raise yaml.constructor.ConstructorError(None, None, "it is no list of names with values", root.start_mark)
    loader.flatten_mapping(root)
    entries = (_entry(loader, key, node, places) for key, node in root.value)
    return {entry.key: entry for entry in entries}


def _entry(loader: HeadLoader, key: yaml.ScalarNode, node: yaml.Node, places: _Places) -> Entry:
    of_key, of_value = places.of(key), places.of(node)
    position = of_value if of_value.line == of_key.line else of_key
    try:
        value = loader.construct_object(node, deep=True)
    except (ValueError, OverflowError) as error:
        raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from error
    items = tuple(places.of(item) for item in node.value) if isinstance(node, yaml.SequenceNode) else ()
    keys = {str(loader.construct_object(name)): places.of(name) for name, _ in _pairs(node)}
    return Entry(key.value, value, node, position, items, keys)


def _pairs(node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    """Returns a mapping's keys and values, with what its merge keys gave it; none for anything else."""
    return node.value if isinstance(node, yaml.MappingNode) else []
