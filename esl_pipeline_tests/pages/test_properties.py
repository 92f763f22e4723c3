from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from esl_pipeline.lessons import FrontMatter, Position, Severity
from esl_pipeline.pages.properties import TITLE_ONLY, PageProperties, build_properties
from esl_pipeline_tests.contracts import check_notion_request

FRONT_MATTER = FrontMatter("At the Station", "Sam", "B1", "Travel, Questions", "generate")
PAGE = "0b9e7c55-1d2f-4a63-9c48-d1e2f3a4b5c6"
USER = "1b9e7c551d2f4a639c48d1e2f3a4b5c6"


def column(kind: str, *options: str) -> dict[str, Any]:
    return {"id": "x", "type": kind, kind: {"options": [{"name": name} for name in options]} if options else {}}


COLUMNS = {"Lesson": column("title"), "ESL Key": column("rich_text")}


def built(columns: dict[str, Any], student_page_id: str | None = None, **properties: object) -> PageProperties:
    front_matter = replace(FRONT_MATTER, properties=tuple(properties.items()))
    made = build_properties(
        front_matter,
        {**COLUMNS, **columns},
        key_property="ESL Key",
        key="school/week-1",
        student_page_id=student_page_id,
    )
    parent = {"type": "data_source_id", "data_source_id": PAGE}
    check_notion_request("POST", "/v1/pages", {"parent": parent, "properties": dict(made.values)})
    return made


def text_of(value: dict[str, Any]) -> str:
    return "".join(run["text"]["content"] for run in value[next(iter(value))])


def test_the_title_goes_to_the_title_column_whatever_it_is_called() -> None:
    made = built({})
    assert set(made.values) == {"Lesson", "ESL Key"}
    assert text_of(made.values["Lesson"]) == "At the Station"
    assert text_of(made.values["ESL Key"]) == "school/week-1"
    assert made.problems == ()


def test_the_key_is_written_even_where_its_column_is_only_about_to_be_added() -> None:
    made = build_properties(
        FRONT_MATTER, {"N": column("title")}, key_property="Key", key="school/week-1", student_page_id=None
    )
    assert text_of(made.values["Key"]) == "school/week-1"


def test_topic_level_and_input_type_go_to_the_columns_of_their_names_by_type() -> None:
    made = built(
        {"topic ": column("multi_select", "travel"), "LEVEL": column("select"), "Input type": column("rich_text")}
    )
    assert made.values["topic "] == {"multi_select": [{"name": "travel"}, {"name": "Questions"}]}
    assert made.values["LEVEL"] == {"select": {"name": "B1"}}
    assert text_of(made.values["Input type"]) == "generate"


def test_a_topic_in_a_text_column_stays_one_text() -> None:
    assert text_of(built({"Topic": column("rich_text")}).values["Topic"]) == "Travel, Questions"


def test_a_topic_with_a_comma_does_not_fit_a_select() -> None:
    made = built({"Topic": column("select")})
    assert "Topic" not in made.values
    assert [(problem.rule, problem.severity) for problem in made.problems] == [("P-FIELD", Severity.WARNING)]


def test_a_column_of_the_lessons_own_that_notion_fills_in_is_left_to_notion() -> None:
    made = built({"Level": column("rollup"), "Topic": column("formula")})
    assert set(made.values) == {"Lesson", "ESL Key"}
    assert made.problems == ()


def test_the_student_is_linked_where_the_column_is_a_relation() -> None:
    assert built({"Student": column("relation")}, PAGE).values["Student"] == {"relation": [{"id": PAGE}]}
    assert built({"Learner": column("relation")}, PAGE).values["Learner"] == {"relation": [{"id": PAGE}]}
    assert "Student" not in built({"Student": column("relation")}).values


def test_the_student_is_named_where_the_column_is_none() -> None:
    assert built({"Student": column("select")}, PAGE).values["Student"] == {"select": {"name": "Sam"}}
    assert text_of(built({"Student": column("rich_text")}).values["Student"]) == "Sam"


