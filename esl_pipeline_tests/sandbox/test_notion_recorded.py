"""Recorded exchanges with the real Notion, asked again of the sandbox."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from esl_pipeline_tests.sandbox.notion_asker import Asker

RECORDINGS = (
    "test_append_nested_children_single_call",
    "test_create_basic_blocks",
    "test_create_column_blocks",
    "test_create_file_blocks",
    "test_create_sync_blocks",
    "test_create_table_blocks",
    "test_delete_blocks",
    "test_insert_after_replace_block",
)
SHARED_PAGE = "00000000-0000-4000-8000-000000000001"
VARYING = frozenset({"created_time", "last_edited_time", "created_by", "last_edited_by", "request_id", "url", "id"})
UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_sandbox_answers_as_notion_did(shared: Path, notion: Asker, name: str) -> None:
    ours = Ids({SHARED_PAGE: notion.page()})
    asked = 0
    for method, path, body, recorded in _exchanges(shared / "recorded" / "notion" / f"{name}.yaml"):
        if path.endswith(SHARED_PAGE):
            continue  # the page that all of their tests write to
        answer = notion(method, ours.translate(path), json.loads(ours.translate(json.dumps(body))) if body else None)
        ours.learn(recorded, answer)
        assert _constant(answer) == _constant(json.loads(ours.translate(json.dumps(recorded)))), (method, path)
        asked += 1
    assert asked > 3


class Ids:
    """What their ids are called here."""

    def __init__(self, known: dict[str, str]) -> None:
        self._known = known

    def learn(self, theirs: Any, ours: Any) -> None:
        """Learns the ids of what two answers show in the same place."""
        if isinstance(theirs, dict) and isinstance(ours, dict):
            if "id" in theirs and "id" in ours and theirs.get("object") in ("page", "block"):
                self._known[theirs["id"]] = ours["id"]
            for key in theirs:
                self.learn(theirs[key], ours.get(key))
        elif isinstance(theirs, list) and isinstance(ours, list):
            for one, other in zip(theirs, ours, strict=False):
                self.learn(one, other)

    def translate(self, text: str) -> str:
        """Replaces their ids, with dashes or without."""
        bare = {theirs.replace("-", ""): ours for theirs, ours in self._known.items()}
        return UUID.sub(lambda match: bare.get(match[0].replace("-", ""), match[0]), text)


def _exchanges(file: Path) -> Iterator[tuple[str, str, Any, Any]]:
    for exchange in yaml.safe_load(file.read_text("utf-8"))["interactions"]:
        request, response = exchange["request"], exchange["response"]
        parts = urlsplit(request["uri"])
        path = parts.path.removeprefix("/v1/") + (f"?{parts.query}" if parts.query else "")
        sent = _text(request.get("body"))
        yield request["method"], path, json.loads(sent) if sent else None, json.loads(_text(response))


def _text(recorded: Any) -> str:
    """Returns a body, wherever this recorder's version keeps it."""
    while isinstance(recorded, dict):
        recorded = next((recorded[key] for key in ("body", "content", "string") if key in recorded), "")
    return recorded.decode() if isinstance(recorded, bytes) else recorded or ""


def _constant(value: Any) -> Any:
    """Returns an answer without what is never the same twice."""
    if isinstance(value, dict):
        return {key: _constant(member) for key, member in value.items() if key not in VARYING}
    if isinstance(value, list):
        return [_constant(member) for member in value]
    return value
