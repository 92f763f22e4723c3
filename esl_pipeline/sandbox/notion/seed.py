"""What a new workspace holds: an empty table of homework, the students, and a table without relations."""

from __future__ import annotations

from dataclasses import replace

from esl_pipeline.sandbox import notion
from esl_pipeline.sandbox.notion import Json
from esl_pipeline.sandbox.notion.rich_text import rich_text_answer
from esl_pipeline.sandbox.notion.sources import new_column
from esl_pipeline.sandbox.notion.visit import Visit

STUDENTS = ("Amira", "Tomás", "Yuki", "Anna Kowalska", "Diego Fernández", "Li Wei", "Olena Shevchenko")
TOPICS = ("Travel", "Food", "Work", "Grammar")
LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")
STATUSES = ("Not started", "Assigned", "In progress", "Done")


def seed(visit: Visit) -> None:
    """Fills an empty workspace, as a person; does nothing to one that was used before."""
    if not visit.store.is_empty():
        return
    with visit.store.writing():
        students = _table(visit, notion.STUDENTS_DATABASE_ID, notion.STUDENTS_DATA_SOURCE_ID, "Students", _STUDENT)
        for name in STUDENTS:
            _row(visit, students, name)
        _table(visit, notion.HOMEWORK_DATABASE_ID, notion.HOMEWORK_DATA_SOURCE_ID, "Homework", _HOMEWORK)
        _table(visit, notion.PLAIN_DATABASE_ID, notion.PLAIN_DATA_SOURCE_ID, "Plain homework", _PLAIN)


def _options(*names: str) -> Json:
    return {"options": [{"name": name} for name in names]}


_STUDENT: Json = {"Name": {"title": {}}, "Level": {"select": _options(*LEVELS)}}
_HOMEWORK: Json = {
    "Name": {"title": {}},
    "Topic": {"multi_select": _options(*TOPICS)},
    "Level": {"select": _options(*LEVELS)},
    "Input type": {"select": _options("Reading", "Listening", "Speaking", "Writing")},
    "Status": {"status": _options(*STATUSES)},
    "Due": {"rich_text": {}},
    "Student": {"relation": {"data_source_id": notion.STUDENTS_DATA_SOURCE_ID, "single_property": {}}},
}
_PLAIN: Json = {"Name": {"title": {}}, "ESL Key": {"rich_text": {}}}


def _table(visit: Visit, database_id: str, source_id: str, name: str, columns: Json) -> str:
    title = rich_text_answer([{"text": {"content": name}}])
    place = visit.store.end_of(None)
    database = replace(visit.new_node("database", "", None, place, {"title": title}), id=database_id)
    made = {column: new_column(visit, column, wanted) for column, wanted in columns.items()}
    source = visit.new_node("data_source", "", database_id, 0, {"title": title, "properties": made})
    visit.store.insert([database])
    visit.store.insert([replace(source, id=source_id)])
    return source_id


def _row(visit: Visit, source_id: str, name: str) -> None:
    values = {"title": rich_text_answer([{"text": {"content": name}}])}
    content = {"values": values, "icon": None, "cover": None}
    visit.store.insert([visit.new_node("page", "", source_id, visit.store.end_of(source_id), content)])
