"""Code, which lessons don't need."""

from __future__ import annotations

from collections.abc import Iterator

from esl_pipeline.lessons.draft import Draft, flow
from esl_pipeline.lessons.model import Code, Heading, ListItem, Paragraph
from esl_pipeline.lessons.problems import Problem
from esl_pipeline.lessons.rules.table import broken

CODE_COLUMN = 5
"""Where Markdown elsewhere would see code."""


def check_code(draft: Draft) -> Iterator[Problem]:
    """Reports code blocks, and text that other programs would take for one."""
    for block in flow(draft.blocks):
        if isinstance(block, Code):
            yield broken("V-CB", block.position, "Here is a code block.", "Write the text without it.")
    for block in draft.blocks:
        if isinstance(block, Paragraph | ListItem | Heading) and block.position.column >= CODE_COLUMN:
            message = "This is indented like code; the page shows it as text."
            yield broken("V-CB", block.position, message, "Take away the blanks before it.")
