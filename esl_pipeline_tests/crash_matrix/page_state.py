"""What a workspace holds after a publication, in a form that two workspaces can be compared by."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from esl_pipeline.sandbox.notion.workspace import Workspace

KEY = "ESL Key"
OWN_TIMES = frozenset({"created_time", "last_edited_time"})
Block = tuple[Any, ...]


@dataclass(frozen=True)
class PageState:
    """All that a reader of the workspace sees of one assignment.

    Attributes:
        pages: how many pages carry the key, the trash apart.
        head: properties, icon and cover.
        blocks: the tree: type, content with colours and styles, whether the block stood there before, children.
        blocks_made: how many blocks were ever made in the workspace, those in the trash included.
    """

    pages: int
    head: Mapping[str, Any]
    blocks: tuple[Block, ...]
    blocks_made: int


def page_state(sandbox_folder: Path, key: str, known_ids: frozenset[str]) -> PageState:
    """Reads a workspace from disk; ``known_ids`` are of the blocks that stood on the page before."""
    workspace = Workspace(sandbox_folder / "notion", "")
    with closing(workspace):
        pages = [page for page in workspace.pages() if _key_of(page) == key]
        head = _head(pages[0]) if pages else {}
        reader = _Reader(workspace, known_ids)
        blocks = reader.inside(pages[0]["id"], ()) if pages else ()
    return PageState(len(pages), head, blocks, blocks_made(sandbox_folder))


def block_ids(sandbox_folder: Path) -> frozenset[str]:
    """Returns the ids of all blocks."""
    with closing(sqlite3.connect(sandbox_folder / "notion" / "notion.sqlite")) as connection:
        return frozenset(row[0] for row in connection.execute("select id from nodes where kind = 'block'"))


def blocks_made(sandbox_folder: Path) -> int:
    """Returns how many blocks were ever made."""
    return len(block_ids(sandbox_folder))


def texts_of(blocks: tuple[Block, ...]) -> list[tuple[str, str]]:
    """Returns text and type of each block in reading order."""
    found: list[tuple[str, str]] = []
    for kind, content, _, children in blocks:
        found.append(("".join(run["plain_text"] for run in content.get("rich_text", [])), kind))
        found += texts_of(children)
    return found


def _key_of(page: Mapping[str, Any]) -> str:
    runs = page["properties"].get(KEY, {}).get("rich_text", [])
    return "".join(run["plain_text"] for run in runs)


def _head(page: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: value[value["type"]] for name, value in page["properties"].items()}
    values = {name: value for name, value in values.items() if name not in OWN_TIMES}
    return {"properties": _without_option_ids(values), "icon": page["icon"], "cover": page["cover"]}


def _without_option_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_option_ids(item) for item in value]
    if isinstance(value, dict):
        named = "name" in value
        return {key: _without_option_ids(item) for key, item in value.items() if not (named and key == "id")}
    return value


class _Reader:
    """Reads blocks; what refers to another block refers to its place instead of its id."""

    def __init__(self, workspace: Workspace, known_ids: frozenset[str]) -> None:
        self._workspace, self._known_ids = workspace, known_ids
        self._places: dict[str, tuple[int, ...]] = {}

    def inside(self, parent_id: str, place: tuple[int, ...]) -> tuple[Block, ...]:
        return tuple(
            self._block(block, (*place, index)) for index, block in enumerate(self._workspace.children(parent_id))
        )

    def _block(self, block: Mapping[str, Any], place: tuple[int, ...]) -> Block:
        self._places[block["id"]] = place
        kind = block["type"]
        content = dict(block[kind])
        source = content.get("synced_from")
        if source:
            content["synced_from"] = self._places.get(source["block_id"])
        children = self.inside(block["id"], place) if block["has_children"] and not source else ()
        return kind, content, block["id"] in self._known_ids, children
