"""What can be wrong between a lesson and the place that takes its page."""

from __future__ import annotations

from enum import StrEnum

from esl_pipeline.lessons.problems import Position, Problem, Severity
from esl_pipeline.lessons.rules.documentation import rules_as_markdown as as_markdown
from esl_pipeline.lessons.rules.table import Rule


class PropertyRule(StrEnum):
    """Ids of the rules, as they stand in problems and in docs/real-notion.md."""

    COLUMN = "P-COLUMN"
    VALUE = "P-VALUE"
    READ_ONLY = "P-READ-ONLY"
    TWICE = "P-TWICE"
    FIELD = "P-FIELD"
    STUDENT = "P-STUDENT"
    RELATION = "P-RELATION"
    SYNCED = "P-SYNCED"
    EDIT = "P-EDIT"


_ERRORS = frozenset({PropertyRule.COLUMN, PropertyRule.VALUE, PropertyRule.READ_ONLY, PropertyRule.SYNCED})

MEANINGS: dict[PropertyRule, str] = {
    PropertyRule.COLUMN: "`properties` names a column that the data source does not have",
    PropertyRule.VALUE: "a value under `properties` does not fit the type of its column",
    PropertyRule.READ_ONLY: "`properties` names a column that Notion fills in by itself, such as a formula",
    PropertyRule.TWICE: "`properties` names the column of the title, the topic or the key; the entry is left out",
    PropertyRule.FIELD: "`topic`, `level`, `input_type` or `student` does not fit its column; it is left out",
    PropertyRule.STUDENT: "there is not exactly one page with the student's name, so the page is not linked to it",
    PropertyRule.RELATION: "several columns are relations and none is called *Student*; the page is not linked",
    PropertyRule.SYNCED: "the lesson shows a synced block that the connection can't read",
    PropertyRule.EDIT: "a person edited a block that the lesson has otherwise; it is left as it is on the page",
}
"""What breaks each rule, for a teacher."""


def severity_of(rule: PropertyRule) -> Severity:
    """Tells whether a rule stops the page from being written."""
    return Severity.ERROR if rule in _ERRORS else Severity.WARNING


def broken(rule: PropertyRule, message: str, fix: str, at: Position | None = None) -> Problem:
    """Returns the problem of a broken rule; in the lesson's first line where no place is known."""
    at = at or Position()
    return Problem(rule, severity_of(rule), at.line, at.column, message, fix)


def rules_as_markdown() -> str:
    """Returns what stands between ``<!-- rules -->`` and ``<!-- /rules -->``."""
    return as_markdown(Rule(rule, severity_of(rule), meaning) for rule, meaning in MEANINGS.items())