def test_several_relations_of_other_names_are_no_guess() -> None:
    made = built({"A": column("relation"), "B": column("relation")}, PAGE)
    assert [problem.rule for problem in made.problems] == ["P-RELATION"]
    assert set(made.values) == {"Lesson", "ESL Key"}


STATUSES = ("Not started", "Assigned", "Done")
FITS: list[tuple[dict[str, Any], object, object]] = [
    (column("number"), 3, 3),
    (column("number"), "1.5", 1.5),
    (column("number"), 2.0, 2),
    (column("checkbox"), True, True),
    (column("checkbox"), "No", False),
    (column("date"), date(2026, 11, 30), {"start": "2026-11-30"}),
    (column("date"), "2026-11-30", {"start": "2026-11-30"}),
    (column("date"), "2026-11-30/2026-12-02", {"start": "2026-11-30", "end": "2026-12-02"}),
    (column("date"), ["2026-11-30", "2026-12-02"], {"start": "2026-11-30", "end": "2026-12-02"}),
    (column("url"), "https://example.org/a", "https://example.org/a"),
    (column("email"), "sam@example.org", "sam@example.org"),
    (column("phone_number"), "+44 20 7946 0000", "+44 20 7946 0000"),
    (column("status", *STATUSES), "assigned", {"name": "Assigned"}),
    (column("select"), "New one", {"name": "New one"}),
    (column("select"), 7, {"name": "7"}),
    (column("multi_select"), ["Food, Drink", "food"], [{"name": "Food"}, {"name": "Drink"}]),
    (column("people"), USER, [{"object": "user", "id": USER}]),
    (column("relation"), [PAGE, USER], [{"id": PAGE}, {"id": USER}]),
    (
        column("files"),
        "https://example.org/my%20map.pdf",
        [{"type": "external", "name": "my map.pdf", "external": {"url": "https://example.org/my%20map.pdf"}}],
    ),
]


@pytest.mark.parametrize(("described", "value", "expected"), FITS, ids=lambda part: str(part)[:30])
def test_an_authors_value_is_written_by_the_columns_type(
    described: dict[str, Any], value: object, expected: object
) -> None:
    made = built({"Extra": described}, Extra=value)
    assert made.problems == ()
    assert made.values["Extra"] == {described["type"]: expected}


def test_a_moment_keeps_its_time_and_zone() -> None:
    made = build_properties(
        replace(FRONT_MATTER, properties=(("Due", datetime(2026, 11, 30, 18, tzinfo=UTC)),)),
        {"Due": column("date")},
        key_property="K",
        key="a/b",
        student_page_id=None,
    )
    assert made.values["Due"] == {"date": {"start": "2026-11-30T18:00:00+00:00"}}


MISFITS: list[tuple[dict[str, Any], object, str]] = [
    (column("number"), "many", "takes a number"),
    (column("number"), True, "takes a number"),
    (column("number"), float("nan"), "takes a number"),
    (column("number"), [1], "takes one value"),
    (column("checkbox"), "perhaps", "yes or no"),
    (column("date"), "next week", "takes a date"),
    (column("date"), "2026-12-02/2026-11-30", "ends before"),
    (column("url"), "example.org", "web address"),
    (column("email"), "sam at example", "email address"),
    (column("phone_number"), "1" * 101, "at most 100"),
    (column("status", *STATUSES), "Asigned", "no status “Asigned”"),
    (column("select"), "a, b", "comma"),
    (column("select"), "a" * 101, "at most 100"),
    (column("multi_select"), [str(number) for number in range(101)], "at most 100"),
    (column("multi_select"), {"a": 1}, "takes a list"),
    (column("people"), "Sam", "no id of a user"),
    (column("relation"), "Sam", "no id of a page"),
    (column("files"), "map.pdf", "web address"),
    (column("rich_text"), "word " * 11_000, "too long"),
]


