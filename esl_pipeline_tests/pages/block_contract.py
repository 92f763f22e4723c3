"""Checks blocks of requests against Notion's OpenAPI document, type by type, and against what that leaves out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

Json = dict[str, Any]


class BlockContract:
    def __init__(self, document: Json) -> None:
        self._document = document
        self._schemas: Json = document["components"]["schemas"]
        self._validator = cache(self._make_validator)

    @classmethod
    def read(cls, shared: Path) -> BlockContract:
        return cls(json.loads((shared / "openapi" / "notion-2026-03-11.json").read_text(encoding="utf-8")))

    def languages(self) -> set[str]:
        return set(self._schemas["languageRequest"]["enum"])

    def check_request(self, children: Sequence[Json]) -> None:
        """Checks all blocks of one request; they may stand at the top of it."""
        assert 1 <= len(children) <= 100
        assert sum(_count(block) for block in children) <= 1000
        assert len(json.dumps({"children": list(children)})) <= 450_000
        # A table's rows and a column are appended to parents of their own, which the schema does not tell apart.
        self._check_level(children, "blockObjectRequest")

    def _check_level(self, blocks: Sequence[Json], schema: str) -> None:
        for block in blocks:
            self._check_block(block, schema)

    def _check_block(self, block: Json, schema: str) -> None:
        kind = block["type"]
        assert set(block) == {"type", kind}
        content = self._content_schema(schema, kind)
        assert content is not None, f"{kind} may not stand in {schema}"
        children = block[kind].get("children")
        own = {key: value for key, value in block[kind].items() if key != "children"}
        self._validator(schema, kind).validate(own)
        self._check_by_hand(kind, own, children)
        inside = content.get("properties", {}).get("children")
        if children is None:
            assert "children" not in content.get("required", ()), f"{kind} needs children"
            return
        assert inside is not None, f"{kind} has children in {schema}"
        assert inside.get("minItems", 0) <= len(children) <= inside["maxItems"]
        self._check_level(children, inside["items"]["$ref"].rpartition("/")[2])

    def _check_by_hand(self, kind: str, own: Json, children: Sequence[Json] | None) -> None:
        for run in _runs(own):
            assert len(run["text"]["content"].encode("utf-16-le")) <= 4000
            assert run["text"]["link"] is None or len(run["text"]["link"]["url"]) <= 2000
        if kind == "column":
            assert children, "an empty column"
        if kind == "table":
            assert {len(row["table_row"]["cells"]) for row in children or ()} == {own["table_width"]}
        if kind.startswith("heading_") and children:
            assert own["is_toggleable"]

    def _content_schema(self, schema: str, kind: str) -> Json | None:
        branches = self._schemas[schema].get("anyOf") or [self._schemas[schema]]
        found = next((branch["properties"][kind] for branch in branches if kind in branch["properties"]), None)
        return self._schemas[found["$ref"].rpartition("/")[2]] if found and "$ref" in found else found

    def _make_validator(self, schema: str, kind: str) -> Draft202012Validator:
        content = self._content_schema(schema, kind) or {}
        if "properties" in content:
            properties = {key: value for key, value in content["properties"].items() if key != "children"}
            required = [key for key in content.get("required", ()) if key != "children"]
            content = {**content, "properties": properties, "required": required}
        return Draft202012Validator({**content, "components": self._document["components"]})


def _runs(own: Json) -> list[Json]:
    cells = [run for cell in own.get("cells", ()) for run in cell]
    return [*own.get("rich_text", ()), *own.get("caption", ()), *cells]


def _count(block: Json) -> int:
    return 1 + sum(_count(child) for child in block[block["type"]].get("children", ()))
