"""Writes blocks to a page, request by request, and keeps the block map in step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.clients.notion_errors import is_archived
from esl_pipeline.pages.block_map import ActualBlock, MapEntry, actual_block
from esl_pipeline.pages.fingerprint import plain_text
from esl_pipeline.pages.operations import Delete, Insert, KeptEdit, Operation, Update, update_body
from esl_pipeline.pages.reconcile import CONFLICT
from esl_pipeline.pages.requests import Request, plan_requests
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import NotionApi
from esl_pipeline.stages.page_read import learn_ids, read_block, read_children
from esl_pipeline.stages.page_settle import CONFLICT as WRITTEN_ELSEWHERE
from esl_pipeline.stages.page_settle import settle

NOT_AS_IT_WAS = frozenset({400, 404})
"""Notion's answers to a write to a block, or below one, that is no longer there."""

START: Mapping[str, Any] = {"type": "start"}


def after_block(block_id: str) -> Mapping[str, Any]:
    """Returns the position below a block."""
    return {"type": "after_block", "after_block": {"id": block_id}}


class PageChangedError(UnavailableError):
    """A person worked on the page after it was read, so that what was planned no longer fits; read it again."""


def page_changed() -> PageChangedError:
    """Returns the error of a page that is no longer as it was read."""
    message = "somebody worked on the page at the same time"
    return PageChangedError("notion", "page_changed", message, fix="Run the stage again.")


@contextmanager
def noticing_changes(notion: NotionApi, *needed: str) -> Iterator[None]:
    """Tells a refusal because a person deleted a block that is needed from all others.

    Raises:
        PageChangedError: that is why.
    """
    try:
        yield
    except RejectedError as error:
        if error.status not in NOT_AS_IT_WAS:
            raise
        if is_archived(error.message) or any(read_block(notion, block_id) is None for block_id in needed):
            raise page_changed() from error
        raise


class PageWriter:
    """Carries out operations; ``save`` records the block map and is called after every request."""

    def __init__(self, context: JobContext, notion: NotionApi, save: Callable[[], None]) -> None:
        self._context, self._notion, self._save = context, notion, save
        self.kept_edits: list[KeptEdit] = []

    def apply(self, operations: Sequence[Operation]) -> None:
        """Carries out operations in order."""
        for operation in operations:
            if isinstance(operation, Insert):
                self._insert(operation)
            elif isinstance(operation, Update):
                self._update(operation)
            else:
                self._delete(operation)
            self._save()

    def write(
        self,
        requests: Sequence[Request],
        parent_id: str,
        entries: Sequence[MapEntry],
        position: Mapping[str, Any] | None = None,
        siblings: Collection[str] = (),
    ) -> None:
        """Appends the blocks of planned requests.

        Args:
            requests: the plan, or what is left of it, in order.
            parent_id: page or block that stands for the plan's root.
            entries: the block map of the plan's nodes; gets the new ids.
            position: where the first blocks at the root go; the end where None.
            siblings: ids of what stood at the root before.
        """
        for request in requests:
            at_root = not request.parent
            target_id, level = self._at(parent_id, entries, request.parent)
            covered = [level[index] for index in request.indexes]
            before = {*siblings, *(entry.id for entry in level)} if at_root else frozenset[str]()
            skip = 0 if at_root else request.indexes[0]
            here = position if at_root else None
            with noticing_changes(self._notion, target_id, *_neighbours(here)):
                ids = self._append(target_id, request.children, covered, here, before, skip)
            for entry, block_id in zip(covered, ids, strict=True):
                entry.id = block_id
            if at_root and position is not None:
                position = after_block(ids[-1])
            self._save()
        for entry in entries:
            entry.settle()

    def _at(self, parent_id: str, entries: Sequence[MapEntry], path: Sequence[int]) -> tuple[str, Sequence[MapEntry]]:
        level = entries
        for index in path:
            if not level[index].id:
                learn_ids(self._context, self._notion, parent_id, level)
            if not level[index].id:
                message = f"a {level[index].type} that was just written is not on the page"
                raise UnavailableError("notion", "unexpected_content", message, fix="Run the stage again.")
            parent_id, level = level[index].id, level[index].children
        return parent_id, level

    def _append(
        self,
        parent_id: str,
        children: Sequence[Mapping[str, Any]],
        covered: Sequence[MapEntry],
        position: Mapping[str, Any] | None,
        before: Collection[str],
        skip: int,
    ) -> list[str]:
        def write() -> list[str]:
            # Blocks that follow the new ones come back too (recorded exchanges of 2026-06-27).
            answer = self._notion.append_children(parent_id, children, position)
            return [block["id"] for block in answer[: len(children)]]

        def look(error: UnavailableError) -> list[str] | None:
            if len(error.committed_child_ids) == len(children):
                return list(error.committed_child_ids)
            present = read_children(self._notion, parent_id)[skip:]
            return find_run([block for block in present if block.id not in before], covered)

        return settle(self._context, write, look)

    def _insert(self, insert: Insert) -> None:
        position = None if insert.only else after_block(insert.after) if insert.after else START
        self.write(plan_requests(insert.nodes).requests, insert.parent_id, insert.entries, position, insert.siblings)

    def _update(self, update: Update) -> None:
        entry = update.entry

        def write() -> str:
            self._notion.update_block(entry.id, update_body(update.node))
            return entry.intended_sha256

        def look(_: UnavailableError) -> str | None:
            found = read_block(self._notion, entry.id)
            now = actual_block(found).sha256 if found else update.before_sha256
            return None if now == update.before_sha256 else now

        with noticing_changes(self._notion, entry.id):
            found_sha256 = settle(self._context, write, look)
        if found_sha256 == entry.intended_sha256:
            entry.settle_own()
        else:
            text = plain_text(update.node.content)
            self.kept_edits.append(KeptEdit(entry.id, entry.type, text, update.node.line, CONFLICT))
            entry.intended_sha256 = ""

    def _delete(self, delete: Delete) -> None:
        def write() -> bool:
            self._notion.delete_block(delete.entry.id)
            return True

        def look(error: UnavailableError) -> bool | None:
            if read_block(self._notion, delete.entry.id) is None:
                return True
            if error.code == WRITTEN_ELSEWHERE:
                raise page_changed()
            return None

        settle(self._context, write, look)
        delete.neighbours[:] = [entry for entry in delete.neighbours if entry is not delete.entry]


def _neighbours(position: Mapping[str, Any] | None) -> list[str]:
    return [position["after_block"]["id"]] if position and "after_block" in position else []


def find_run(present: Sequence[ActualBlock], covered: Sequence[MapEntry]) -> list[str] | None:
    """Returns the ids of the first blocks, side by side, that show just what was sent; None where there are none."""
    for start in range(len(present) - len(covered) + 1):
        run = present[start : start + len(covered)]
        if all(entry.wrote(block.sha256) for entry, block in zip(covered, run, strict=True)):
            return [block.id for block in run]
    return None
