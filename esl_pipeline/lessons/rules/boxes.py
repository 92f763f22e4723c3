"""Callouts, columns and synced blocks."""

from __future__ import annotations

from collections.abc import Iterator

from esl_pipeline.lessons.draft import Draft, walk
from esl_pipeline.lessons.emoji import is_emoji
from esl_pipeline.lessons.model import Callout, ColumnList, SyncedBlock
from esl_pipeline.lessons.problems import Problem
from esl_pipeline.lessons.rules.table import broken


def check_boxes(draft: Draft) -> Iterator[Problem]:
    """Looks for what is missing in blocks that hold others."""
    for block in walk(draft.blocks):
        match block:
            case Callout():
                yield from _check_callout(block)
            case ColumnList():
                yield from _check_columns(block)
            case SyncedBlock(source_id=None, children=()):
                fix = "Write what it shows before its “:::”, or the id of the block behind its name."
                yield broken("V-SB2", block.position, "This synced block is empty.", fix)


def _check_callout(callout: Callout) -> Iterator[Problem]:
    if not callout.icon:
        yield broken("V-CO1", callout.position, "This callout has no icon.", "Write an emoji: “:::callout 💡”.")
    elif not is_emoji(callout.icon):
        message = f"The icon of a callout must be one emoji, not “{callout.icon}”."
        yield broken("V-IC", callout.position, message, "Write an emoji, then the text: “:::callout 💡 Tip”.")
    if not callout.runs and not callout.children:
        yield broken("V-CO2", callout.position, "This callout is empty.", "Write its text before its “:::”.")


def _check_columns(column_list: ColumnList) -> Iterator[Problem]:
    if not column_list.columns:
        fix = "Write “:::column” and “:::” around each of the texts that stand side by side."
        yield broken("V-CL1", column_list.position, "This column list has no columns.", fix)
    for number, column in enumerate(column_list.columns, start=1):
        if not column.children:
            fix = "Write something into it, or take it away."
            yield broken("V-CL2", column.position, f"Column {number} of this column list is empty.", fix)
