"""What of a lesson a Notion page can't show as it is written, found before anything is sent."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from esl_pipeline.lessons import model
from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.lessons.runs import is_link_target
from esl_pipeline.pages.code_languages import ALIASES, LANGUAGES, is_language
from esl_pipeline.pages.leaf_blocks import MAX_COLUMNS
from esl_pipeline.pages.page_rules import broken
from esl_pipeline.pages.rich_text import MAX_ARRAY_CHARACTERS, is_equation, is_web_address, may_be_link, rich_text

_BLOCK_ID = re.compile(r"[0-9a-f]{32}$", re.IGNORECASE)


def page_problems(lesson: model.Lesson, *, file: str = "") -> tuple[Problem, ...]:
    """Returns what the page shows otherwise than the lesson has it, in file order."""
    found = dict.fromkeys(_side_by_side(lesson.blocks, in_column=False))
    return tuple(replace(problem, file=file) for problem in sorted(found, key=lambda it: (it.line, it.column)))


def _side_by_side(blocks: Sequence[model.Block], *, in_column: bool) -> Iterator[Problem]:
    for block in blocks:
        yield from _check(block)
        if isinstance(block, model.ColumnList):
            yield from _check_columns(block, in_column=in_column)
            laid_out = in_column or len(block.columns) < 2
            for column in block.columns:
                yield from _side_by_side(column.children, in_column=in_column or not laid_out)
        else:
            yield from _side_by_side(getattr(block, "children", ()), in_column=False)


def _check(block: model.Block) -> Iterator[Problem]:
    match block:
        case model.Table():
            yield from _check_table(block)
        case model.Code():
            yield from _check_code(block)
        case model.Equation() if not is_equation(block.expression):
            fix = "Write it as several equations."
            yield broken("N-EQ", block.position, "This equation is too long; the page shows it as code.", fix)
        case model.Image():
            yield from _check_file(block.url, (model.Run(block.alt),), "picture", block.position)
        case model.Media():
            yield from _check_file(block.url, block.caption, block.kind, block.position)
        case model.SyncedBlock(source_id=str(source)) if not _BLOCK_ID.match(source.replace("-", "")):
            message = f"“{source[:40]}” is no block id of Notion's, which has 32 digits from 0 to 9 and a to f."
            yield broken("N-ID", block.position, message, "Copy the block's link in Notion; the id stands at its end.")
    yield from _check_text(getattr(block, "runs", ()), block.position)


def _check_text(runs: model.Runs, position: Position, most: int = MAX_ARRAY_CHARACTERS) -> Iterator[Problem]:
    if len(rich_text(runs, most=most)) > 1:
        message = "This text is too long, or changes its style too often, for one block; it goes on in another."
        yield broken("N-LN", position, message, "Write several paragraphs.")
    for number, run in enumerate(runs):
        line = position.line + sum(before.content.count("\n") for before in runs[:number])
        where = position if line == position.line else Position(line, 1)
        if run.equation and not is_equation(run.content):
            message = f"The equation “{run.content[:20]}…” is too long; the page shows its source."
            yield broken("N-EQ", where, message, "Write it as several equations.")
        if run.link is not None and (run.equation or not may_be_link(run.link)):
            message = f"The page shows “{run.content[:40]}” without its link to {run.link[:60]}."
            fix = "Link the words beside the equation." if run.equation else "Use a shorter web or mail address."
            yield broken("N-LK", where, message, fix)


def _check_table(table: model.Table) -> Iterator[Problem]:
    if len(table.rows[0]) > MAX_COLUMNS:
        message = f"This table has more than {MAX_COLUMNS} columns; the page shows several tables."
        yield broken("N-TW", table.position, message, "Split it.")
    for number, row in enumerate(table.rows):
        line = table.position.line + number + (table.has_header and number > 0)
        for cell in row:
            most = MAX_ARRAY_CHARACTERS // min(len(row), MAX_COLUMNS)
            yield from _check_text(cell, Position(line, table.position.column), most)


def _check_code(code: model.Code) -> Iterator[Problem]:
    yield from _check_text((model.Run(code.content),), code.position)
    if code.language and not is_language(code.language):
        near = difflib.get_close_matches(code.language, [*LANGUAGES, *ALIASES], n=1)
        fix = f"Did you mean {near[0]}?" if near else "Leave the language out, or choose one of Notion's."
        message = f"Notion does not know the language “{code.language}”; the page says plain text."
        yield broken("N-LG", code.position, message, fix)


def _check_file(url: str, caption: model.Runs, what: str, position: Position) -> Iterator[Problem]:
    if is_link_target(url) and not is_web_address(url):
        message = f"Notion takes no {what} from {url[:60]}; the page shows the address as text."
        yield broken("N-FL", position, message, "Use an http or https address of at most 2,000 characters.")
    yield from _check_text(caption, position)


def _check_columns(column_list: model.ColumnList, *, in_column: bool) -> Iterator[Problem]:
    if in_column:
        message = "These columns stand directly inside another column; the page shows them below one another."
        yield broken(
            "N-CL", column_list.position, message, "Put a toggle or callout around them, or lay them out anew."
        )
    elif len(column_list.columns) == 1:
        message = "This column list has one column; the page shows what is in it as if there were none."
        yield broken("N-CL", column_list.position, message, "Add a column, or take the column list away.")
