"""The hash of a block's own content: equal for what was sent to Notion and what Notion reads back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from esl_pipeline.pages.nodes import BlockNode

VARIATION_SELECTOR = "\ufe0f"
"""Asks for an emoji's coloured form; Notion does not always give it back."""

# Children are blocks of their own. Notion fills in a column's width, and people drag it; it is no content.
_NO_CONTENT = frozenset({"children", "type", "width_ratio"})
_DEFAULTS: tuple[object, ...] = (None, False, "", "default", [], {})


def fingerprint(block_type: str, content: Mapping[str, Any]) -> str:
    """Returns the SHA-256 of a block's own content in a normal form, children apart.

    What Notion adds or leaves out does not count: ``plain_text`` and ``href``, default annotations and colours, empty
    captions, how equal text is cut into runs, the signed addresses of uploaded files.

    Args:
        block_type: Notion's type, such as ``heading_2``.
        content: the value under that type, of a request or of an answer.
    """
    normal = [block_type, _normal_content(content)]
    return hashlib.sha256(json.dumps(normal, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def fingerprint_node(node: BlockNode) -> str:
    """Returns the fingerprint of a block that is to be written."""
    return fingerprint(node.type, node.content)


def fingerprint_block(block: Mapping[str, Any]) -> str:
    """Returns the fingerprint of a block as the API sends or takes it."""
    block_type = str(block["type"])
    return fingerprint(block_type, block.get(block_type) or {})


def plain_text(content: Mapping[str, Any]) -> str:
    """Returns the text of a block's content without its styles, of a request or of an answer."""
    runs = (
        content.get("rich_text") or content.get("caption") or [run for cell in content.get("cells", []) for run in cell]
    )
    return "".join(_content_of(run) for run in runs)


def _content_of(run: Mapping[str, Any]) -> str:
    kind = run.get("type", "text")
    if kind == "text":
        return str(run["text"]["content"])
    return str(run.get("plain_text") or run.get(kind, {}).get("expression", ""))


def _normal_content(content: Mapping[str, Any]) -> dict[str, Any]:
    normal = {}
    for key, value in content.items():
        if key in _NO_CONTENT:
            continue
        changed = _NORMAL.get(key, _unchanged)(value)
        if changed not in _DEFAULTS:
            normal["uploaded" if key == "file_upload" else key] = changed
    if "file" in normal:
        normal["uploaded"] = normal.pop("file")
    return normal


def _unchanged(value: Any) -> Any:
    return value


def _normal_runs(runs: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """Merges neighbours of equal style; runs without text vanish."""
    merged: list[dict[str, Any]] = []
    for run in runs or ():
        normal = _normal_run(run)
        if "text" not in normal:
            merged.append(normal)
        elif merged and "text" in merged[-1] and _style_of(merged[-1]) == _style_of(normal):
            merged[-1]["text"] += normal["text"]
        elif normal["text"]:
            merged.append(normal)
    return merged


def _normal_run(run: Mapping[str, Any]) -> dict[str, Any]:
    kind = run.get("type", "text")
    annotations = run.get("annotations") or {}
    style = sorted((key, value) for key, value in annotations.items() if value not in _DEFAULTS)
    if kind != "text":
        return {"kind": kind, "value": run.get(kind), "style": style}
    text = run["text"]
    link = text.get("link")
    return {"text": text["content"], "link": _normal_url(link["url"]) if link else None, "style": style}


def _style_of(run: Mapping[str, Any]) -> tuple[Any, Any]:
    return run["style"], run["link"]


def _normal_url(url: str) -> str:
    """Gives an address without a path the slash that Notion may add."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path="/")) if parts.netloc and not parts.path else url


def _normal_external(external: Mapping[str, Any] | None) -> str | None:
    return _normal_url(str(external["url"])) if external else None


def _normal_upload(upload: Mapping[str, Any] | None) -> bool:
    """Tells only that a file was uploaded: its id is not read back, and its address is signed anew each time."""
    return bool(upload)


def _normal_icon(icon: Mapping[str, Any] | None) -> Any:
    if icon and "emoji" in icon:
        return str(icon["emoji"]).replace(VARIATION_SELECTOR, "")
    if icon and "file" in icon:
        return "uploaded"
    return icon


def _normal_source(source: Mapping[str, Any] | None) -> str | None:
    return normal_id(str(source["block_id"])) if source else None


def _normal_cells(cells: Sequence[Sequence[Mapping[str, Any]]]) -> list[list[dict[str, Any]]]:
    return [_normal_runs(cell) for cell in cells]


def normal_id(block_id: str) -> str:
    """Returns an id in the one spelling that ids are compared in; Notion takes them with dashes and without."""
    return block_id.replace("-", "").lower()


_NORMAL: Mapping[str, Callable[[Any], Any]] = {
    "rich_text": _normal_runs,
    "caption": _normal_runs,
    "cells": _normal_cells,
    "external": _normal_external,
    "file": _normal_upload,
    "file_upload": _normal_upload,
    "icon": _normal_icon,
    "synced_from": _normal_source,
}
