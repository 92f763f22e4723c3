"""Reads a page block by block, each level at most once."""

from __future__ import annotations

from collections.abc import Sequence

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.pages.block_map import ActualBlock, MapEntry, actual_block, claim
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi

NOT_FOUND = 404


class PageReader:
    """Gives the blocks inside a page or block; costs one request per level and 100 blocks."""

    def __init__(self, context: JobContext, notion: NotionApi) -> None:
        self._context, self._notion = context, notion
        self._read: dict[str, tuple[ActualBlock, ...]] = {}

    def __call__(self, block_id: str) -> tuple[ActualBlock, ...]:
        """Returns the first-level blocks in order."""
        if block_id not in self._read:
            self._context.stop_if_cancelled()
            self._read[block_id] = read_children(self._notion, block_id)
        return self._read[block_id]


def read_children(notion: NotionApi, block_id: str) -> tuple[ActualBlock, ...]:
    """Returns the first-level blocks of a page or block, in order."""
    return tuple(actual_block(block) for block in notion.list_children(block_id) if not block.get("in_trash"))


def learn_ids(context: JobContext, notion: NotionApi, parent_id: str, level: Sequence[MapEntry]) -> None:
    """Reads the ids of blocks that were written inside a request for their parent."""
    context.stop_if_cancelled()
    present = read_children(notion, parent_id)
    for block_id, entry in claim(level, present).items():
        entry.id = block_id
    if [entry.type for entry in level] == [block.type for block in present]:
        for entry, block in zip(level, present, strict=True):
            entry.id = block.id


def read_page(notion: NotionApi, page_id: str) -> Json | None:
    """Returns a page, None where there is none or the connection may not see it."""
    try:
        return notion.retrieve_page(page_id)
    except RejectedError as error:
        if error.status != NOT_FOUND:
            raise
        return None


def read_block(notion: NotionApi, block_id: str) -> Json | None:
    """Returns a block, None where it is gone or in the trash."""
    try:
        block = notion.retrieve_block(block_id)
    except RejectedError as error:
        if error.status != NOT_FOUND:
            raise
        return None
    return None if block.get("in_trash") else block
