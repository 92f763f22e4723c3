from __future__ import annotations

from typing import Any

import pytest

from esl_pipeline.clients.errors import UnavailableError
from esl_pipeline.manifests.settings import Settings
from esl_pipeline.stages.context import create_context
from esl_pipeline.stages.page_schemas import MOST_KEPT, Schemas
from esl_pipeline_tests.page_stage import (
    Teacher,
    changes,
    child_pages,
    lesson,
    make_database,
    make_page,
    make_top_page,
    source_of,
    text_value,
)
from esl_pipeline_tests.sandboxed import Sandboxed, flat

KEY: dict[str, Any] = {"ESL Key": {"rich_text": {}}}
NOBODY = "00000000-0000-4000-8000-00000000dead"


@pytest.fixture
def teacher(sandbox: Sandboxed, assignment: str) -> Teacher:
    return Teacher(sandbox, assignment)


def parent_of(teacher: Teacher) -> dict[str, str]:
    parent: dict[str, str] = teacher.sandbox.notion("GET", f"pages/{teacher.page.id}")["parent"]
    return parent


def test_every_way_to_name_a_data_source_leads_to_it(teacher: Teacher) -> None:
    name = f"Homework of {teacher.assignment}"
    database = make_database(teacher.sandbox, name, **KEY)
    for setting in (
        f"notion.data_source_id={source_of(database)}",
        f"notion.database_id={database['id']}",
        f"notion.database_id=https://www.notion.so/school/Homework-{database['id'].replace('-', '')}?v={NOBODY}",
        f"notion.database_name= {name.upper()} ",
        f"notion.data_source_name={name}",
    ):
        outcome = teacher.publish(lesson(), setting)
        assert parent_of(teacher)["data_source_id"] == source_of(database), setting
        assert outcome.metrics["notion/page_id"] == teacher.page.id


def test_a_data_source_is_chosen_by_its_name_in_its_database(teacher: Teacher) -> None:
    database = make_database(teacher.sandbox, f"Two of {teacher.assignment}", **KEY)
    body = {
        "parent": {"database_id": database["id"]},
        "title": text_value("Old lessons"),
        "properties": {"Name": {"title": {}}, **KEY},
    }
    second = teacher.sandbox.notion("POST", "data_sources", body)
    error = teacher.refused(lesson(), f"notion.database_id={database['id']}")
    assert error.code == "several_data_sources"
    assert source_of(database) in error.message
    assert f"“Old lessons” {second['id']}" in error.message
    where = f"notion.database_id={database['id']}"
    assert teacher.refused(lesson(), where, "notion.data_source_name=Older").code == "no_data_source"
    teacher.publish(lesson(), where, "notion.data_source_name=old lessons")
    assert parent_of(teacher)["data_source_id"] == second["id"]


def test_the_id_of_another_kind_is_told_with_what_to_set(teacher: Teacher) -> None:
    database = make_database(teacher.sandbox, f"Kinds of {teacher.assignment}", **KEY)
    page = make_page(teacher.sandbox, "A page", {"data_source_id": source_of(database)})["id"]
    for setting, wrong, said, fix in (
        ("data_source_id", database["id"], "is the id of a database", "notion.database_id"),
        ("data_source_id", page, "is the id of a page, “A page”", "notion.parent_page_id"),
        ("database_id", source_of(database), "is the id of a data source", "notion.data_source_id"),
        ("database_id", page, "is the id of a page", "notion.parent_page_id"),
        ("parent_page_id", database["id"], "is the id of a database", "notion.database_id"),
        ("parent_page_id", source_of(database), "is the id of a data source", "notion.data_source_id"),
    ):
        error = teacher.refused(lesson(), f"notion.{setting}={wrong}")
        assert error.code == "wrong_kind"
        assert f"notion.{setting} {said}" in error.message
        assert fix in error.fix


@pytest.mark.parametrize("setting", ["data_source_id", "database_id", "parent_page_id"])
def test_an_id_of_nothing_that_is_shared_is_told_with_its_setting(teacher: Teacher, setting: str) -> None:
    error = teacher.refused(lesson(), f"notion.{setting}={NOBODY}")
    assert (error.code, error.status) == ("object_not_found", 404)
    assert f"notion.{setting}" in error.fix
    assert "Connections" in error.fix


@pytest.mark.parametrize("setting", ["database_name", "data_source_name"])
def test_a_name_that_search_does_not_find_says_what_search_can_not_do(teacher: Teacher, setting: str) -> None:
    near = f"Nearly {teacher.assignment}"
    make_database(teacher.sandbox, near)
    error = teacher.refused(lesson(), f"notion.{setting}={teacher.assignment}")
    assert error.code == "not_found_by_name"
    assert near in error.message
    assert "lags behind" in error.fix
    assert "not complete" in error.fix


