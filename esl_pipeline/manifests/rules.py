"""What can be wrong with a manifest, a tenant file or a setting."""

from __future__ import annotations

from enum import StrEnum

from esl_pipeline.lessons.problems import Position, Problem, Severity


class Rule(StrEnum):
    """Ids of the rules, as they stand in problems and in docs/manifest.md."""

    FILE = "M-FILE"
    SYNTAX = "M-SYNTAX"
    LIMIT = "M-LIMIT"
    TAG = "M-TAG"
    DUPLICATE = "M-DUPLICATE"
    VERSION = "M-VERSION"
    UNKNOWN = "M-UNKNOWN"
    VALUE = "M-VALUE"
    LESSON = "M-LESSON"
    SETTING_UNKNOWN = "S-UNKNOWN"
    SETTING_VALUE = "S-VALUE"
    SETTING_FORM = "S-FORM"


MEANINGS: dict[Rule, str] = {
    Rule.FILE: "The file can be read: it is there, not too large, UTF-8, and named `.yaml`, `.yml`, `.json` or `.md`; "
    "a tenant has only one.",
    Rule.SYNTAX: "The file is one YAML or JSON document made of fields.",
    Rule.LIMIT: "The document is at most 200,000 characters, 10,000 values and 20 levels, aliases written out.",
    Rule.TAG: "YAML tags such as `!!python/object` are not used; those of plain text, numbers and lists are.",
    Rule.DUPLICATE: "No field, and no student, is given twice.",
    Rule.VERSION: "`schema_version` is given and known.",
    Rule.UNKNOWN: "Every field of the document is one that exists.",
    Rule.VALUE: "Every field of the document has a value of its kind.",
    Rule.LESSON: "`lesson` is the path of a `.md` file in the manifest's folder or below it.",
    Rule.SETTING_UNKNOWN: "Every setting is one that exists.",
    Rule.SETTING_VALUE: "Every setting has a value of its kind and in its range.",
    Rule.SETTING_FORM: "Settings of a run are written `key=value`.",
}
"""What each rule asks for."""


LONGEST_NAME = 60
"""Characters of a name in a message."""


def broken(rule: Rule, file: str, at: Position, message: str, fix: str = "") -> Problem:
    """Returns the problem of a broken rule; each one stops publication."""
    return Problem(rule, Severity.ERROR, at.line, at.column, message, fix, file)


def shown(name: str) -> str:
    """Returns a name from a file as it may stand in a message: short, on one line, quoted."""
    return repr(short(name))


def short(name: str) -> str:
    """Returns a name from a file in at most ``LONGEST_NAME`` characters."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def shown_path(path: str) -> str:
    """Returns the path of a setting as it may stand in a message; its last part may be any text."""
    return path if path.isprintable() and len(path) <= LONGEST_NAME else shown(path)
