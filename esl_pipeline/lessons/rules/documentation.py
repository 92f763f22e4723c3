"""The rules as a table for docs/lesson-format.md."""

from __future__ import annotations

from esl_pipeline.lessons.rules.table import RULES


def rules_as_markdown() -> str:
    """Returns what stands between ``<!-- rules -->`` and ``<!-- /rules -->``."""
    rows = (f"| `{rule.id}` | {rule.severity} | {rule.meaning} |" for rule in RULES)
    return "\n".join(("| rule | | is broken where |", "|---|---|---|", *rows))