@pytest.mark.parametrize("setting", ["database_name", "data_source_name"])
def test_a_name_that_several_have_lists_them(teacher: Teacher, setting: str) -> None:
    name = f"Twice {teacher.assignment} {setting}"
    made = [make_database(teacher.sandbox, name) for _ in range(2)]
    error = teacher.refused(lesson(), f"notion.{setting}={name}")
    assert error.code == "several_by_name"
    for database in made:
        assert (database["id"] if setting == "database_name" else source_of(database)) in error.message


def test_no_data_source_is_read_twice_in_a_run(sandbox: Sandboxed, teacher: Teacher) -> None:
    with sandbox.watched("notion") as seen:
        teacher.publish(lesson(student="Anna"))
    reads = [entry["path"] for entry in seen if entry["method"] == "GET" and "/data_sources/" in entry["path"]]
    assert len(reads) == len(set(reads)) == 2


def test_properties_that_do_not_fit_stop_the_page_before_anything_is_written(teacher: Teacher) -> None:
    text = lesson(properties="\n  Statsu: Done\n  Topic: Other\n  Status: Nearly\n  Points: many")
    database = make_database(
        teacher.sandbox,
        f"Strict {teacher.assignment}",
        Points={"number": {}},
        Status={"status": {"options": [{"name": "Done"}]}},
    )
    found = {
        problem.rule: problem for problem in teacher.problems(text, f"notion.database_id={database['id']}").problems
    }
    lines = text.splitlines()
    assert set(found) == {"P-COLUMN", "P-VALUE"}
    assert lines[found["P-COLUMN"].line - 1].strip().startswith(("Statsu", "Topic"))
    assert found["P-COLUMN"].column == 3
    assert found["P-COLUMN"].file.endswith(".md")
    source = teacher.sandbox.notion("GET", f"data_sources/{source_of(database)}")
    assert "ESL Key" not in source["properties"]


def test_a_student_who_is_not_found_is_linked_by_a_later_run(sandbox: Sandboxed, teacher: Teacher) -> None:
    students = make_database(sandbox, f"Students of {teacher.assignment}")
    relation = {"relation": {"data_source_id": source_of(students), "single_property": {}}}
    homework = make_database(sandbox, f"Linked {teacher.assignment}", Student=relation, **KEY)
    where = f"notion.database_id={homework['id']}"
    outcome = teacher.publish(lesson(student="Zoë"), where)
    assert "no pages" in outcome.metrics["notion/unlinked_student"]
    assert [problem.rule for problem in outcome.problems] == ["P-STUDENT"]
    student = make_page(sandbox, "Zoë", {"data_source_id": source_of(students)})
    outcome = teacher.publish(lesson(student="Zoë"), where)
    assert outcome.metrics["notion/unlinked_student"] == ""
    page = sandbox.notion("GET", f"pages/{teacher.page.id}")
    assert page["properties"]["Student"]["relation"] == [{"id": student["id"]}]
    assert teacher.publish(lesson(student="Zoë"), where).status == "skipped"


def test_students_named_by_their_database_are_told_apart_from_students_not_found(
    sandbox: Sandboxed, teacher: Teacher
) -> None:
    students = make_database(sandbox, f"Learners of {teacher.assignment}")
    outcome = teacher.publish(lesson(student="Anna"), f"notion.students_data_source_id={students['id']}")
    (problem,) = outcome.problems
    assert problem.rule == "P-STUDENT"
    assert "notion.students_data_source_id is the id of a database" in problem.message
    assert source_of(students) in problem.message


def test_a_relation_of_any_name_that_leads_to_the_students_of_the_settings_is_linked(
    sandbox: Sandboxed, teacher: Teacher
) -> None:
    students, rooms = (make_database(sandbox, f"{name} of {teacher.assignment}") for name in ("Pupils", "Rooms"))
    student = make_page(sandbox, "Zoë", {"data_source_id": source_of(students)})["id"]
    relations = {
        name: {"relation": {"data_source_id": source_of(found), "single_property": {}}}
        for name, found in (("Room", rooms), ("Learner", students))
    }
    homework = make_database(sandbox, f"Related {teacher.assignment}", **relations, **KEY)
    pasted = source_of(students).replace("-", "").upper()
    where = (f"notion.database_id={homework['id']}", f"notion.students_data_source_id={pasted}")
    outcome = teacher.publish(lesson(student="Zoë"), *where)
    assert outcome.problems == ()
    page = sandbox.notion("GET", f"pages/{teacher.page.id}")
    linked = {name: page["properties"][name]["relation"] for name in ("Room", "Learner")}
    assert linked == {"Room": [], "Learner": [{"id": student}]}


