"""Who does something to the workspace, and what all that is done there has in common."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace

from esl_pipeline.sandbox.notion import Json
from esl_pipeline.sandbox.notion.refusals import archived, archived_ancestor, invalid, not_found
from esl_pipeline.sandbox.notion.rich_text import plain_text
from esl_pipeline.sandbox.notion.store import Node, Store, now
from esl_pipeline.sandbox.notion.upload_store import UploadStore

BOT_ID = "5eed0000-0000-4000-8000-0000000000f1"
"""The integration, which all requests with a token come from."""

PERSON_ID = "5eed0000-0000-4000-8000-0000000000f2"
"""A teacher who edits pages by hand."""

KIND_NAMES = {"page": "page", "block": "block", "database": "database", "data_source": "data source"}


@dataclass(frozen=True)
class Visit:
    """One user at the workspace.

    Attributes:
        user_id: whom edits are credited to.
        pages_url: address that a page's id is appended to.
    """

    store: Store
    user_id: str
    pages_url: str
    uploads: UploadStore

    def find(self, kind: str, node_id: str) -> Node:
        """Returns a node of a kind; as a block also a page or database counts.

        Raises:
            Refusal: 404.
        """
        node = self.store.node(node_id)
        kinds = ("block", "page", "database") if kind == "block" else (kind,)
        if node is None or node.kind not in kinds:
            raise not_found(KIND_NAMES[kind], node_id)
        return node

    def new_node(self, kind: str, type_: str, parent_id: str | None, place: int, content: Json) -> Node:
        """Returns a node that is not stored yet."""
        at = now()
        node_id = str(uuid.uuid4())
        return Node(node_id, kind, type_, parent_id, place, content, False, at, at, self.user_id, self.user_id)

    def save(self, node: Node) -> Node:
        """Stores a changed node as this user's edit, also of the page that it is on."""
        edited = replace(node, edited_at=now(), edited_by=self.user_id)
        self.store.save(edited)
        if node.kind == "block":
            self.touch_page_of(node)
        return edited

    def touch_page_of(self, node: Node) -> None:
        """Marks the page around a block as edited by this user."""
        page = next((found for found in (node, *self.ancestors(node)) if found.kind == "page"), None)
        if page:
            self.store.save(replace(page, edited_at=now(), edited_by=self.user_id))

    def ancestors(self, node: Node) -> Iterator[Node]:
        """Yields a node's parent, its parent, and so on."""
        above = self.store.node(node.parent_id) if node.parent_id else None
        while above is not None:
            yield above
            above = self.store.node(above.parent_id) if above.parent_id else None

    def must_be_alive(self, node: Node) -> None:
        """Checks that a node may be written to.

        Raises:
            Refusal: it, or something around it, is in the trash.
        """
        if node.in_trash:
            raise archived(node.kind if node.kind == "page" else "block")
        if any(above.in_trash for above in self.ancestors(node)):
            raise archived_ancestor()

    def is_alive(self, node: Node) -> bool:
        """Tells whether neither a node nor anything around it is in the trash."""
        return not any(found.in_trash for found in (node, *self.ancestors(node)))

    def signature(self, node: Node) -> Json:
        """Returns the members that say who did what when."""
        return {
            "created_time": node.created_at,
            "last_edited_time": node.edited_at,
            "created_by": {"object": "user", "id": node.created_by},
            "last_edited_by": {"object": "user", "id": node.edited_by},
        }

    def parent_of(self, node: Node) -> Json:
        """Returns a node's parent as a response shows it."""
        above = self.store.node(node.parent_id) if node.parent_id else None
        if above is None:
            return {"type": "workspace", "workspace": True}
        if above.kind == "data_source":
            return {"type": "data_source_id", "data_source_id": above.id, "database_id": above.parent_id}
        name = f"{above.kind}_id"
        return {"type": name, name: above.id}

    def place_in(self, parent_id: str, position: Json | None) -> int:
        """Returns the place that a position stands for.

        Raises:
            Refusal: it is after a block that is not there.
        """
        kind = (position or {}).get("type", "end")
        if kind in ("start", "page_start"):
            return 0
        if position is None or kind != "after_block":
            return self.store.end_of(parent_id)
        block_id = position["after_block"]["id"]
        before = self.store.node(block_id)
        if before is None or before.parent_id != parent_id or before.in_trash:
            raise invalid(f"Block to append children after (ID: {block_id}) is not parented by {parent_id}.")
        return before.place + 1


def title_of(node: Node) -> str:
    """Returns the text of a page's, database's or data source's title."""
    holder = node.content["values"] if node.kind == "page" else node.content
    return plain_text(holder.get("title", []))
