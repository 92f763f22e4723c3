"""The sandbox's Notion on disk: pages, blocks, databases and data sources in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any

Json = dict[str, Any]

_SCHEMA = """
create table if not exists nodes (
  id text primary key, kind text not null, type text not null, parent_id text, place integer not null,
  content text not null, in_trash integer not null, created_at text not null, edited_at text not null,
  created_by text not null, edited_by text not null
);
create index if not exists nodes_by_parent on nodes (parent_id, place);
create index if not exists nodes_by_kind on nodes (kind);
"""
_COLUMNS = "id, kind, type, parent_id, place, content, in_trash, created_at, edited_at, created_by, edited_by"
_HAS_CHILDREN = "exists(select 1 from nodes inside where inside.parent_id = nodes.id and not inside.in_trash)"
_SELECT = f"select {_COLUMNS}, {_HAS_CHILDREN} from nodes "  # noqa: S608 only constants
_SAVE = (
    "update nodes set parent_id = ?, place = ?, content = ?, in_trash = ?, edited_at = ?, edited_by = ? where id = ?"
)


@dataclass(frozen=True)
class Node:
    """Anything that has an id.

    Attributes:
        kind: ``page``, ``block``, ``database`` or ``data_source``.
        type: a block's type, empty for the others.
        parent_id: None at the top of the workspace.
        place: order among the children of one parent.
        content: what a response shows, but for ids, times and users.
    """

    id: str
    kind: str
    type: str
    parent_id: str | None
    place: int
    content: Json
    in_trash: bool
    created_at: str
    edited_at: str
    created_by: str
    edited_by: str
    has_children: bool = False


class Store:
    """All nodes; a change is on disk before ``writing`` is left, so that it outlives the process."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = RLock()
        self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Makes several changes one; none of them happens where an error leaves the block."""
        with self._lock:
            self._connection.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")

    def node(self, node_id: str) -> Node | None:
        """Returns a node, in the trash or not."""
        found = self._select("where id = ?", node_id)
        return found[0] if found else None

    def children(self, parent_id: str) -> list[Node]:
        """Returns what stands in a node outside the trash, in order."""
        return self._select("where parent_id = ? and not in_trash order by place", parent_id)

    def rows(self, data_source_id: str, *, in_trash: bool = False) -> list[Node]:
        """Returns the pages of a data source, newest first."""
        return self._select("where parent_id = ? and in_trash = ? order by rowid desc", data_source_id, in_trash)

    def all_of(self, kind: str, *, in_trash: bool | None = False) -> list[Node]:
        """Returns all nodes of a kind, newest first; those in the trash and the others where ``in_trash`` is None."""
        return self._select("where kind = ? and in_trash = coalesce(?, in_trash) order by rowid desc", kind, in_trash)

    def is_empty(self) -> bool:
        """Tells whether nothing was ever stored."""
        return not self._select("limit 1")

    def insert(self, nodes: Sequence[Node]) -> None:
        """Stores nodes of one parent side by side and moves what follows; their places are next to one another."""
        first = nodes[0]
        with self._lock:
            shift = "update nodes set place = place + ? where parent_id = ? and place >= ?"
            self._connection.execute(shift, (len(nodes), first.parent_id, first.place))
            question_marks = ", ".join("?" * len(_COLUMNS.split(",")))
            self._connection.executemany(
                f"insert into nodes ({_COLUMNS}) values ({question_marks})",  # noqa: S608 only constants
                [_row(node) for node in nodes],
            )

    def save(self, node: Node) -> None:
        """Stores a node that has changed."""
        content = json.dumps(node.content, ensure_ascii=False)
        changed = (node.parent_id, node.place, content, node.in_trash, node.edited_at, node.edited_by, node.id)
        with self._lock:
            self._connection.execute(_SAVE, changed)

    def end_of(self, parent_id: str | None) -> int:
        """Returns the place after the last child, trash included."""
        with self._lock:
            select = "select coalesce(max(place), -1) + 1 from nodes where parent_id is ?"
            place: int = self._connection.execute(select, (parent_id,)).fetchone()[0]
        return place

    def _select(self, where: str, *values: object) -> list[Node]:
        with self._lock:
            rows = self._connection.execute(_SELECT + where, values).fetchall()
        return [_node(row) for row in rows]


def _row(node: Node) -> tuple[object, ...]:
    return (
        node.id,
        node.kind,
        node.type,
        node.parent_id,
        node.place,
        json.dumps(node.content, ensure_ascii=False),
        node.in_trash,
        node.created_at,
        node.edited_at,
        node.created_by,
        node.edited_by,
    )


def _node(row: Sequence[Any]) -> Node:
    content, in_trash, has_children = json.loads(row[5]), bool(row[6]), bool(row[11])
    return replace(Node(*row[:11]), content=content, in_trash=in_trash, has_children=has_children)


def now() -> str:
    """Returns the time as Notion shows it: to the minute."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:00.000Z")
