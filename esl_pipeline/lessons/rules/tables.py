"""Tables."""

from __future__ import annotations

from collections.abc import Iterator

from esl_pipeline.lessons.draft import Draft, walk
from esl_pipeline.lessons.model import Table
from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.lessons.rules.table import broken


def check_tables(draft: Draft) -> Iterator[Problem]:
    """Looks for rows that don't fit together."""
    for block in walk(draft.blocks):
        if isinstance(block, Table):
            yield from _check(block)


def _check(table: Table) -> Iterator[Problem]:
    width = len(table.rows[0])
    if not width:
        yield broken(
            "V-TB1", table.position, "The first row of this table has no cells.", "Write “| word | meaning |”."
        )
        return
    if table.has_header and len(table.rows) == 1:
        yield broken(
            "V-TB3", table.position, "This table has a header, but no rows.", "Add a row below the line of ---."
        )
    for number, row in enumerate(table.rows[1:], start=1):
        if len(row) != width:
            position = Position(table.position.line + number + table.has_header, table.position.column)
            message = f"Row {number + 1 - table.has_header} has {len(row)} cells, the first line of the table {width}."
            yield broken("V-TB2", position, message, "Give all rows as many cells; a | inside a cell is written \\|.")
