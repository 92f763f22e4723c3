"""YAML to values with places: plain kinds only, no custom tags, aliases bounded."""

from __future__ import annotations

import re
from typing import Any, cast

import yaml

from esl_pipeline.lessons.problems import Position
from esl_pipeline.manifests.document_guard import MAX_LEVELS, DocumentGuard, RefusedDocumentError
from esl_pipeline.manifests.places import Entry, Located
from esl_pipeline.manifests.rules import Rule, broken, shown

_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NULL = ("", "~", "null", "Null", "NULL")
_TRUE, _FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")

_ERRORS = (
    ("mapping values are not allowed", "a colon stands where none can", "Put a text with a colon into quotes."),
    ("could not find expected ':'", "a colon is missing", "Write each field as `name: value`."),
    ("character '\\t'", "a tab stands where none can", "Indent with spaces."),
    ("expected <block end>", "this is not indented like its neighbours, or a quote ends too early", ""),
    ("another document", "a second document begins", "Keep one; remove what follows the second ---."),
    ("undefined alias", "this alias is not defined", "Define it with & before it is used with *."),
    ("duplicate anchor", "this anchor is defined twice", ""),
    ("end of stream", "a quote is not closed", ""),
    ("<stream end>", "a bracket is not closed", ""),
    ("unknown escape", "there is no such escape with a backslash", "Use single quotes."),
    ("cannot start any token", "a text can't begin with this character", "Put the text into quotes."),
)
"""What the YAML reader's errors mean, by words of its message, and how to mend them."""


def plain_value(text: str) -> Any:
    """Returns what an unquoted text means, as in YAML 1.2: nothing, true, false, a number, else text.

    ``yes``, ``no``, dates and ``1:30`` stay text.
    """
    if text in _NULL:
        return None
    if text in _TRUE + _FALSE:
        return text in _TRUE
    try:
        return int(text) if _INT.fullmatch(text) else float(text) if _FLOAT.fullmatch(text) else text
    except ValueError:  # more digits than Python reads as a number
        return text


def read_yaml(content: str, guard: DocumentGuard) -> Any:
    """Returns the value of the only document, None where there is none.

    Raises:
        RefusedDocumentError: it is no YAML, uses custom tags or is too large.
    """
    node = compose(content, guard)
    return None if node is None else _Reader(guard).value(node, 1)


def compose(content: str, guard: DocumentGuard) -> yaml.Node | None:
    """Returns the nodes of the only document, None where there is none.

    Raises:
        RefusedDocumentError: it is no YAML, or nested too deep.
    """
    try:
        return _Composer(content, guard).get_single_node()
    except yaml.reader.ReaderError as error:
        at, code = _position(content, error.position), f"U+{int(error.character):04X}"
        message = f"The file has the character {code}, which can't be used."
        raise RefusedDocumentError(broken(Rule.SYNTAX, guard.file, at, message, "Remove it.")) from error
    except yaml.MarkedYAMLError as error:
        mark, said = error.problem_mark or error.context_mark, error.problem or ""
        known = ((why, fix) for words, why, fix in _ERRORS if words in said)
        why, fix = next(known, ("something is wrong here or on the line above", ""))
        message, fix = f"This can't be read as YAML: {why}.", fix or "Check quotes, brackets and indentation."
        raise RefusedDocumentError(broken(Rule.SYNTAX, guard.file, _of(mark), message, fix)) from error


class _Composer(yaml.SafeLoader):
    """Composes nodes, no deeper than allowed, so that no document exhausts the stack."""

    def __init__(self, content: str, guard: DocumentGuard) -> None:
        super().__init__(content)
        self._guard, self._level = guard, 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self._level += 1
        if self._level > MAX_LEVELS:
            self._guard.count(self._level, _of(cast(Any, self).peek_event().start_mark))
        node = super().compose_node(parent, index)
        self._level -= 1
        return node

    def resolve(self, kind: type[yaml.Node], _value: Any, implicit: Any) -> str:
        """Names the kind of a node that has no tag; unquoted texts are marked, and understood later."""
        if kind is yaml.ScalarNode:
            return _TAG + ("plain" if implicit[0] else "str")
        return _TAG + ("seq" if kind is yaml.SequenceNode else "map")


class _Reader:
    """Turns nodes into values."""

    def __init__(self, guard: DocumentGuard) -> None:
        self._guard = guard

    def value(self, node: yaml.Node, level: int) -> Any:
        self._guard.count(level, _of(node.start_mark))
        tag = node.tag.removeprefix(_TAG)
        if isinstance(node, yaml.MappingNode) and tag == "map":
            return self._mapping(node, level)
        if isinstance(node, yaml.SequenceNode) and tag == "seq":
            return [self.value(item, level + 1) for item in node.value]
        if isinstance(node, yaml.ScalarNode) and tag in ("plain", "str", "int", "float", "bool", "null"):
            text = self._guard.text(node.value, _of(node.start_mark))
            return text if tag == "str" else plain_value(text)
        message = f"The tag {shown(node.tag.replace(_TAG, '!!'))} can't be used here."
        fix = "Write the plain value without it."
        raise RefusedDocumentError(broken(Rule.TAG, self._guard.file, _of(node.start_mark), message, fix))

    def _mapping(self, node: yaml.MappingNode, level: int) -> Located:
        found = Located()
        for key, item in node.value:
            at = _of(key.start_mark)
            if not isinstance(key, yaml.ScalarNode):
                message = "The name of a field must be text, not a list or a group."
                raise RefusedDocumentError(broken(Rule.SYNTAX, self._guard.file, at, message))
            value = self.value(item, level + 1)
            text = item.value if isinstance(item, yaml.ScalarNode) and value is not None else None
            entry = Entry(at, _of(item.start_mark), text)
            self._guard.put(found, self._guard.text(key.value, at), value, entry)
        return found


def _of(mark: Any) -> Position:
    return Position(mark.line + 1, mark.column + 1) if mark else Position()


def _position(content: str, index: int) -> Position:
    before = content[:index]
    return Position(before.count("\n") + 1, index - before.rfind("\n"))
