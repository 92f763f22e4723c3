"""What Notion refuses, the sandbox refuses, in the same words where they are known."""

from __future__ import annotations

import json
from typing import Any

import pytest

from esl_pipeline.sandbox.notion import HOMEWORK_DATA_SOURCE_ID, STUDENTS_DATABASE_ID
from esl_pipeline_tests.sandbox.notion_asker import Asker, Json, block, columns, paragraph, rich, row, table

LONG_URL = "https://example.com/" + "x" * 2000


def audio(url: str) -> Json:
    return {"audio": {"external": {"url": url}}}


def nested(*kinds: str) -> Json:
    """A block of the first kind around one of the second, and so on; the last one may be a block itself."""
    inner = paragraph() if kinds[-1] == "paragraph" else block(kinds[-1])
    for kind in reversed(kinds[:-1]):
        inner = block(kind, "", inner)
    return inner


REFUSED_BLOCKS: dict[str, tuple[Json, str]] = {
    "text of 2001 characters": (paragraph("x" * 2001), "rich_text[0].text.content.length should be ≤ `2000`"),
    "2001 UTF-16 units": (paragraph("😀" * 1000 + "x"), "instead was `2001`"),
    "101 runs of text": ({"paragraph": {"rich_text": rich("a") * 101}}, "rich_text.length should be ≤ `100`"),
    "101 children": (block("toggle", "", *[paragraph()] * 101), "children.length should be ≤ `100`"),
    "101 cells": (table(101, row(*["a"] * 101)), "cells.length should be ≤ `100`"),
    "a long equation": ({"equation": {"expression": "x" * 1001}}, "expression.length should be ≤ `1000`"),
    "a long inline equation": (
        {"paragraph": {"rich_text": [{"equation": {"expression": "x" * 1001}}]}},
        "expression.length should be ≤ `1000`",
    ),
    "a long link": (
        {"paragraph": {"rich_text": [{"text": {"content": "a", "link": {"url": LONG_URL}}}]}},
        "link.url.length should be ≤ `2000`",
    ),
    "a link that is none": (
        {"paragraph": {"rich_text": [{"text": {"content": "a", "link": {"url": "see below"}}}]}},
        "Invalid URL for link.",
    ),
    "a long file address": (audio(LONG_URL), "external.url.length should be ≤ `2000`"),
    "an empty file address": (audio(""), "external.url.length should be ≥ `1`"),
    "a file on this disk": (audio("file:///a.mp3"), "Invalid audio url."),
    "an unknown colour": (block("quote", color="mauve"), 'color should be `"default"`, '),
    "an unknown language": ({"code": {"rich_text": [], "language": "js"}}, "language should be"),
    "a word for an icon": (block("callout", icon={"emoji": "idea"}), "icon.emoji should be a real emoji"),
    "two emoji for an icon": (block("callout", icon={"emoji": "💡💡"}), "icon.emoji should be a real emoji"),
    "an unknown type": ({"paragraf": {"rich_text": []}}, "children[0].paragraph should be defined"),
    "an unknown key": (block("paragraph", colour="red"), "paragraph.colour should be not present"),
    "a key beside the block": ({**paragraph(), "children": []}, "children[0].children should be not present"),
    "another type than named": ({**paragraph(), "type": "quote"}, 'type should be `"paragraph"`'),
    "two types": ({**paragraph(), **block("quote")}, "quote should be not present"),
    "no text": ({"paragraph": {}}, "paragraph.rich_text should be defined, instead was `undefined`"),
    "checked as a word": (block("to_do", checked="yes"), "checked should be a boolean"),
    "one column": (columns([paragraph()]), "children.length should be ≥ `2`"),
    "columns without children": ({"column_list": {}}, "column_list.children should be defined"),
    "a column alone": ({"column": {"children": []}}, "A column can't be a child of a child_page."),
    "a paragraph among columns": (
        {"column_list": {"children": [paragraph(), paragraph()]}},
        "children[0].column should be defined",
    ),
    "a table without rows": (table(1), "children.length should be ≥ `1`"),
    "a table of no width": (table(0, row()), "table_width should be ≥ `1`"),
    "a short row": (table(2, row("a")), "Number of cells in table row must match the table width of the parent table"),
    "a row alone": (row("a"), "A table_row can't be a child of a child_page."),
    "four levels": (nested("toggle", "toggle", "toggle", "paragraph"), "toggle.children should be not present"),
    "columns in a toggle": (
        block("toggle", "", columns([paragraph()], [paragraph()])),
        "children[0].column_list should be not present",
    ),
    "a table on the third level": (
        block("toggle", "", block("toggle", "", table(1, row("a")))),
        "children[0].table should be not present",
    ),
    "too deep in a column": (
        columns([nested("toggle", "toggle", "paragraph")], [paragraph()]),
        "toggle.children should be not present",
    ),
    "children of a plain heading": (block("heading_2", "a", paragraph()), "Block does not support children."),
    "children of a divider": ({"divider": {"children": []}}, "divider.children should be not present"),
    "a copy of nothing": (
        {"synced_block": {"synced_from": {"block_id": "5eed0000-0000-4000-8000-00000000dead"}}},
        "Could not find synced block",
    ),
    "an uploaded file that is none": (
        {"audio": {"file_upload": {"id": "5eed0000-0000-4000-8000-00000000dead"}}},
        "Could not find file_upload",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED_BLOCKS)
def test_a_block_that_breaks_a_rule_is_refused_whole(notion: Asker, name: str) -> None:
    refused, words = REFUSED_BLOCKS[name]
    page_id = notion.page()
    answer = notion.send("PATCH", f"blocks/{page_id}/children", {"children": [paragraph(), refused]})
    assert answer.status_code in (400, 404)
    error = answer.get_json()
    assert (error["object"], error["status"]) == ("error", answer.status_code)
    assert words.replace("children[0]", "children[1]", 1) in error["message"] or words in error["message"]
    assert notion.texts(page_id) == []


ACCEPTED_BLOCKS: dict[str, Json] = {
    "text of 2000 characters": paragraph("x" * 2000),
    "three levels": nested("toggle", "bulleted_list_item", "paragraph"),
    "a toggle with a paragraph in columns": columns([nested("toggle", "paragraph")], [paragraph()]),
    "a table in a toggle": block("toggle", "", table(2, row("a", "b"))),
    "a table in a column": columns([table(1, row("a"))], []),
    "a toggleable heading": block("heading_3", "a", paragraph(), is_toggleable=True),
    "an original with content": {"synced_block": {"synced_from": None, "children": [paragraph()]}},
    "a flag": block("callout", icon={"emoji": "🇬🇧"}),
    "a family": block("callout", icon={"emoji": "👩‍👩‍👧"}),
    "a keycap": block("callout", icon={"emoji": "1️⃣"}),
    "a link by mail": {"paragraph": {"rich_text": [{"text": {"content": "a", "link": {"url": "mailto:a@b.org"}}}]}},
    "a background": block("paragraph", color="default_background"),
    "children that are none": block("quote", "a", children=[]),
}


@pytest.mark.parametrize("name", ACCEPTED_BLOCKS)
def test_a_block_at_the_edge_of_a_rule_is_taken(notion: Asker, name: str) -> None:
    page_id = notion.page()
    assert len(notion.append(page_id, ACCEPTED_BLOCKS[name])) == 1


def test_at_most_a_hundred_blocks_are_appended(notion: Asker) -> None:
    page_id = notion.page()
    assert len(notion.append(page_id, *[paragraph()] * 100)) == 100
    refusal = notion.refusal("PATCH", f"blocks/{page_id}/children", {"children": [paragraph()] * 101})
    assert refusal == "body failed validation: body.children.length should be ≤ `100`, instead was `101`."


def test_at_most_a_thousand_blocks_are_in_a_request(notion: Asker) -> None:
    page_id = notion.page()
    ten = block("toggle", "", *[paragraph()] * 9)
    notion.append(page_id, *[ten] * 100)
    body = {"children": [*[ten] * 99, block("toggle", "", *[paragraph()] * 10)]}
    assert "at most 1000 blocks" in notion.refusal("PATCH", f"blocks/{page_id}/children", body)


def test_a_body_over_512_000_bytes_is_answered_413_without_a_code_in_words(notion: Asker) -> None:
    page_id = notion.page()
    path = f"/v1/blocks/{page_id}/children"
    for size, status in ((512_000, 400), (512_001, 413)):
        body = json.dumps({"children": [], "x": ""}).encode()
        body = body.replace(b'""', b'"' + b"y" * (size - len(body)) + b'"')
        assert len(body) == size
        from werkzeug.test import Client

        from esl_pipeline_tests.sandbox.notion_asker import HEADERS

        answer = Client(notion.workspace.app).patch(path, data=body, headers=HEADERS, content_type="application/json")
        assert answer.status_code == status
    assert answer.get_json()["name"] == "PayloadTooLargeError"
    assert answer.get_json()["code"] == 413
    assert "request_id" not in answer.get_json()


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"Topic": {"multi_select": [{"name": "Food, drink"}]}}, "Invalid select option, commas not allowed: Food"),
        ({"Level": {"select": {"name": "A1,A2"}}}, "commas not allowed"),
        ({"Colour": {"rich_text": []}}, "Colour is not a property that exists."),
        ({"Level": {"rich_text": rich("B1")}}, "Level is expected to be select."),
        ({"Status": {"status": {"name": "Lost"}}}, 'Status option "Lost" does not exist'),
        ({"Student": {"relation": [{"id": "x"}]}}, "id should be a valid uuid"),
        ({"Topic": {"multi_select": [{"name": "x"}] * 101}}, "length should be ≤ `100`"),
        ({"Name": {"title": rich("x" * 2001)}}, "length should be ≤ `2000`"),
        ({"Level": {"select": {"name": ""}}}, "length should be ≥ `1`"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_its_column_is_refused(notion: Asker, properties: Json, words: str) -> None:
    body = {"parent": {"data_source_id": HOMEWORK_DATA_SOURCE_ID}, "properties": properties}
    assert words in notion.refusal("POST", "pages", body)
    found = notion("POST", f"data_sources/{HOMEWORK_DATA_SOURCE_ID}/query", {})
    assert found["results"] == []


def test_a_related_page_must_exist(notion: Asker) -> None:
    page_id = notion.page()
    student = {"Student": {"relation": [{"id": page_id}]}}
    assert "Could not find page" in notion.refusal("PATCH", f"pages/{page_id}", {"properties": student}, status=404)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"archived": True}, "body.archived should be not present"),
        ({"icon": {"emoji": "no"}}, "body.icon.emoji should be a real emoji"),
        ({"cover": {"external": {"url": LONG_URL}}}, "url.length should be ≤ `2000`"),
    ],
)
def test_an_update_of_a_page_takes_no_unknown_members(notion: Asker, body: Json, words: str) -> None:
    assert words in notion.refusal("PATCH", f"pages/{notion.page()}", body)


