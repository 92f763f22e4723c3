"""Rules as a table for docs/lesson-format.md."""

from __future__ import annotations

from collections.abc import Iterable

from esl_pipeline.lessons.rules.table import Rule


def rules_as_markdown(rules: Iterable[Rule]) -> str:
    """Returns what stands between the marks around the table of ``rules``."""
    rows = (f"| `{rule.id}` | {rule.severity} | {rule.meaning} |" for rule in rules)
    return "\n".join(("| rule | | is broken where |", "|---|---|---|", *rows))
