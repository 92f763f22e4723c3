"""The blocks of other pages that a lesson shows, looked at before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.lessons import Position
from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.property_rules import PropertyRule, broken
from esl_pipeline.stages.asking import AskingError
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import NotionApi
from esl_pipeline.stages.page_read import read_block

NOT_THERE = frozenset({None, 400})
"""Statuses of an id that can't be one; a block that is not there, or not shared, is read as None."""


def check_references(context: JobContext, notion: NotionApi, nodes: Iterable[BlockNode]) -> None:
    """Costs one request per synced block that refers to another.

    Raises:
        AskingError: some of them are not there or not shared; all are told, with their lines.
    """
    problems = tuple(
        broken(PropertyRule.SYNCED, f"The synced block {block_id} can't be read.", FIX, Position(line))
        for line, block_id in _references(nodes)
        if not _is_there(context, notion, block_id)
    )
    if problems:
        raise AskingError(problems)


FIX = "Copy the id of a synced block that exists, and share its page with the connection."


def _references(nodes: Iterable[BlockNode]) -> Iterator[tuple[int, str]]:
    for node in nodes:
        source = node.content.get("synced_from") if node.type == "synced_block" else None
        if source:
            yield node.line, str(source["block_id"])
        yield from _references(node.children)


def _is_there(context: JobContext, notion: NotionApi, block_id: str) -> bool:
    context.stop_if_cancelled()
    try:
        return read_block(notion, block_id) is not None
    except RejectedError as error:
        if error.status not in NOT_THERE:
            raise
        return False