@pytest.mark.parametrize(
    ("kind", "update", "words"),
    [
        ("heading_1", {"heading_1": {"color": "red"}}, "heading_1.rich_text should be defined"),
        ("quote", {"quote": {"color": "red"}}, "quote.rich_text should be defined"),
        ("toggle", {"toggle": {"color": "red"}}, "toggle.rich_text should be defined"),
        ("bulleted_list_item", {"bulleted_list_item": {"color": "red"}}, "rich_text should be defined"),
        ("paragraph", {"quote": {"rich_text": []}}, "its type is paragraph and can't be changed"),
        ("toggle", {"toggle": {"rich_text": [], "children": []}}, "toggle.children should be not present"),
        ("paragraph", {"archived": True}, "body.paragraph should be defined"),
        ("paragraph", {"paragraph": {"rich_text": []}, "archived": True}, "body.archived should be not present"),
        ("paragraph", {"in_trash": "yes"}, "in_trash should be a boolean"),
    ],
)
def test_an_update_that_a_block_can_not_take_is_refused(notion: Asker, kind: str, update: Json, words: str) -> None:
    made = notion.append(notion.page(), block(kind, "a"))[0]
    assert words in notion.refusal("PATCH", f"blocks/{made['id']}", update)
    assert notion("GET", f"blocks/{made['id']}")[kind] == made[kind]