@pytest.mark.parametrize(("described", "value", "words"), MISFITS, ids=lambda part: str(part)[:30])
def test_a_value_that_does_not_fit_is_reported_and_left_out(
    described: dict[str, Any], value: object, words: str
) -> None:
    made = built({"Extra": described}, Extra=value)
    (problem,) = made.problems
    assert "Extra" not in made.values
    assert words in problem.message
    assert problem.fix
    assert (problem.rule, problem.severity) == ("P-VALUE", Severity.ERROR)


def test_an_unknown_status_comes_with_the_nearest() -> None:
    (problem,) = built({"State": column("status", *STATUSES)}, State="Asigned").problems
    assert problem.fix == "Statuses: Not started, Assigned, Done. Did you mean “Assigned”?"


def test_an_unknown_column_comes_with_the_nearest_and_the_others_are_written() -> None:
    made = built({"Status": column("select"), "Week": column("number")}, Statsu="Done", Week=3)
    (problem,) = made.problems
    assert (problem.rule, problem.message) == ("P-COLUMN", "The data source has no column “Statsu”.")
    assert problem.severity is Severity.ERROR
    assert problem.fix == "Did you mean “Status”?"
    assert made.values["Week"] == {"number": 3}


@pytest.mark.parametrize("kind", ["formula", "rollup", "created_time", "last_edited_by", "unique_id", "button"])
def test_columns_that_notion_fills_in_are_refused(kind: str) -> None:
    (problem,) = built({"Extra": column(kind)}, Extra="x").problems
    assert (problem.rule, problem.severity) == ("P-READ-ONLY", Severity.ERROR)
    assert kind in problem.message


def test_what_the_pipeline_writes_itself_is_not_overruled() -> None:
    made = built({"Topic": column("rich_text")}, lesson="Other", topic="Other", **{"esl key": "other/key"})
    assert [problem.rule for problem in made.problems] == ["P-TWICE"] * 3
    assert [text_of(made.values[name]) for name in ("Lesson", "Topic", "ESL Key")] == [
        "At the Station",
        "Travel, Questions",
        "school/week-1",
    ]


def test_the_authors_own_level_wins() -> None:
    assert text_of(built({"Level": column("rich_text")}, level="B1+").values["Level"]) == "B1+"


def test_several_near_columns_are_alternatives() -> None:
    (problem,) = built({"Due date": column("date"), "Due day": column("date")}, Due_dat="2026-11-30").problems
    assert problem.fix == "Did you mean “Due date” or “Due day”?"


def test_a_problem_stands_where_its_key_stands_in_the_lesson() -> None:
    front_matter = replace(
        FRONT_MATTER, properties=(("Week", "x"), ("Nope", 1)), property_positions=(Position(9, 3), Position(10, 3))
    )
    made = build_properties(
        front_matter, {**COLUMNS, "Week": column("number")}, key_property="K", key="a/b", student_page_id=None
    )
    assert [(p.rule, p.line, p.column) for p in made.problems] == [("P-VALUE", 9, 3), ("P-COLUMN", 10, 3)]


def test_the_authors_own_student_wins_over_the_page_that_was_found() -> None:
    assert built({"Student": column("relation")}, PAGE, student=USER).values["Student"] == {"relation": [{"id": USER}]}


def test_under_a_page_there_is_only_the_title() -> None:
    front_matter = replace(FRONT_MATTER, properties=(("Week", 3),))
    made = build_properties(front_matter, TITLE_ONLY, key_property=None, key="a/b", student_page_id=None)
    check_notion_request("POST", "/v1/pages", {"parent": {"page_id": PAGE}, "properties": dict(made.values)})
    assert {name: text_of(value) for name, value in made.values.items()} == {"title": "At the Station"}
    (problem,) = made.problems
    assert (problem.rule, problem.severity) == ("P-COLUMN", Severity.ERROR)
    assert "under another page" in problem.message


def test_empty_values_are_left_out() -> None:
    made = built({"A": column("number"), "B": column("select")}, A=None, B=" ", C="", D=[])
    assert set(made.values) == {"Lesson", "ESL Key"}
    assert made.problems == ()
