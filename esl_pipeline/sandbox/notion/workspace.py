"""One sandboxed workspace: its file, its API, what the viewer reads of it and what a person does to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from esl_pipeline.sandbox.notion import Json, blocks, pages
from esl_pipeline.sandbox.notion.app import NotionApp
from esl_pipeline.sandbox.notion.refusals import Refusal
from esl_pipeline.sandbox.notion.seed import seed
from esl_pipeline.sandbox.notion.shapes import Anything, Array, Tagged, Uuid, dashed
from esl_pipeline.sandbox.notion.store import Store
from esl_pipeline.sandbox.notion.upload_store import StoredFile, UploadStore
from esl_pipeline.sandbox.notion.visit import BOT_ID, PERSON_ID, Visit

_TARGETS = {name: Uuid() for name in ("block_id", "page_id", "parent_id", "delete")}
_EDIT = Tagged(_TARGETS, {"body": Anything(), "children": Array(Anything()), "position": Anything()})


class Workspace:
    """A workspace on disk.

    Args:
        folder: holds its file, which is made and filled where it is missing.
        viewer_url: address of the viewer, which pages' addresses lead to.
    """

    def __init__(self, folder: Path, viewer_url: str) -> None:
        self._store = Store(folder / "notion.sqlite")
        self.uploads = UploadStore(folder / "files", f"{viewer_url}/files/")
        pages_url = f"{viewer_url}/pages/"
        self._bot, self._person = (Visit(self._store, user, pages_url, self.uploads) for user in (BOT_ID, PERSON_ID))
        seed(self._person)
        self.app = NotionApp(self._bot)

    def close(self) -> None:
        """Closes the file."""
        self._store.close()

    def pages(self) -> list[Json]:
        """Returns the page objects outside the trash, newest first."""
        return [pages.page_answer(self._bot, node) for node in self._store.all_of("page")]

    def page(self, page_id: str) -> Json | None:
        """Returns a page object, None where there is none."""
        try:
            return pages.retrieve_page(self._bot, dashed(page_id))
        except Refusal:
            return None

    def children(self, block_id: str) -> list[Json]:
        """Returns all first-level blocks of a page or block, in order; none where there is no such block."""
        try:
            return blocks.all_children(self._bot, dashed(block_id))
        except Refusal:
            return []

    def file(self, upload_id: str, ends: str, signature: str) -> StoredFile | None:
        """Returns an uploaded file, None where its address was never given or has ended."""
        return self.uploads.read(upload_id, ends, signature)

    def edit(self, body: Any) -> Json:
        """Does what a person does in Notion's own editor.

        Args:
            body: ``{"block_id", "body"}`` changes a block, ``{"page_id", "body"}`` a page, ``{"parent_id", "children",
                "position"}`` adds blocks, ``{"delete"}`` moves the block of that id to the trash; the bodies are those
                of the API.

        Raises:
            Refusal: the API would refuse it as well.
        """
        _EDIT.check(body, "body")
        kind = next(name for name in _TARGETS if name in body)
        target = dashed(body[kind])
        if kind == "parent_id":
            addition = {name: body[name] for name in ("children", "position") if name in body}
            return {"results": blocks.append_children(self._person, target, addition)}
        if kind == "page_id":
            return pages.update_page(self._person, target, body.get("body"))
        if kind == "delete":
            return blocks.delete_block(self._person, target)
        return blocks.update_block(self._person, target, body.get("body"))