@pytest.mark.parametrize("kind", ["paragraph", "callout", "to_do"])
def test_the_colour_alone_is_enough_for_some_blocks(notion: Asker, kind: str) -> None:
    made = notion.append(notion.page(), block(kind, "a"))[0]
    changed = notion("PATCH", f"blocks/{made['id']}", {kind: {"color": "red"}})
    assert changed[kind] == {**made[kind], "color": "red"}


def test_the_width_of_a_table_stays(notion: Asker) -> None:
    made = notion.append(notion.page(), table(1, row("a")))[0]
    words = notion.refusal("PATCH", f"blocks/{made['id']}", {"table": {"table_width": 2}})
    assert "table_width should be not present" in words
    assert "must match" in notion.refusal("PATCH", f"blocks/{made['id']}/children", {"children": [row("a", "b")]})


def test_a_heading_with_children_stays_toggleable(notion: Asker) -> None:
    made = notion.append(notion.page(), block("heading_1", "a", paragraph(), is_toggleable=True))[0]
    update: dict[str, Any] = {"heading_1": {"rich_text": rich("b"), "is_toggleable": False}}
    assert "toggleable" in notion.refusal("PATCH", f"blocks/{made['id']}", update)


@pytest.mark.parametrize("kind", ["heading_2", "divider", "code"])
def test_some_blocks_take_no_children_later_either(notion: Asker, kind: str) -> None:
    wanted: Json = {
        "heading_2": block("heading_2", "a"),
        "divider": {"divider": {}},
        "code": {"code": {"rich_text": [], "language": "python"}},
    }[kind]
    made = notion.append(notion.page(), wanted)[0]
    path = f"blocks/{made['id']}/children"
    assert notion.refusal("PATCH", path, {"children": [paragraph()]}) == "Block does not support children."


