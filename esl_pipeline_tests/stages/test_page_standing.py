"""What becomes of a publication whose page, columns or data source somebody changed meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from esl_pipeline_tests.page_stage import (
    Teacher,
    child_pages,
    lesson,
    make_database,
    make_page,
    make_top_page,
    source_of,
    text_value,
)
from esl_pipeline_tests.sandboxed import Sandboxed, flat

FIRST, SECOND = lesson(), lesson("At the Airport")


@pytest.fixture
def database(sandbox: Sandboxed, assignment: str) -> dict[str, Any]:
    """A data source that no other test changes."""
    return make_database(sandbox, f"Homework {assignment}", **{"ESL Key": {"rich_text": {}}})


@pytest.fixture
def teacher(sandbox: Sandboxed, assignment: str, database: dict[str, Any]) -> Teacher:
    """A teacher who has published a lesson there."""
    made = Teacher(sandbox, assignment, (f"notion.database_id={database['id']}",))
    made.publish(FIRST)
    return made


def rows(sandbox: Sandboxed, database: dict[str, Any]) -> list[str]:
    found = sandbox.notion("POST", f"data_sources/{source_of(database)}/query", {})["results"]
    return [page["id"] for page in found]


def unreachable(*paths: str, status: str = "404") -> list[dict[str, Any]]:
    code = {"404": "object_not_found", "403": "restricted_resource"}[status]
    return [{"vendor": "notion", "path": path, "kind": status, "code": code, "every": 1} for path in paths]


def test_a_page_in_the_trash_is_made_anew_and_the_publication_says_so(
    sandbox: Sandboxed, teacher: Teacher, database: dict[str, Any]
) -> None:
    first = teacher.page.id
    sandbox.notion("PATCH", f"pages/{first}", {"in_trash": True})
    outcome = teacher.publish(FIRST)
    assert outcome.reason == "the page is in the trash; a new one was created"
    assert rows(sandbox, database) == [teacher.page.id]
    assert teacher.page.id != first
    stage = sandbox.pipeline().assignment_status("school", teacher.assignment).stages[-1]
    assert "in the trash" in stage.reason


def test_a_page_in_something_that_is_in_the_trash_is_made_anew(
    sandbox: Sandboxed, teacher: Teacher, database: dict[str, Any]
) -> None:
    first = teacher.page.id
    archive = make_top_page(sandbox, f"Archive {teacher.assignment}")
    sandbox.notion("POST", f"pages/{first}/move", {"parent": {"page_id": archive}})
    assert teacher.publish(FIRST).status == "skipped"
    sandbox.notion("PATCH", f"pages/{archive}", {"in_trash": True})
    outcome = teacher.publish(FIRST)
    assert f"the page “Archive {teacher.assignment}” around the page is in the trash" in outcome.reason
    assert "a new one was created" in outcome.reason
    assert rows(sandbox, database) == [teacher.page.id]
    assert teacher.page.id != first


def test_a_data_source_in_the_trash_is_told(sandbox: Sandboxed, teacher: Teacher, database: dict[str, Any]) -> None:
    sandbox.notion("PATCH", f"data_sources/{source_of(database)}", {"in_trash": True})
    for text in (SECOND, FIRST.replace("Phrases.", "Other phrases.")):
        error = teacher.refused(text, f"notion.data_source_id={source_of(database)}")
        assert error.code == "target_in_trash"
        assert "Restore" in error.fix


def test_a_page_above_that_is_in_the_trash_is_told(sandbox: Sandboxed, assignment: str) -> None:
    above = make_top_page(sandbox, assignment)
    teacher = Teacher(sandbox, assignment, (f"notion.parent_page_id={above}",))
    teacher.publish(FIRST)
    sandbox.notion("PATCH", f"pages/{above}", {"in_trash": True})
    for text in (FIRST.replace("Phrases.", "Other phrases."), SECOND):
        assert teacher.refused(text).code == "target_in_trash"
    sandbox.notion("PATCH", f"pages/{above}", {"in_trash": False})
    sandbox.notion("PATCH", f"pages/{teacher.page.id}", {"in_trash": True})
    sandbox.notion("PATCH", f"pages/{above}", {"in_trash": True})
    assert teacher.refused(FIRST).code == "target_in_trash"


def test_a_page_that_was_deleted_for_good_is_made_anew_only_when_forced(
    sandbox: Sandboxed, teacher: Teacher, database: dict[str, Any]
) -> None:
    gone = teacher.page.id
    with sandbox.faults(*unreachable(f"pages/{gone}")):
        for text in (FIRST, SECOND):
            error = _refused_with_key_cleared(sandbox, teacher, text, gone or "")
            assert error.code == "page_gone"
            assert "--steps page --force" in error.fix
        outcome = teacher.publish(FIRST, force=True)
    assert outcome.reason == "the page was deleted for good; a new one was created"
    assert teacher.page.id != gone


def _refused_with_key_cleared(sandbox: Sandboxed, teacher: Teacher, text: str, page_id: str) -> Any:
    """A page that is gone is not found by its key either; here it can't be deleted, so its key is cleared."""
    sandbox.edit(page_id=page_id, body={"properties": {"ESL Key": {"rich_text": []}}})
    return teacher.refused(text)


