"""Settings of one run, as ``key=value``."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import yaml
from pydantic import BaseModel

from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.manifests.check_fields import suggestion
from esl_pipeline.manifests.document_guard import DocumentGuard, RefusedDocumentError
from esl_pipeline.manifests.fields import all_fields, fields_of, sections_of
from esl_pipeline.manifests.places import Entry, Located
from esl_pipeline.manifests.rules import Rule, broken, shown
from esl_pipeline.manifests.settings import Settings
from esl_pipeline.manifests.yaml_document import compose, plain_value

SOURCE = "run config"
EXAMPLE = "Write key=value, such as audio.pause_ms=900."


def parse_assignments(assignments: Sequence[str]) -> tuple[Located, tuple[Problem, ...]]:
    """Reads settings such as ``audio.pause_ms=900``; of two for one setting the later one wins.

    Returns:
        The settings by group, and what is wrong; a problem's line is the number of the assignment.
    """
    values, problems = Located(), list[Problem]()
    for number, assignment in enumerate(assignments, 1):
        at = Position(number)
        key, equals, text = (part.strip() for part in assignment.partition("="))
        if not equals or not key:
            message = f"Setting number {number} has no key before a “=”."
            problems.append(broken(Rule.SETTING_FORM, SOURCE, at, message, EXAMPLE))
            continue
        try:
            value = _value(text, at)
        except RefusedDocumentError as error:
            problems.append(error.problem)
            continue
        if problem := _put(values, key, value, Entry(at, at, _text(value, text))):
            problems.append(problem)
    return values, tuple(problems)


def _value(text: str, at: Position) -> Any:
    """Returns a scalar as YAML reads it; what would be a list, a group or a comment in YAML is the text itself."""
    guard = DocumentGuard(SOURCE)
    guard.text(text, at)
    if text[:1] in ("'", '"'):
        try:
            node = compose(text, guard)
        except RefusedDocumentError:
            return text
        if isinstance(node, yaml.ScalarNode):
            return guard.text(node.value, at)
        return text
    return plain_value(text)


def _text(value: Any, text: str) -> str | None:
    return None if value is None else value if isinstance(value, str) else text


def _put(values: Located, key: str, value: Any, entry: Entry) -> Problem | None:
    parts = _parts(key)
    if isinstance(parts, str):
        return broken(Rule.SETTING_UNKNOWN, SOURCE, entry.key, f"There is no setting {shown(key)}.", parts)
    group = values
    for part in parts[:-1]:
        if not isinstance(group.get(part), Located):
            group.put(part, Located(), entry)
        group = group[part]
    group.put(parts[-1], value, entry)
    return None


def _parts(key: str) -> list[str] | str:
    """Returns the groups and the name of a setting, or how to mend a key that names none."""
    model: type[BaseModel] = Settings
    parts, rest = list[str](), key
    while "." in rest:
        name, _, below = rest.partition(".")
        field = fields_of(model).get(name)
        if field and field.kind == "by key" and below:
            return [*parts, name, below]
        if name not in sections_of(model):
            break
        model, rest = sections_of(model)[name], below
        parts.append(name)
    if rest in fields_of(model):
        return [*parts, rest]
    prefix = "".join(f"{part}." for part in parts)
    if section := sections_of(model).get(rest):
        return f"{key} is a group: name one of its settings, such as {next(all_fields(section, f'{key}.')).path}."
    if found := get_close_matches(key[:80], [field.path for field in all_fields(Settings)], 1, 0.8):
        return f"Did you mean {found[0]}?"
    return suggestion(rest, model, prefix)
