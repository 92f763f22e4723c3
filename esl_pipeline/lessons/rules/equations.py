"""Equations that are spoken."""

from __future__ import annotations

from collections.abc import Iterator

from esl_pipeline.lessons.draft import Draft, walk
from esl_pipeline.lessons.model import Block, Equation, Runs, Table
from esl_pipeline.lessons.problems import Problem
from esl_pipeline.lessons.rules.table import broken
from esl_pipeline.lessons.spoken_lines import study_texts


def check_equations(draft: Draft) -> Iterator[Problem]:
    """Looks for equations in study texts."""
    for block in walk(tuple(study_texts(draft.blocks))):
        for source in _equations_of(block):
            message = f"The equation “{source[:40]}” is spoken as it is written."
            yield broken("V-EQ", block.position, message, "Write in words how it is read aloud.")


def _equations_of(block: Block) -> Iterator[str]:
    if isinstance(block, Equation):
        yield block.expression
    cells = [cell for row in block.rows for cell in row] if isinstance(block, Table) else ()
    texts: list[Runs] = [getattr(block, "runs", ()), *cells]
    yield from (run.content for runs in texts for run in runs if run.equation)
