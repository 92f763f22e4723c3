"""Checks values against a model, field by field, so that all problems are told at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.manifests.fields import Field, all_fields, fields_of, sections_of
from esl_pipeline.manifests.places import START, Entry, entry_of
from esl_pipeline.manifests.rules import Rule, broken, shown, shown_path

_SECRET = re.compile("token|secret|password|api_?key|credential", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Valid:
    """A value that may stand where it stands; ``key`` is set where the field takes values by key."""

    field: Field
    value: Any
    source: str
    key: str | None = None
    at: Position = START

    @property
    def path(self) -> str:
        """Groups, name and key, joined by dots."""
        return self.field.path if self.key is None else f"{self.field.path}.{self.key}"


@dataclass(frozen=True, slots=True)
class Invalid:
    """A value that may not; ``path`` is empty where there is no such field."""

    problem: Problem
    path: str = ""


@dataclass(frozen=True, slots=True)
class FieldCheck:
    """Checks one document or layer.

    Attributes:
        source: file or other origin, for values that have none of their own.
        unknown: the rule that a field of an unknown name breaks.
        wrong: the rule that a value of a wrong kind or range breaks.
    """

    source: str
    unknown: Rule
    wrong: Rule

    def walk(self, values: Mapping[str, Any], model: type[BaseModel], prefix: str = "") -> Iterator[Valid | Invalid]:
        """Yields every value and everything that is wrong, in the order in which they are written."""
        for name, value in values.items():
            entry = entry_of(values, name)
            if section := sections_of(model).get(name):
                if isinstance(value, Mapping):
                    yield from self.walk(value, section, f"{prefix}{name}.")
                elif value is not None:
                    yield Invalid(self._wrong(f"{prefix}{name}", "a group of fields", value, entry), f"{prefix}{name}")
            elif field := fields_of(model, prefix).get(name):
                yield from self._field(field, value, entry)
            else:
                yield Invalid(self._unknown(name, model, prefix, entry))

    def _field(self, field: Field, value: Any, entry: Entry) -> Iterator[Valid | Invalid]:
        if field.kind not in ("by key", "fields"):
            yield self._read(field, value, entry)
        elif value is not None and not isinstance(value, Mapping):
            allowed = "a group of fields" if field.kind == "fields" else f"a group of names, each with {field.allowed}"
            yield Invalid(self._wrong(field.path, allowed, value, entry), field.path)
        elif field.kind == "fields":
            yield Valid(field, value or {}, self.source)
        else:
            by_key = value or {}
            for key, item in by_key.items():
                entry = entry_of(by_key, key)
                if field.keys and key not in field.keys:
                    yield Invalid(self._no_such_key(field, key, entry))
                else:
                    yield self._read(field, item, entry, key)

    def _read(self, field: Field, value: Any, entry: Entry, key: str | None = None) -> Valid | Invalid:
        try:
            return Valid(field, field.read(value, entry.text), entry.source or self.source, key, entry.value)
        except ValueError:
            path = field.path if key is None else f"{field.path}.{key}"
            return Invalid(self._wrong(path, field.allowed, value, entry), path)

    def _wrong(self, path: str, allowed: str, value: Any, entry: Entry) -> Problem:
        # Where the name of a secret belongs, somebody may have put the secret itself.
        found = "what stands there" if path.endswith("_secret") else said(value)
        message = f"{shown_path(path)} must be {allowed}, not {found}."
        return broken(self.wrong, entry.source or self.source, entry.value, message)

    def _no_such_key(self, field: Field, key: str, entry: Entry) -> Problem:
        message = f"There is no field {shown(key)} in {field.path}."
        by_folded = {known.casefold(): known for known in field.keys}
        meant = get_close_matches(key[:80].strip().casefold(), list(by_folded), 1, 0.65)
        fix = f"Did you mean {by_folded[meant[0]]}?" if meant else f"Fields here are {', '.join(field.keys)}."
        return broken(self.unknown, entry.source or self.source, entry.key, message, fix)

    def _unknown(self, name: str, model: type[BaseModel], prefix: str, entry: Entry) -> Problem:
        where = f" in {prefix.rstrip('.')}" if prefix else ""
        message = f"There is no field {shown(name)}{where}."
        return broken(self.unknown, entry.source or self.source, entry.key, message, suggestion(name, model, prefix))


def suggestion(name: str, model: type[BaseModel], prefix: str = "") -> str:
    """Returns which field was meant, by its name in this group or by its name in groups below; else what there is."""
    here = list(model.model_fields)
    if _SECRET.search(name) and not get_close_matches(name[:80], here, 1, 0.9):
        return "Credentials are given by environment variables such as NOTION_TOKEN, never in settings."
    if found := get_close_matches(name[:80], here, 1):
        return f"Did you mean {prefix}{found[0]}?"
    below = {field.name: field.path for field in all_fields(model, prefix)}
    if found := get_close_matches(name[:80], list(below), 1, 0.75):
        return f"Did you mean {below[found[0]]}?"
    return f"Fields here are {', '.join(here)}."


def said(value: Any) -> str:
    """Returns a wrong value as it may stand in a message; long texts, which may be secrets, are not told."""
    if value is None:
        return "empty"
    if isinstance(value, str):
        return "an empty text" if not value else shown(value) if len(value) <= 20 else "this text"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value) if not isinstance(value, int) or abs(value) < 10**15 else "a number of so many digits"
    return "a group" if isinstance(value, Mapping) else "a list" if isinstance(value, list | tuple) else "this"
