"""Limits that Notion documents or enforces but its OpenAPI document leaves out.

**Source**: developers.notion.com/reference/request-limits, read 2026-09-21; answers of the API seen in 2026.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

MAX_BODY_BYTES = 512_000
MAX_BLOCKS = 1000
MAX_EQUATION = 1000
MAX_URL = 2000


def broken_rules(body: Mapping[str, Any]) -> Iterator[str]:
    """Yields what a request body breaks, in words."""
    size = len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())
    if size > MAX_BODY_BYTES:
        yield f"the body has {size} bytes, more than {MAX_BODY_BYTES}"
    if "markdown" in body and ("children" in body or "content" in body):
        yield "the body has both markdown and children"
    blocks = list(_blocks(body.get("children")))
    if len(blocks) > MAX_BLOCKS:
        yield f"the body has {len(blocks)} blocks, more than {MAX_BLOCKS}"
    for block in blocks:
        yield from _broken_by_block(block)
    yield from _broken_anywhere(body, "body")
    for name, value in (body.get("properties") or {}).items():
        yield from _commas(name, value)


def _blocks(children: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for block in children if isinstance(children, list) else ():
        for kind, content in block.items():
            if isinstance(content, dict):
                yield kind, content
                yield from _blocks(content.get("children"))


def _broken_by_block(block: tuple[str, Mapping[str, Any]]) -> Iterator[str]:
    kind, content = block
    if kind.startswith("heading_") and content.get("children") and not content.get("is_toggleable"):
        yield f"a {kind} that is no toggle has children"
    if kind == "table":
        widths = {len(row["table_row"]["cells"]) for row in content.get("children", ())}
        if widths - {content["table_width"]}:
            yield f"a table of width {content['table_width']} has rows of {sorted(widths)} cells"


def _broken_anywhere(value: object, where: str) -> Iterator[str]:
    if isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _broken_anywhere(entry, f"{where}[{index}]")
    elif isinstance(value, dict):
        for name, entry in value.items():
            at = f"{where}.{name}"
            if isinstance(entry, str):
                limit = {"url": MAX_URL, "expression": MAX_EQUATION}.get(name)
                if limit and len(entry) > limit:
                    yield f"{at} has {len(entry)} characters, more than {limit}"
            else:
                yield from _broken_anywhere(entry, at)


def _commas(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    select, several = value.get("select"), value.get("multi_select")
    for option in [select, *(several if isinstance(several, list) else ())]:
        if isinstance(option, dict) and "," in str(option.get("name", "")):
            yield f"the option “{option['name']}” of {name} has a comma"
