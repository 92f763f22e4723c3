"""YAML as its core schema has it: true and false are the only truth values, times and leading zeros are text."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError
from yaml.resolver import Resolver

MAX_DEPTH = 20
MAX_NODES = 5_000
"""Values in the head once all aliases are written out."""
_UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What only an escape such as ``"\\udce9"`` brings into the head: no store and no vendor takes it."""
_TAG = "tag:yaml.org,2002:"


class HeadLoader(yaml.SafeLoader):
    """Reads the head of a lesson; plain values only, nothing that grows when aliases are written out."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}  # type: ignore[misc]
    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Composes a value, as deep as ``MAX_DEPTH``."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise ComposerError(None, None, "values are nested too deeply", event.start_mark)
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


def _resolve(kind: str, pattern: str, first: str) -> None:
    HeadLoader.add_implicit_resolver(_TAG + kind, re.compile(f"(?:{pattern})$"), [*first] or [""])


_resolve("bool", "true|True|TRUE|false|False|FALSE", "tTfF")
_resolve("int", "[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+", "-+0123456789")
_resolve("float", r"[-+]?(?:(?:0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", "-+.0123456789")
_resolve("null", "~|null|Null|NULL", "~nN")
_resolve("null", "", "")
_resolve("merge", "<<", "<")
for _first, _resolvers in Resolver.yaml_implicit_resolvers.items():
    for _tag, _pattern in _resolvers:
        if _tag == f"{_TAG}timestamp":
            HeadLoader.add_implicit_resolver(_tag, _pattern, [_first])


def check_growth(root: yaml.Node) -> None:
    """Refuses values that contain themselves, are too many once aliases are written out, or have unusable characters.

    Raises:
        ComposerError: at the value in question.
    """
    _weigh(root, {}, set())


def _weigh(node: yaml.Node, known: dict[int, tuple[int, int]], around: set[int]) -> tuple[int, int]:
    """Returns how many values ``node`` stands for, and how deep they are nested."""
    if id(node) in known:
        return known[id(node)]
    if id(node) in around:
        raise ComposerError(None, None, "a value contains itself", node.start_mark)
    around.add(id(node))
    weights = [_weigh(child, known, around) for child in _children(node)]
    around.remove(id(node))
    size, depth = 1 + sum(size for size, _ in weights), 1 + max((depth for _, depth in weights), default=0)
    if size > MAX_NODES or depth > 2 * MAX_DEPTH:
        raise ComposerError(None, None, "there are too many values", node.start_mark)
    known[id(node)] = size, depth
    return size, depth


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.ScalarNode) and (found := _UNUSABLE.search(node.value)):
        what = f"a text has the character U+{ord(found[0]):04X}, which can't be used"
        raise ConstructorError(None, None, what, node.start_mark)
    if isinstance(node, yaml.MappingNode):
        _refuse_same_key_twice(node)
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _refuse_same_key_twice(node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise ConstructorError(None, None, "a list or mapping can't be a key", key.start_mark)
        if key.value in seen and key.tag != f"{_TAG}merge":
            raise ConstructorError(None, None, f"“{key.value}” is there twice", key.start_mark)
        seen.add(key.value)