def test_only_the_last_few_data_sources_are_kept(sandbox: Sandboxed, teacher: Teacher) -> None:
    pipeline = teacher.pipeline
    context = create_context(tenant="school", assignment=teacher.assignment, settings=Settings())
    schemas = Schemas(context, pipeline.providers.vendors("school", Settings()).notion)
    ids = [source_of(make_database(sandbox, f"{number} {teacher.assignment}")) for number in range(MOST_KEPT + 1)]
    with sandbox.watched("notion") as seen:
        for source_id in (*ids, ids[-1].upper(), ids[-1].replace("-", ""), ids[1]):
            assert schemas.read(source_id)["properties"]["Name"]["type"] == "title"
    assert len(seen) == len(ids)
    with sandbox.watched("notion") as seen:
        schemas.read(ids[0])
    assert len(seen) == 1


def test_a_page_goes_under_another_page_without_any_columns(sandbox: Sandboxed, teacher: Teacher) -> None:
    above = make_top_page(sandbox, teacher.assignment)
    where = f"notion.parent_page_id=https://app.notion.com/p/Home-{above.replace('-', '')}"
    with sandbox.watched("notion") as seen:
        teacher.publish(lesson(), where)
    assert not any("data_sources" in entry["path"] for entry in seen)
    (child,) = child_pages(sandbox, above)
    assert (child["id"], child["child_page"]["title"]) == (teacher.page.id, "At the Station")
    assert len(list(flat(sandbox.tree(child["id"])))) > 20
    assert teacher.publish(lesson(), where).status == "skipped"
    teacher.publish(lesson("At the Airport"), where)
    (child,) = child_pages(sandbox, above)
    assert child["child_page"]["title"] == "At the Airport"
    (problem,) = teacher.problems(lesson(properties="{Week: 3}"), where).problems
    assert (problem.rule, "under another page" in problem.message) == ("P-COLUMN", True)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "503_committed"},
        {"kind": "503_committed", "with_ids": False},
        {"kind": "timeout_after", "slow_s": 0.1},
        {"kind": "reset_after"},
        {"kind": "500", "when": "after"},
        {"kind": "503"},
        {"kind": "reset_before"},
    ],
    ids=str,
)
def test_an_unanswered_page_under_a_page_is_found_and_never_made_twice(
    sandbox: Sandboxed, teacher: Teacher, fault: dict[str, object]
) -> None:
    above = make_top_page(sandbox, teacher.assignment)
    where = f"notion.parent_page_id={above}"
    with sandbox.faults({"vendor": "notion", "method": "POST", "path": "/v1/pages$", **fault}):
        try:
            teacher.publish(lesson(), where)
        except UnavailableError:
            teacher.publish(lesson(), where)
    (child,) = child_pages(sandbox, above)
    assert child["id"] == teacher.page.id
    assert teacher.page.complete
    whole = [tree.text for tree in flat(sandbox.tree(child["id"]))]
    other = Teacher(sandbox, f"{teacher.assignment}-b")
    other.publish(lesson())
    assert whole == [tree.text for tree in flat(sandbox.tree(other.page.id or ""))]


def test_a_persons_page_of_the_same_title_is_left_alone(sandbox: Sandboxed, teacher: Teacher) -> None:
    above = make_top_page(sandbox, teacher.assignment)
    where = f"notion.parent_page_id={above}"
    first = make_page(sandbox, "At the Station", {"page_id": above})
    with sandbox.faults({"vendor": "notion", "method": "POST", "path": "/v1/pages$", "kind": "500", "when": "after"}):
        outcome = teacher.publish(lesson(), where)
    assert "1 page of the same title stood there already" in outcome.reason
    ids = [child["id"] for child in child_pages(sandbox, above)]
    assert ids == [first["id"], teacher.page.id]
    assert sandbox.tree(first["id"]) == []


def test_two_pages_that_may_be_the_intended_one_are_an_error_that_lists_them(
    sandbox: Sandboxed, teacher: Teacher
) -> None:
    above = make_top_page(sandbox, teacher.assignment)
    where = f"notion.parent_page_id={above}"
    lost = {"vendor": "notion", "method": "POST", "path": "/v1/pages$", "kind": "500", "every": 1}
    with sandbox.faults(lost), pytest.raises(UnavailableError, match="internal_server_error"):
        teacher.publish(lesson(), where)
    made = [make_page(sandbox, "At the Station", {"page_id": above}) for _ in range(2)]
    error = teacher.refused(lesson(), where)
    assert error.code == "several_pages"
    assert all(page["id"] in error.message for page in made)
    assert "esl pages adopt" in error.fix


def test_a_dry_run_under_a_page_writes_nothing(sandbox: Sandboxed, teacher: Teacher) -> None:
    above = make_top_page(sandbox, teacher.assignment)
    with sandbox.watched("notion") as seen:
        outcome = teacher.publish(lesson(), f"notion.parent_page_id={above}", dry_run=True)
    assert not any(changes(entry) for entry in seen)
    assert "would create a page" in outcome.reason
    assert "column" not in outcome.reason
