"""Finds the student's page, which the lesson's page is linked to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.pages.fingerprint import normal_id
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stages.page_lookup import Lookup, in_trash, title_of
from esl_pipeline.stages.page_schemas import Schemas
from esl_pipeline.stages.page_target import column_named

NOT_REACHED = frozenset({None, 400, 403, 404})
"""Statuses of a data source that is not there, not shared, or not one: None is our own word for the last."""


@dataclass(frozen=True)
class StudentLink:
    """The student's page, or why there is none; ``why`` is empty where the data source has no relation to students.

    ``column`` is the relation's name, empty where there is none.
    """

    page_id: str | None = None
    why: str = ""
    column: str = ""


def find_student(
    context: JobContext, notion: NotionApi, schemas: Schemas, columns: Mapping[str, Any], student: str
) -> StudentLink:
    """Finds the page whose title is just the student's name, in the data source that the relation leads to."""
    column = _student_column(context, columns)
    if not column or not student:
        return StudentLink()
    return replace(_find(context, notion, schemas, columns[column]["relation"], student), column=column)


def _find(
    context: JobContext, notion: NotionApi, schemas: Schemas, relation: Mapping[str, Any], student: str
) -> StudentLink:
    source_id = context.settings.notion.students_data_source_id or relation.get("data_source_id")
    if not source_id:
        return StudentLink(None, "the relation names no data source; set notion.students_data_source_id")
    try:
        source = Lookup(context, notion, schemas).data_source(source_id, "notion.students_data_source_id")
        pages = _pages_titled(context, notion, source, student)
    except RejectedError as error:
        if error.status not in NOT_REACHED:
            raise
        return StudentLink(None, f"the students can't be read: {error.message}")
    if len(pages) == 1:
        return StudentLink(pages[0]["id"])
    return StudentLink(None, f"{len(pages) or 'no'} pages have just that title")


def _pages_titled(context: JobContext, notion: NotionApi, source: Json, title: str) -> list[Json]:
    name = next(name for name, column in source["properties"].items() if column["type"] == "title")
    context.stop_if_cancelled()
    found = notion.query_data_source(source["id"], {"property": name, "title": {"equals": title}})
    # Notion's comparison ignores case; a name is taken only as it is spelled.
    return [page for page in found if title_of(page) == title.strip() and not in_trash(page)]


def _student_column(context: JobContext, columns: Mapping[str, Any]) -> str:
    name = column_named(columns, "Student")
    if name is not None and columns[name]["type"] == "relation":
        return name
    students = normal_id(context.settings.notion.students_data_source_id or "")
    relations = {name: column["relation"] for name, column in columns.items() if column["type"] == "relation"}
    leading = (n for n, found in relations.items() if normal_id(found.get("data_source_id") or "") == students)
    return next(leading, "") if students else ""
