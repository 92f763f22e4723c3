"""A page's properties: the front matter in the columns that its data source has."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

from esl_pipeline.lessons.model import FrontMatter
from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.pages.column_values import UnfitValueError, column_value, is_writable
from esl_pipeline.pages.property_rules import PropertyRule, broken

Columns = Mapping[str, Mapping[str, Any]]

TITLE_ONLY: Columns = {"title": {"id": "title", "type": "title", "title": {}}}
"""The columns of a page under another page."""


@dataclass(frozen=True)
class PageProperties:
    """Values by column, as the API takes them, and what is wrong; with errors the page must not be written."""

    values: Mapping[str, Any]
    problems: tuple[Problem, ...]


def build_properties(
    front_matter: FrontMatter,
    columns: Columns,
    *,
    key_property: str | None,
    key: str,
    student_page_id: str | None,
    student_column: str = "",
) -> PageProperties:
    """Fills in the columns that the front matter has something for, each by its type.

    The title goes to the title column, whatever it is called. Topic, level, input type and student are written where
    there is a column of that name; ``properties`` of the author's wins over level, input type and student.

    Args:
        front_matter: of a valid lesson.
        columns: the data source's ``properties``; ``TITLE_ONLY`` under a page.
        key_property: text column for the key; need not be there yet. None under a page.
        key: the assignment's key.
        student_page_id: the student's page for a relation; None where it was not found.
        student_column: the relation that leads to the students; empty where only its name or being alone tells it.
    """
    filling = _Filling(columns)
    title = next((name for name, column in columns.items() if column["type"] == "title"), None)
    own = {title: "`title`", key_property: "the assignment's key", filling.named("topic"): "`topic`"}
    filling.fill_extra(front_matter, {name: source for name, source in own.items() if name is not None})
    if title is not None:
        filling.fill_named(title, front_matter.title)
    if key_property is not None:
        filling.values[key_property] = column_value({"type": "rich_text"}, key)
    filling.fill_named("topic", front_matter.topic)
    filling.fill_named("level", front_matter.level)
    filling.fill_named("input type", front_matter.input_type)
    filling.link_student(front_matter.student, student_page_id, student_column)
    return PageProperties(filling.values, tuple(filling.problems))


class _Filling:
    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._asked: set[str] = set()
        self.values: dict[str, Any] = {}
        self.problems: list[Problem] = []

    def named(self, name: str) -> str | None:
        """Returns the column of a name, whatever its case, outer blanks and underscores; the exact one of several."""
        if name in self._columns:
            return name
        return next((column for column in self._columns if _plain(column) == _plain(name)), None)

    def fill_named(self, name: str, value: str) -> None:
        """Writes what the lesson says anyway, where there is a column of that name which takes values."""
        column = self.named(name)
        if column is None or column in self._asked or not value.strip() or not is_writable(self._columns[column]):
            return
        try:
            self.values[column] = column_value(self._columns[column], value)
        except UnfitValueError as error:
            self.problems.append(broken(PropertyRule.FIELD, self._unfit(column, error), error.fix))

    def link_student(self, student: str, page_id: str | None, relation: str = "") -> None:
        """Writes the student's name, or the link to the student's page where the column is a relation."""
        column = self.named("student") or relation or None
        if column is not None and self._columns[column]["type"] != "relation":
            self.fill_named("student", student)
            return
        if page_id is None or column in self._asked:
            return
        relations = [name for name, found in self._columns.items() if found["type"] == "relation"]
        if column is None and len(relations) > 1:
            message = f"The page is not linked to its student: {_listed(relations)} are all relations."
            fix = "Name the one that leads to the students “Student”."
            self.problems.append(broken(PropertyRule.RELATION, message, fix))
            return
        self.values.setdefault(column or relations[0], {"relation": [{"id": page_id}]})

    def fill_extra(self, front_matter: FrontMatter, own: Mapping[str, str]) -> None:
        """Writes what the author asks for by column, but for what is the pipeline's ``own``, by column and source."""
        places = chain(front_matter.property_positions, repeat(None))
        for (asked, value), at in zip(front_matter.properties, places, strict=False):
            if value is None or (isinstance(value, str | list | tuple | dict) and not _filled(value)):
                continue
            column = self.named(asked)
            if column is None:
                self.problems.append(self._unknown(asked, at))
            elif column in own:
                message = f"The column “{column}” is written from {own[column]}; the entry was left out."
                self.problems.append(broken(PropertyRule.TWICE, message, "Remove the entry.", at))
            else:
                self._asked.add(column)
                self._fill_asked(column, value, at)

    def _fill_asked(self, column: str, value: object, at: Position | None) -> None:
        if not is_writable(self._columns[column]):
            kind = self._columns[column]["type"]
            message = f"The column “{column}” ({kind}) is filled in by Notion and can't be written."
            self.problems.append(broken(PropertyRule.READ_ONLY, message, "Remove the entry from `properties`.", at))
            return
        try:
            self.values[column] = column_value(self._columns[column], value)
        except UnfitValueError as error:
            self.problems.append(broken(PropertyRule.VALUE, self._unfit(column, error), error.fix, at))

    def _unfit(self, column: str, error: UnfitValueError) -> str:
        return f"The column “{column}” ({self._columns[column]['type']}) can't take this value: {error}."

    def _unknown(self, asked: str, at: Position | None) -> Problem:
        if self._columns == TITLE_ONLY:
            message = f"There is no column “{asked}”: the page stands under another page, where it has only a title."
            return broken(PropertyRule.COLUMN, message, "Remove the entry, or publish into a data source.", at)
        plain = {_plain(name): name for name in self._columns}
        near = [plain[name] for name in difflib.get_close_matches(_plain(asked), plain, n=2)]
        hint = f"Did you mean {_listed(near, ' or ')}?" if near else f"Its columns: {_listed(self._columns)}."
        return broken(PropertyRule.COLUMN, f"The data source has no column “{asked}”.", hint, at)


def _filled(value: Any) -> bool:
    return bool(value.strip() if isinstance(value, str) else value)


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())


def _listed(names: Iterable[str], between: str = ", ") -> str:
    return between.join(f"“{name}”" for name in names)