def test_a_page_that_is_out_of_reach_but_carries_the_key_elsewhere_is_found(
    sandbox: Sandboxed, teacher: Teacher, database: dict[str, Any]
) -> None:
    first = teacher.page.id or ""
    sandbox.edit(page_id=first, body={"properties": {"ESL Key": {"rich_text": []}}})
    copy = make_page(sandbox, "At the Station", {"data_source_id": source_of(database)})["id"]
    sandbox.edit(page_id=copy, body={"properties": {"ESL Key": {"rich_text": text_value(teacher.key)}}})
    with sandbox.faults(*unreachable(f"pages/{first}")):
        outcome = teacher.publish(FIRST)
    assert "a page with the assignment's key was found" in outcome.reason
    assert teacher.page.id == copy


@pytest.mark.parametrize("status", ["404", "403"])
def test_a_connection_that_lost_its_access_is_told_to_share_again(
    sandbox: Sandboxed, teacher: Teacher, database: dict[str, Any], status: str
) -> None:
    everything = unreachable("/pages/", "/data_sources/", "/databases/", "/blocks/", status=status)
    with sandbox.faults(*everything):
        error = teacher.refused(FIRST)
    assert error.status == int(status)
    if status == "404":
        assert error.code == "no_access"
        assert str(teacher.page.url) in error.message
        assert "Share the place again" in error.fix
    else:
        assert error.code == "restricted_resource"
    assert teacher.publish(FIRST).status == "skipped"


def test_a_database_whose_data_source_was_replaced_is_told(
    sandbox: Sandboxed, teacher: Teacher, database: dict[str, Any]
) -> None:
    old, page_id = source_of(database), teacher.page.id or ""
    columns: dict[str, Any] = {"Name": {"title": {}}, "ESL Key": {"rich_text": {}}}
    body = {"parent": {"database_id": database["id"]}, "title": text_value("New"), "properties": columns}
    new = sandbox.notion("POST", "data_sources", body)["id"]
    sandbox.notion("PATCH", f"data_sources/{old}", {"in_trash": True})
    error = teacher.refused(SECOND)
    assert error.code == "data_source_replaced"
    assert all(part in error.message for part in (old, new, page_id, "is still there"))
    sandbox.notion("PATCH", f"data_sources/{old}", {"in_trash": False})
    teacher.publish(SECOND, f"notion.data_source_id={old}")
    assert teacher.page.id == page_id
    outcome = teacher.publish(SECOND.replace("Travel", "Cities"), f"notion.data_source_id={new}")
    assert "the page in the old one was left as it is" in outcome.reason
    assert teacher.page.id != page_id