@pytest.mark.parametrize(
    ("position", "words"),
    [
        ({"type": "after_block"}, "after_block should be defined"),
        ({"type": "middle"}, 'type should be `"start"`'),
        ({"type": "after_block", "after_block": {"id": "5eed0000-0000-4000-8000-00000000dead"}}, "is not parented by"),
    ],
)
def test_a_position_must_be_one(notion: Asker, position: Json, words: str) -> None:
    body = {"children": [paragraph()], "position": position}
    assert words in notion.refusal("PATCH", f"blocks/{notion.page()}/children", body)


def test_after_is_a_thing_of_the_past(notion: Asker) -> None:
    page_id = notion.page(paragraph())
    after = notion.children(page_id)[0]["id"]
    body = {"children": [paragraph()], "after": after}
    assert "body.after should be not present" in notion.refusal("PATCH", f"blocks/{page_id}/children", body)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Notion-Version": "2026-03-11"}, 401, "unauthorized"),
        ({"Authorization": "Bearer ntn_invalid", "Notion-Version": "2026-03-11"}, 401, "unauthorized"),
        ({"Authorization": "Basic abc", "Notion-Version": "2026-03-11"}, 401, "unauthorized"),
        ({"Authorization": "Bearer ntn_a"}, 400, "missing_version"),
        ({"Authorization": "Bearer ntn_a", "Notion-Version": "2026-09-15"}, 400, "missing_version"),
        ({"Authorization": "Bearer ntn_a", "Notion-Version": "2025-09-03"}, 400, "missing_version"),
    ],
)
def test_token_and_version_are_looked_at_first(notion: Asker, headers: dict[str, str], status: int, code: str) -> None:
    answer = notion.send("GET", "users/me", headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.headers["x-notion-request-id"] == answer.get_json()["request_id"]


@pytest.mark.parametrize("token", ["ntn_anything", "secret_old"])
def test_any_token_of_the_right_form_is_taken(notion: Asker, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Notion-Version": "2026-03-11"}
    assert notion.send("GET", "users/me", headers=headers).status_code == 200


def test_ids_of_nothing_and_of_another_kind_are_not_found(notion: Asker) -> None:
    nothing = "5eed0000-0000-4000-8000-00000000dead"
    words = notion.refusal("GET", f"blocks/{nothing}", status=404)
    assert words.startswith(f"Could not find block with ID: {nothing}. Make sure the relevant pages")
    for path in (
        f"pages/{nothing}",
        f"pages/{HOMEWORK_DATA_SOURCE_ID}",
        f"data_sources/{STUDENTS_DATABASE_ID}",
        f"databases/{notion.page()}",
    ):
        assert "Could not find" in notion.refusal("GET", path, status=404)
    assert "path.block_id should be a valid uuid" in notion.refusal("GET", "blocks/lesson-one")
    assert notion.refusal("GET", "lessons") == "Invalid request URL."


def test_a_body_that_is_no_json_is_refused(notion: Asker) -> None:
    from werkzeug.test import Client

    from esl_pipeline_tests.sandbox.notion_asker import HEADERS

    answer = Client(notion.workspace.app).post("/v1/pages", data="{", headers=HEADERS, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_json")


def test_nothing_is_written_to_what_is_in_the_trash(notion: Asker) -> None:
    page_id = notion.page(block("toggle", "a", paragraph("b")))
    toggle = notion.children(page_id)[0]
    inner = notion.children(toggle["id"])[0]
    notion("DELETE", f"blocks/{toggle['id']}")
    archived = "Can't edit block that is archived. You must unarchive the block before editing."
    assert notion.refusal("DELETE", f"blocks/{toggle['id']}") == archived
    assert notion.refusal("PATCH", f"blocks/{toggle['id']}", {"toggle": {"rich_text": []}}) == archived
    assert notion.refusal("PATCH", f"blocks/{toggle['id']}/children", {"children": [paragraph()]}) == archived
    assert "archived ancestor" in notion.refusal("PATCH", f"blocks/{inner['id']}", {"paragraph": {"rich_text": []}})
    notion("PATCH", f"blocks/{toggle['id']}", {"in_trash": False})
    notion("PATCH", f"blocks/{inner['id']}", {"paragraph": {"rich_text": rich("c")}})


def test_a_page_in_the_trash_takes_nothing_until_it_is_restored(notion: Asker) -> None:
    page_id = notion.page()
    notion("PATCH", f"pages/{page_id}", {"in_trash": True})
    assert notion("GET", f"pages/{page_id}")["in_trash"] is True
    title = {"properties": {"Name": {"title": rich("a")}}}
    assert "archived" in notion.refusal("PATCH", f"pages/{page_id}", title)
    assert "archived" in notion.refusal("PATCH", f"blocks/{page_id}/children", {"children": [paragraph()]})
    notion("PATCH", f"pages/{page_id}", {"in_trash": False, **title})
    notion.append(page_id, paragraph())
