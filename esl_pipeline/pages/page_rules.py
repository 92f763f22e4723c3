"""What Notion can't show as it is written; each of these is only reported, with what the page shows instead."""

from __future__ import annotations

from esl_pipeline.lessons.problems import Position, Problem, Severity
from esl_pipeline.lessons.rules.table import Rule

PAGE_RULES: tuple[Rule, ...] = tuple(
    Rule(name, Severity.WARNING, meaning)
    for name, meaning in (
        ("N-EQ", "an equation has more than 1,000 characters; the page shows its source"),
        ("N-LK", "a link's address is one that Notion refuses, such as `tel:` or one of more than 2,000 characters"),
        ("N-FL", "the address of a picture or player is one that Notion refuses; the page shows it as text"),
        ("N-CL", "columns stand alone or directly inside another column; the page shows them below one another"),
        ("N-TW", "a table has more than 100 columns; the page shows several tables"),
        ("N-LN", "a text is longer, or has more changes of style, than a Notion block takes; it goes on in another"),
        ("N-LG", "Notion does not know the language of a code block; the page says *plain text*"),
        ("N-ID", "the id of a synced block is none, so that Notion will refuse the page"),
    )
)
_BY_ID = {rule.id: rule for rule in PAGE_RULES}


def broken(rule: str, position: Position, message: str, fix: str) -> Problem:
    """Reports that ``rule``, one of ``PAGE_RULES``, is broken at ``position``."""
    return Problem(rule, _BY_ID[rule].severity, position.line, position.column, message, fix)
