"""What the sandboxed Notion does with pages, blocks and tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from esl_pipeline.sandbox.notion import (
    HOMEWORK_DATA_SOURCE_ID,
    HOMEWORK_DATABASE_ID,
    PLAIN_DATA_SOURCE_ID,
    STUDENTS_DATA_SOURCE_ID,
)
from esl_pipeline.sandbox.notion.visit import BOT_ID, PERSON_ID
from esl_pipeline.sandbox.notion.workspace import Workspace
from esl_pipeline_tests.sandbox.notion_asker import Asker, Json, block, columns, paragraph, rich, row, table, text_of

QUERY = f"data_sources/{HOMEWORK_DATA_SOURCE_ID}/query"


def test_a_new_workspace_has_students_and_a_table_of_homework_without_a_key_column(notion: Asker) -> None:
    columns_there = notion("GET", f"data_sources/{HOMEWORK_DATA_SOURCE_ID}")["properties"]
    assert {name: column["type"] for name, column in columns_there.items()} == {
        "Name": "title",
        "Topic": "multi_select",
        "Level": "select",
        "Input type": "select",
        "Status": "status",
        "Due": "rich_text",
        "Student": "relation",
    }
    assert columns_there["Student"]["relation"]["data_source_id"] == STUDENTS_DATA_SOURCE_ID
    for name in ("Amira", "Tomás", "Yuki"):
        asked = {"filter": {"property": "Name", "title": {"equals": name}}}
        assert len(notion("POST", f"data_sources/{STUDENTS_DATA_SOURCE_ID}/query", asked)["results"]) == 1
    plain = notion("GET", f"data_sources/{PLAIN_DATA_SOURCE_ID}")["properties"]
    assert {name: column["type"] for name, column in plain.items()} == {"Name": "title", "ESL Key": "rich_text"}


def test_a_page_keeps_its_blocks_at_every_depth(notion: Asker) -> None:
    page_id = notion.page(
        block("toggle", "a", block("bulleted_list_item", "b", paragraph("c"))),
        columns([paragraph("d")], [paragraph("e")]),
    )
    toggle, column_list = notion.children(page_id)
    assert (toggle["has_children"], column_list["has_children"]) == (True, True)
    item = notion.children(toggle["id"])[0]
    assert item["parent"] == {"type": "block_id", "block_id": toggle["id"]}
    assert notion.texts(item["id"]) == ["c"]
    assert [notion.texts(column["id"]) for column in notion.children(column_list["id"])] == [["d"], ["e"]]


@pytest.mark.parametrize(
    ("position", "order"),
    [
        (None, "abxy"),
        ({"type": "end"}, "abxy"),
        ({"type": "start"}, "xyab"),
        ({"type": "after_block"}, "axyb"),
    ],
)
def test_blocks_go_where_the_position_says(notion: Asker, position: Json | None, order: str) -> None:
    page_id = notion.page(paragraph("a"), paragraph("b"))
    if position and position["type"] == "after_block":
        position = {**position, "after_block": {"id": notion.children(page_id)[0]["id"].replace("-", "")}}
    answer = notion.append(page_id, paragraph("x"), paragraph("y"), position=position)
    assert "".join(notion.texts(page_id)) == order
    # The blocks that follow the new ones come back as well.
    assert "".join(text_of(found) for found in answer) == order[order.index("x") :]


def test_many_blocks_are_read_in_pages_of_a_hundred(notion: Asker) -> None:
    page_id = notion.page(*[paragraph(str(number)) for number in range(100)])
    notion.append(page_id, *[paragraph(str(number)) for number in range(100, 150)])
    first = notion("GET", f"blocks/{page_id}/children?page_size=100")
    assert (len(first["results"]), first["has_more"]) == (100, True)
    rest = notion("GET", f"blocks/{page_id}/children?start_cursor={first['next_cursor']}")
    assert [text_of(found) for found in rest["results"]] == [str(number) for number in range(100, 150)]
    assert (rest["has_more"], rest["next_cursor"]) == (False, None)
    unknown = "5eed0000-0000-4000-8000-00000000dead"
    assert "The start_cursor provided is invalid" in notion.refusal(
        "GET", f"blocks/{page_id}/children?start_cursor={unknown}"
    )
    assert "page_size" in notion.refusal("GET", f"blocks/{page_id}/children?page_size=101")


def test_rows_can_be_added_to_a_table(notion: Asker) -> None:
    made = notion.append(notion.page(), table(2, row("a", "b")))[0]
    notion.append(made["id"], row("c", "d"))
    rows = [found["table_row"]["cells"] for found in notion.children(made["id"])]
    assert [["".join(run["plain_text"] for run in cell) for cell in cells] for cells in rows] == [
        ["a", "b"],
        ["c", "d"],
    ]


def test_columns_can_be_added_to_what_exists(notion: Asker) -> None:
    made = notion.append(notion.page(), block("toggle", "a"))[0]
    assert notion.append(made["id"], columns([paragraph()], [paragraph()]))[0]["type"] == "column_list"


def test_a_synced_copy_shows_what_its_original_holds(notion: Asker) -> None:
    page_id = notion.page({"synced_block": {"synced_from": None, "children": [paragraph("a")]}})
    original = notion.children(page_id)[0]
    copy = notion.append(page_id, {"synced_block": {"synced_from": {"block_id": original["id"]}}})[0]
    assert copy["has_children"] is True
    assert notion.texts(copy["id"]) == ["a"]
    refusal = notion.refusal("PATCH", f"blocks/{copy['id']}/children", {"children": [paragraph()]})
    assert refusal == "Block does not support children."


def test_an_update_changes_only_what_it_names(notion: Asker) -> None:
    external = {"external": {"url": "https://example.com/a.mp3"}, "caption": rich("Listen")}
    made = notion.append(notion.page(), {"audio": external})[0]
    changed = notion("PATCH", f"blocks/{made['id']}", {"audio": {"external": {"url": "https://example.com/b.mp3"}}})
    assert changed["audio"] == {**made["audio"], "external": {"url": "https://example.com/b.mp3"}}


def test_a_deleted_block_is_gone_from_the_page_but_can_be_read(notion: Asker) -> None:
    page_id = notion.page(paragraph("a"), paragraph("b"))
    first = notion.children(page_id)[0]
    assert notion("DELETE", f"blocks/{first['id']}")["in_trash"] is True
    assert notion.texts(page_id) == ["b"]
    assert notion("GET", f"blocks/{first['id']}")["in_trash"] is True


def test_a_page_in_the_trash_is_in_no_query_but_that_for_the_trash(notion: Asker) -> None:
    page_id = notion.page()
    notion("DELETE", f"blocks/{page_id}")
    assert notion("POST", QUERY, {})["results"] == []
    assert [page["id"] for page in notion("POST", QUERY, {"in_trash": True})["results"]] == [page_id]


def test_a_page_is_made_whole_or_not_at_all(notion: Asker) -> None:
    body: Json = {
        "parent": {"data_source_id": HOMEWORK_DATA_SOURCE_ID},
        "properties": {"Topic": {"multi_select": [{"name": "Brand new"}]}},
        "children": [{"synced_block": {"synced_from": {"block_id": "5eed0000-0000-4000-8000-00000000dead"}}}],
    }
    notion.refusal("POST", "pages", body)
    assert notion("POST", QUERY, {})["results"] == []
    options = notion("GET", f"data_sources/{HOMEWORK_DATA_SOURCE_ID}")["properties"]["Topic"]["multi_select"]["options"]
    assert "Brand new" not in [option["name"] for option in options]


def test_new_options_of_a_select_are_kept_in_its_column(notion: Asker) -> None:
    for _ in range(2):
        notion.page(properties={"Topic": {"multi_select": [{"name": "Food"}, {"name": "Dreams"}]}})
    options = notion("GET", f"data_sources/{HOMEWORK_DATA_SOURCE_ID}")["properties"]["Topic"]["multi_select"]["options"]
    assert [option["name"] for option in options].count("Dreams") == 1


def test_a_column_can_be_added_renamed_and_removed(notion: Asker) -> None:
    path = f"data_sources/{HOMEWORK_DATA_SOURCE_ID}"
    notion("PATCH", path, {"properties": {"ESL Key": {"rich_text": {}}}})
    page_id = notion.page(properties={"ESL Key": {"rich_text": rich("demo/one")}})
    notion("PATCH", path, {"properties": {"ESL Key": {"name": "Key"}}})
    assert notion("GET", f"pages/{page_id}")["properties"]["Key"]["rich_text"][0]["plain_text"] == "demo/one"
    notion("PATCH", path, {"properties": {"Key": None}})
    assert "Key" not in notion("GET", f"pages/{page_id}")["properties"]
    assert "Could not find property" in notion.refusal("PATCH", path, {"properties": {"Key": None}})
    assert "title" in notion.refusal("PATCH", path, {"properties": {"Name": None}})


FILTERS: list[tuple[Json, list[str]]] = [
    ({"property": "Name", "title": {"equals": "Two"}}, ["two"]),
    ({"property": "Name", "title": {"starts_with": "t"}}, ["two", "three"]),
    ({"property": "title", "title": {"does_not_equal": "two"}}, ["one", "three"]),
    ({"property": "Level", "select": {"equals": ["A1", "B1"]}}, ["one", "two"]),
    ({"property": "Level", "select": {"is_empty": True}}, ["three"]),
    ({"property": "Topic", "multi_select": {"contains": "Food"}}, ["one"]),
    ({"property": "Student", "relation": {"is_empty": True}}, ["one", "two", "three"]),
    ({"timestamp": "created_time", "created_time": {"on_or_after": "2026-01-01"}}, ["one", "two", "three"]),
    ({"timestamp": "created_time", "created_time": {"before": "2026-01-01"}}, []),
    (
        {"or": [
            {"property": "Name", "title": {"equals": "one"}},
            {"and": [
                {"property": "Name", "title": {"contains": "t"}},
                {"property": "Level", "select": {"is_not_empty": True}},
            ]},
        ]},
        ["one", "two"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "found"), FILTERS)
def test_a_query_lets_through_what_its_filter_says(notion: Asker, asked: Json, found: list[str]) -> None:
    for name, level, topic in (("one", "A1", "Food"), ("two", "B1", "Work"), ("three", None, "Work")):
        select = {"name": level} if level else None
        values: Json = {"Name": {"title": rich(name)}, "Level": {"select": select}}
        notion.page(properties={**values, "Topic": {"multi_select": [{"name": topic}]}})
    assert _names(notion("POST", QUERY, {"filter": asked})) == sorted(found)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"filter": {"property": "Colour", "title": {"equals": "x"}}}, "property with name or id: Colour"),
        ({"filter": {"property": "Level", "title": {"equals": "x"}}}, "does not match filter"),
        ({"filter": {"property": "Name", "title": {"is": "x"}}}, "body.filter.title.equals should be defined"),
        ({"filter": {}}, "body.filter.or should be defined"),
        ({"filter": {"and": [{"or": [{"and": []}]}]}}, "or[0].and should be not present"),
        ({"page_size": 101}, "page_size should be ≤ `100`"),
        ({"start_cursor": "x"}, "The start_cursor provided is invalid: x"),
        ({"limit": 5}, "body.limit should be not present"),
    ],
)  # fmt: skip
def test_a_query_that_is_wrong_is_refused(notion: Asker, body: Json, words: str) -> None:
    assert words in notion.refusal("POST", QUERY, body)


def test_query_results_come_in_pages_and_in_order(notion: Asker) -> None:
    for number in range(5):
        notion.page(properties={"Name": {"title": rich(str(number))}})
    sort: Json = {"sorts": [{"property": "Name", "direction": "ascending"}], "page_size": 2}
    found: list[str] = []
    cursor: Json = {}
    while True:
        answer = notion("POST", QUERY, {**sort, **cursor})
        found += [_name(page) for page in answer["results"]]
        if not answer["has_more"]:
            break
        cursor = {"start_cursor": answer["next_cursor"]}
    assert found == ["0", "1", "2", "3", "4"]


def _names(answer: Json) -> list[str]:
    return sorted(_name(page) for page in answer["results"])


def _name(page: Json) -> str:
    return "".join(run["plain_text"] for run in page["properties"]["Name"]["title"])


def test_a_page_is_found_by_a_part_of_its_title(notion: Asker) -> None:
    page_id = notion.page(properties={"Name": {"title": rich("At the Airport")}})
    found: list[Json] = notion("POST", "search", {"query": "airport"})["results"]
    assert [page["id"] for page in found] == [page_id]


def test_a_database_leads_to_its_data_sources(notion: Asker) -> None:
    database = notion("GET", f"databases/{HOMEWORK_DATABASE_ID}")
    assert database["data_sources"] == [{"id": HOMEWORK_DATA_SOURCE_ID, "name": "Homework"}]
    assert "properties" not in database
    page = notion("POST", "pages", {"parent": {"database_id": HOMEWORK_DATABASE_ID}})
    assert page["parent"]["data_source_id"] == HOMEWORK_DATA_SOURCE_ID
    made = {"parent": {"database_id": HOMEWORK_DATABASE_ID}, "properties": {"N": {"title": {}}}}
    notion("POST", "data_sources", made)
    assert "multiple data sources" in notion.refusal("POST", "pages", {"parent": {"database_id": HOMEWORK_DATABASE_ID}})


def test_all_content_can_be_erased_at_once(notion: Asker) -> None:
    page_id = notion.page(paragraph("a"), paragraph("b"))
    notion("PATCH", f"pages/{page_id}", {"erase_content": True})
    assert notion.children(page_id) == []


def test_a_person_edits_under_their_own_name(notion: Asker, workspace: Workspace) -> None:
    page_id = notion.page(paragraph("a"), paragraph("b"))
    first, second = notion.children(page_id)
    assert first["last_edited_by"]["id"] == BOT_ID
    workspace.edit({"block_id": first["id"], "body": {"paragraph": {"rich_text": rich("A")}}})
    workspace.edit({"parent_id": page_id, "children": [paragraph("c")]})
    workspace.edit({"delete": second["id"]})
    workspace.edit({"page_id": page_id, "body": {"properties": {"Name": {"title": rich("Mine")}}}})
    assert notion.texts(page_id) == ["A", "c"]
    edited, added = notion.children(page_id)
    assert (edited["created_by"]["id"], edited["last_edited_by"]["id"]) == (BOT_ID, PERSON_ID)
    assert added["created_by"]["id"] == PERSON_ID
    page = notion("GET", f"pages/{page_id}")
    assert (_name(page), page["last_edited_by"]["id"]) == ("Mine", PERSON_ID)


def test_an_edit_of_a_block_is_an_edit_of_its_page(notion: Asker, workspace: Workspace) -> None:
    page_id = notion.page(block("toggle", "a", paragraph("b")))
    inner = notion.children(notion.children(page_id)[0]["id"])[0]
    workspace.edit({"block_id": inner["id"], "body": {"paragraph": {"rich_text": rich("B")}}})
    assert notion("GET", f"pages/{page_id}")["last_edited_by"]["id"] == PERSON_ID


def test_times_are_shown_to_the_minute_and_addresses_lead_to_the_viewer(notion: Asker) -> None:
    page = notion("GET", f"pages/{notion.page()}")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z", page["created_time"])
    assert page["url"] == f"http://127.0.0.1:8770/pages/{page['id']}"


def test_a_workspace_is_found_again_as_it_was_left(tmp_path: Path) -> None:
    first = Workspace(tmp_path, "http://127.0.0.1:1")
    page_id = Asker(first).page(paragraph("a"))
    first.close()
    second = Workspace(tmp_path, "http://127.0.0.1:2")
    notion = Asker(second)
    assert notion.texts(page_id) == ["a"]
    assert notion("GET", f"pages/{page_id}")["url"] == f"http://127.0.0.1:2/pages/{page_id}"
    students: list[Any] = notion("POST", f"data_sources/{STUDENTS_DATA_SOURCE_ID}/query", {})["results"]
    assert len(students) == len({student["id"] for student in students}) == 7
    second.close()


def test_the_viewer_sees_pages_newest_first_and_nothing_of_what_is_not_there(
    notion: Asker, workspace: Workspace
) -> None:
    older, newer = notion.page(paragraph("a")), notion.page()
    assert [page["id"] for page in workspace.pages()][:2] == [newer, older]
    assert [text_of(found) for found in workspace.children(older)] == ["a"]
    nothing = "5eed0000-0000-4000-8000-00000000dead"
    assert (workspace.page(nothing), workspace.children(nothing)) == (None, [])
