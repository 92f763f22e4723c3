"""The fields of a model in words for operators: what may stand in each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

Kind = Literal["text", "number", "truth", "by key", "fields"]
_KINDS: dict[str, Kind] = {"string": "text", "boolean": "truth", "integer": "number", "number": "number"}
_WORDS = {"string": "text", "boolean": "true or false", "integer": "a whole number", "number": "a number"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field that takes a value.

    Attributes:
        model: the group that it belongs to.
        path: groups and name, joined by dots.
        kind: ``by key`` takes texts or numbers by key, such as a voice for each speaker; ``fields`` takes fields of any
            name.
        allowed: what it takes, to be read after "must be"; of one value where it takes them by key.
        default: as in the model.
        meaning: one sentence.
        keys: the keys that there are, where it takes values by key and not by any.
    """

    model: type[BaseModel]
    path: str
    kind: Kind
    allowed: str
    default: Any
    meaning: str
    keys: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    def read(self, value: Any, text: str | None = None) -> Any:
        """Returns a value as the model holds it; by key, one of the values.

        Args:
            value: from a file, the environment or code.
            text: the value as it was written, which a field for text takes.

        Raises:
            ValueError: it is not of the field's kind or out of its range.
        """
        if self.kind in ("text", "by key") and text is not None:
            value = text
        if isinstance(value, bool) and self.kind != "truth":
            raise ValueError(self.allowed)
        try:
            checked = self.model.model_validate({self.name: {"key": value} if self.kind == "by key" else value})
        except ValidationError as error:
            raise ValueError(self.allowed) from error
        found = getattr(checked, self.name)
        return found["key"] if self.kind == "by key" else found


@cache
def sections_of(model: type[BaseModel]) -> Mapping[str, type[BaseModel]]:
    """Returns the groups of a model by name."""
    found: dict[str, Any] = {name: info.annotation for name, info in model.model_fields.items()}
    return {name: kind for name, kind in found.items() if _is_model(kind)}


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


@cache
def fields_of(model: type[BaseModel], prefix: str = "") -> Mapping[str, Field]:
    """Returns the fields of a model that take values, by name; not those of its groups."""
    schemas = model.model_json_schema()["properties"]
    return {
        name: _field(model, name, prefix, schemas[name])
        for name in model.model_fields
        if name not in sections_of(model)
    }


def all_fields(model: type[BaseModel], prefix: str = "") -> Iterator[Field]:
    """Yields the fields of a model and of its groups, in the model's order."""
    for name in model.model_fields:
        if section := sections_of(model).get(name):
            yield from all_fields(section, f"{prefix}{name}.")
        else:
            yield fields_of(model, prefix)[name]


def _field(model: type[BaseModel], name: str, prefix: str, schema: Mapping[str, Any]) -> Field:
    info = model.model_fields[name]
    shape = next((arm for arm in schema.get("anyOf", ()) if arm["type"] != "null"), schema)
    kind: Kind = _KINDS.get(shape["type"], "fields")
    if kind == "fields" and isinstance(shape.get("additionalProperties"), dict):
        kind, shape = "by key", shape["additionalProperties"]
    allowed = schema.get("allowed") or _allowed(shape)
    default = info.get_default(call_default_factory=True)
    keys = tuple(schema.get("keys", ()))
    return Field(model, f"{prefix}{name}", kind, allowed, default, info.description or "", keys)


def _allowed(shape: Mapping[str, Any]) -> str:
    if "const" in shape:
        return str(shape["const"])
    if "enum" in shape:
        *first, last = map(str, shape["enum"])
        return f"{', '.join(first)} or {last}"
    if "minimum" in shape:
        return f"{_WORDS[shape['type']]} from {shape['minimum']} to {shape['maximum']}"
    return _WORDS.get(shape["type"], "a group of fields")
