"""A page's properties: the front matter in the columns that its data source has."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from esl_pipeline.lessons.model import FrontMatter
from esl_pipeline.lessons.problems import Problem, Severity
from esl_pipeline.pages.column_values import UnfitValueError, column_value, is_writable

UNKNOWN_COLUMN = "P-COLUMN"
WRITTEN_ELSEWHERE = "P-TWICE"
READ_ONLY = "P-READ-ONLY"
UNFIT_VALUE = "P-VALUE"
AMBIGUOUS_STUDENT = "P-RELATION"

Columns = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class PageProperties:
    """Values by column, as the API takes them, and warnings about what could not be written."""

    values: Mapping[str, Any]
    problems: tuple[Problem, ...]


def build_properties(
    front_matter: FrontMatter,
    columns: Columns,
    *,
    key_property: str,
    key: str,
    student_page_id: str | None,
) -> PageProperties:
    """Fills in the columns that the front matter has something for, each by its type.

    The title goes to the title column, whatever it is called. Topic, level, input type and student are written where
    there is a column of that name; ``properties`` of the author's wins over level, input type and student.

    Args:
        front_matter: of a valid lesson.
        columns: the data source's ``properties``.
        key_property: text column for the key; need not be there yet.
        key: the assignment's key.
        student_page_id: the student's page for a relation; None where it was not found.
    """
    filling = _Filling(columns)
    title = next((name for name, column in columns.items() if column["type"] == "title"), None)
    if title is not None:
        filling.fill(title, front_matter.title)
    filling.values[key_property] = column_value({"type": "rich_text"}, key)
    own = {title: "`title`", key_property: "the assignment's key", filling.named("topic"): "`topic`"}
    filling.fill_named("topic", front_matter.topic)
    filling.fill_named("level", front_matter.level)
    filling.fill_named("input type", front_matter.input_type)
    filling.link_student(front_matter.student, student_page_id)
    filling.fill_extra(front_matter.properties, {name: source for name, source in own.items() if name is not None})
    return PageProperties(filling.values, tuple(filling.problems))


class _Filling:
    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self.values: dict[str, Any] = {}
        self.problems: list[Problem] = []

    def named(self, name: str) -> str | None:
        """Returns the column of a name, whatever its case, outer blanks and underscores; the exact one of several."""
        if name in self._columns:
            return name
        return next((column for column in self._columns if _plain(column) == _plain(name)), None)

    def fill(self, name: str, value: object) -> None:
        """Writes a value to a column; one that does not fit becomes a problem."""
        try:
            self.values[name] = column_value(self._columns[name], value)
        except UnfitValueError as error:
            kind = self._columns[name]["type"]
            self._warn(UNFIT_VALUE, f"The column “{name}” ({kind}) was not written: {error}.", error.fix)

    def fill_named(self, name: str, value: str) -> None:
        """Writes a value where there is a column of that name which takes one."""
        column = self.named(name)
        if column is not None and column not in self.values and value.strip():
            self.fill(column, value)

    def link_student(self, student: str, page_id: str | None) -> None:
        """Writes the student's name, or the link to the student's page where the column is a relation."""
        column = self.named("student")
        if column is not None and self._columns[column]["type"] != "relation":
            self.fill_named("student", student)
            return
        if page_id is None:
            return
        relations = [name for name, found in self._columns.items() if found["type"] == "relation"]
        if column is None and len(relations) > 1:
            message = f"The page is not linked to its student: {_listed(relations)} are all relations."
            self._warn(AMBIGUOUS_STUDENT, message, "Name the one that leads to the students “Student”.")
            return
        self.values[column or relations[0]] = {"relation": [{"id": page_id}]}

    def fill_extra(self, properties: Iterable[tuple[str, object]], own: Mapping[str, str]) -> None:
        """Writes what the author asks for by column, but for what is the pipeline's ``own``, by column and source."""
        for asked, value in properties:
            column = self.named(asked)
            if value is None or (isinstance(value, str | list | tuple | dict) and not _filled(value)):
                continue
            if column is None:
                near = difflib.get_close_matches(_plain(asked), {_plain(name): name for name in self._columns}, n=2)
                self._unknown(asked, [name for name in self._columns if _plain(name) in near])
            elif column in own:
                message = (
                    f"The column “{column}” is written from {own[column]}; the entry in `properties` was left out."
                )
                self._warn(WRITTEN_ELSEWHERE, message, "Remove the entry.")
            elif not is_writable(self._columns[column]):
                kind = self._columns[column]["type"]
                message = f"The column “{column}” ({kind}) is filled in by Notion and can't be written."
                self._warn(READ_ONLY, message, "Remove the entry from `properties`.")
            else:
                self.fill(column, value)

    def _unknown(self, asked: str, near: list[str]) -> None:
        hint = f"Did you mean {_listed(near)}?" if near else f"Its columns: {_listed(self._columns)}."
        self._warn(UNKNOWN_COLUMN, f"The data source has no column “{asked}”.", hint)

    def _warn(self, rule: str, message: str, fix: str) -> None:
        self.problems.append(Problem(rule, Severity.WARNING, 1, 1, message, fix))


def _filled(value: Any) -> bool:
    return bool(value.strip() if isinstance(value, str) else value)


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
