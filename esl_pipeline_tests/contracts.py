"""Checks of request bodies against the vendors' OpenAPI documents, for every test that sends or makes one."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from esl_pipeline_tests.notion_rules import broken_rules

SHARED = Path(os.environ.get("ESL_SHARED", Path(__file__).parents[2] / "shared"))

Schema = Mapping[str, Any]

NEWER_KEYS = frozenset({"settings.similarity"})
"""What ElevenLabs takes since its document of September was made.

**Source**: the vendor's Python SDK 2.78.0 of 2026-11-12.
"""


def check_notion_request(method: str, path: str, body: Mapping[str, Any] | None) -> None:
    """Asserts that Notion's contract allows a request, and the documented limits that the contract leaves out.

    Args:
        method: of HTTP.
        path: with ``/v1``; a query string is ignored.
        body: None where there is none.
    """
    _contract("notion-2026-03-11.json").check(method, path, body)
    if body is not None:
        problems = list(broken_rules(body))
        assert not problems, f"{method} {path}: {'; '.join(problems)}"


def check_elevenlabs_request(method: str, path: str, body: Mapping[str, Any] | None) -> None:
    """Asserts that ElevenLabs' contract allows a request, its query string included, and knows all its keys."""
    contract = _contract("elevenlabs.json")
    contract.check(method, path, body)
    contract.check_query(method, path)
    if body is not None:
        contract.check_known_keys(method, path, body)


@cache
def _contract(file: str) -> _Contract:
    path = SHARED / "openapi" / file
    if not path.is_file():
        pytest.skip("the shared folder is absent")
    return _Contract(json.loads(path.read_text("utf-8")))


class _Contract:
    """One OpenAPI document, its validators made once."""

    def __init__(self, document: Schema) -> None:
        self._document = document
        self._schemas: Schema = document["components"]["schemas"]
        self._routes = [(_pattern(path), path) for path in sorted(document["paths"], key=lambda path: "{" in path)]
        self._validators: dict[tuple[str, str], Draft202012Validator | None] = {}
        self._shapes: dict[int, list[_Branch]] = {}
        self._make = extend(Draft202012Validator, {"anyOf": self._alternatives, "oneOf": self._alternatives})

    def check(self, method: str, path: str, body: Mapping[str, Any] | None) -> None:
        validator = self._validator(*self._operation(method, path))
        if validator is None:
            assert body is None, f"{method} {path} takes no body"
            return
        errors = sorted(validator.iter_errors({} if body is None else body), key=lambda error: len(error.path))
        assert not errors, f"{method} {path}: {'; '.join(_words(error) for error in errors[:5])}"

    def check_query(self, method: str, path: str) -> None:
        route, verb = self._operation(method, path)
        known = {
            p["name"]: p["schema"] for p in self._document["paths"][route][verb]["parameters"] if p["in"] == "query"
        }
        for name, value in parse_qsl(urlsplit(path).query, keep_blank_values=True):
            assert name in known, f"{method} {path}: there is no query parameter {name}"
            allowed = known[name].get("enum")
            assert not allowed or value in allowed, f"{method} {path}: {name} is {value}, not one of {allowed}"

    def check_known_keys(self, method: str, path: str, body: Mapping[str, Any]) -> None:
        schema = self._resolve(self._body_schema(*self._operation(method, path)) or {})
        unknown = sorted(set(body) - set(schema["properties"]))
        for name, value in body.items():
            for branch in schema["properties"].get(name, {}).get("anyOf", ()):
                keys = self._resolve(branch).get("properties")
                if isinstance(value, dict) and keys:
                    unknown += [f"{name}.{key}" for key in sorted(set(value) - set(keys))]
        unknown = [name for name in unknown if name not in NEWER_KEYS]
        assert not unknown, f"{method} {path}: unknown keys {', '.join(unknown)}"

    def _operation(self, method: str, path: str) -> tuple[str, str]:
        plain, verb = urlsplit(path).path, method.lower()
        route = next((route for pattern, route in self._routes if pattern.fullmatch(plain)), None)
        assert route is not None, f"there is no path {plain}"
        assert verb in self._document["paths"][route], f"{route} takes no {method}"
        return route, verb

    def _body_schema(self, route: str, verb: str) -> Schema | None:
        body = self._document["paths"][route][verb].get("requestBody")
        schema: Schema | None = body["content"]["application/json"]["schema"] if body else None
        return schema

    def _validator(self, route: str, verb: str) -> Draft202012Validator | None:
        if (route, verb) not in self._validators:
            schema = self._body_schema(route, verb)
            whole = None if schema is None else {**schema, "components": {"schemas": self._schemas}}
            self._validators[route, verb] = None if whole is None else self._make(whole)
        return self._validators[route, verb]

    def _resolve(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def _alternatives(
        self, validator: Any, branches: Sequence[Schema], instance: object, schema: Schema
    ) -> Iterator[ValidationError]:
        """Validates alternatives; those that can't fit by their keys are left out, so one is left as a rule.

        The one that is left gives its own errors, which say more than that none of 31 fits.
        """
        shapes = self._shapes.get(id(branches))
        if shapes is None:
            shapes = self._shapes[id(branches)] = [_Branch(self, branch) for branch in branches]
        left = [shape for shape in shapes if shape.may_fit(instance)]
        if len(left) > 1:
            left = [shape for shape in left if shape.knows_keys_of(instance)] or left
        if len(left) == 1:
            yield from validator.descend(instance, left[0].schema)
        elif not any(validator.evolve(schema=shape.schema).is_valid(instance) for shape in left):
            names = ", ".join(dict.fromkeys(name for shape in shapes for name in shape.names)) or "the alternatives"
            yield ValidationError(f"{_short(instance)} is none of: {names}")


class _Branch:
    """One alternative: what can be told of it without validation."""

    def __init__(self, contract: _Contract, schema: Schema) -> None:
        found = contract._resolve(schema)
        self.schema = schema
        self._type = found.get("type")
        self._required = frozenset(found.get("required", ()))
        properties: Schema = found.get("properties", {})
        self._closed = frozenset(properties) if found.get("additionalProperties") is False else None
        consts = {name: contract._resolve(value).get("const") for name, value in properties.items()}
        self._consts = {name: const for name, const in consts.items() if const is not None}
        inner = found.get("anyOf") or found.get("oneOf") or () if "properties" not in found else ()
        self._inner = [_Branch(contract, branch) for branch in inner]
        self.names: list[str] = [name for branch in self._inner for name in branch.names]
        self.names += sorted(self._required) or ([str(self._type)] if self._type else [])

    def may_fit(self, instance: object) -> bool:
        if isinstance(instance, dict):
            if self._type not in (None, "object") or not self._required <= instance.keys():
                return False
            if any(instance.get(name, const) != const for name, const in self._consts.items()):
                return False
        elif self._type == "object":
            return False
        return not self._inner or any(branch.may_fit(instance) for branch in self._inner)

    def knows_keys_of(self, instance: object) -> bool:
        return not isinstance(instance, dict) or self._closed is None or instance.keys() <= self._closed


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(re.escape(part) for part in re.split(r"\{\w+\}", path)))


def _words(error: ValidationError) -> str:
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    return f"body{where}: {_cut(error.message)}"


def _short(instance: object) -> str:
    return (
        f"an object with {', '.join(map(str, instance)) or 'no keys'}" if isinstance(instance, dict) else repr(instance)
    )


def _cut(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:140]} … {text[-140:]}"