def test_a_renamed_key_column_never_leads_to_a_second_page(
    sandbox: Sandboxed, teacher: Teacher, database: dict[str, Any]
) -> None:
    page_id = teacher.page.id
    sandbox.notion("PATCH", f"data_sources/{source_of(database)}", {"properties": {"ESL Key": {"name": "Our key"}}})
    assert teacher.publish(FIRST).status == "skipped"
    error = teacher.refused(SECOND)
    assert error.code == "key_column_missing"
    assert "no column “ESL Key” any more; it is called “Our key” now" in error.message
    assert "is still there" in error.message
    sandbox.notion("PATCH", f"pages/{page_id}", {"in_trash": True})
    assert "is in the trash" in teacher.refused(FIRST).message
    with sandbox.faults(*unreachable(f"pages/{page_id}")):
        assert "can't be read any more" in teacher.refused(FIRST).message
    sandbox.notion("PATCH", f"pages/{page_id}", {"in_trash": False})
    teacher.publish(SECOND, "notion.key_property=Our key")
    assert teacher.page.id == page_id
    assert rows(sandbox, database) == [page_id]


def test_a_renamed_title_column_changes_nothing(sandbox: Sandboxed, teacher: Teacher, database: dict[str, Any]) -> None:
    page_id = teacher.page.id
    sandbox.notion("PATCH", f"data_sources/{source_of(database)}", {"properties": {"Name": {"name": "Lesson"}}})
    teacher.publish(SECOND)
    assert teacher.page.id == page_id
    page = sandbox.notion("GET", f"pages/{page_id}")
    assert page["properties"]["Lesson"]["title"][0]["plain_text"] == "At the Airport"


def test_a_column_that_the_lesson_names_and_that_was_renamed_is_told_with_the_nearest(
    sandbox: Sandboxed, teacher: Teacher, database: dict[str, Any]
) -> None:
    where = f"data_sources/{source_of(database)}"
    sandbox.notion("PATCH", where, {"properties": {"Due date": {"date": {}}}})
    teacher.publish(lesson(properties="{Due date: 2026-11-30}"))
    sandbox.notion("PATCH", where, {"properties": {"Due date": {"name": "Due dates"}}})
    (problem,) = teacher.problems(lesson(properties="{Due date: 2026-12-01}")).problems
    assert (problem.rule, problem.fix) == ("P-COLUMN", "Did you mean “Due dates”?")


def test_a_page_that_a_person_moved_is_told_when_its_properties_change(
    sandbox: Sandboxed, teacher: Teacher, database: dict[str, Any]
) -> None:
    page_id = teacher.page.id or ""
    above = make_top_page(sandbox, teacher.assignment)
    sandbox.notion("POST", f"pages/{page_id}/move", {"parent": {"page_id": above}})
    teacher.publish(FIRST.replace("Phrases.", "Other phrases."))
    assert "Other phrases." in [tree.text for tree in flat(sandbox.tree(page_id))]
    assert teacher.refused(SECOND).code == "page_moved"
    replace(teacher, settings=(f"notion.parent_page_id={above}",)).publish(SECOND)
    assert teacher.page.id == page_id
    (child,) = child_pages(sandbox, above)
    assert child["child_page"]["title"] == "At the Airport"


def test_a_page_whose_place_was_changed_in_the_settings_is_left_and_a_new_one_made(
    sandbox: Sandboxed, teacher: Teacher, database: dict[str, Any]
) -> None:
    first = teacher.page.id
    above = make_top_page(sandbox, teacher.assignment)
    outcome = replace(teacher, settings=(f"notion.parent_page_id={above}",)).publish(SECOND)
    assert "the page in the old one was left as it is" in outcome.reason
    assert [child["id"] for child in child_pages(sandbox, above)] == [teacher.page.id]
    assert rows(sandbox, database) == [first]
