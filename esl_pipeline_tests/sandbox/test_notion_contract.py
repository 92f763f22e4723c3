"""Answers of the sandbox are answers of Notion, and it takes nothing that Notion's contract refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from esl_pipeline.sandbox.notion import (
    HOMEWORK_DATA_SOURCE_ID,
    HOMEWORK_DATABASE_ID,
    STUDENTS_DATA_SOURCE_ID,
    STUDENTS_DATABASE_ID,
)
from esl_pipeline.sandbox.notion.block_types import BLOCK_TYPES
from esl_pipeline_tests.contracts import check_notion_request
from esl_pipeline_tests.sandbox.notion_asker import Asker, Json, block, columns, paragraph, rich, row, table

STYLED: list[Json] = [
    {"type": "text", "text": {"content": "a", "link": {"url": "https://example.com"}}, "annotations": {"bold": True}},
    {"type": "equation", "equation": {"expression": "x^2"}},
    {"type": "mention", "mention": {"type": "date", "date": {"start": "2026-11-24"}}},
]
FILE: Json = {"type": "external", "external": {"url": "https://example.com/a%20b.mp3"}, "caption": STYLED}
LISTS = ("bulleted_list_item", "numbered_list_item", "quote", "toggle")
ONE_OF_EACH: dict[str, Json] = {
    "paragraph": {"rich_text": STYLED, "color": "red", "children": [paragraph()]},
    **{f"heading_{level}": {"rich_text": STYLED, "is_toggleable": True} for level in (1, 2, 3, 4)},
    **{kind: {"rich_text": STYLED} for kind in LISTS},
    "template": {"rich_text": STYLED},
    "to_do": {"rich_text": STYLED, "checked": True},
    "callout": {"rich_text": STYLED, "icon": {"type": "emoji", "emoji": "💡"}, "color": "gray_background"},
    "code": {"rich_text": STYLED, "language": "python", "caption": STYLED},
    "equation": {"expression": "x^2"},
    "divider": {},
    "breadcrumb": {},
    "table_of_contents": {"color": "gray"},
    "table": table(2, row("a", "b"))["table"],
    "column_list": columns([paragraph()], [paragraph()])["column_list"],
    "tab": {"children": [paragraph()]},
    "synced_block": {"synced_from": None, "children": [paragraph()]},
    "link_to_page": {"type": "page_id", "page_id": HOMEWORK_DATA_SOURCE_ID},
    "embed": {"url": "https://example.com"},
    "bookmark": {"url": "https://example.com", "caption": STYLED},
    **dict.fromkeys(("image", "video", "pdf", "audio", "file"), FILE),
}  # fmt: skip
NOT_NULL_IN_THE_CONTRACT = frozenset({"synced_block"})
"""A new original is sent with ``synced_from: null``, as recorded; the contract allows it on the first level only."""

Contract = dict[str, Any]


@pytest.fixture(scope="session")
def contract(shared: Path) -> Contract:
    document: Contract = json.loads((shared / "openapi" / "notion-2026-03-11.json").read_text("utf-8"))
    return document


def test_there_is_an_example_of_every_type_of_block() -> None:
    assert set(ONE_OF_EACH) | {"column", "table_row"} == set(BLOCK_TYPES)


@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_a_block_is_shown_as_the_contract_says(contract: Contract, notion: Asker, kind: str) -> None:
    page_id = notion.page()
    made = notion.append(page_id, {kind: ONE_OF_EACH[kind]})[0]
    notion("GET", f"blocks/{made['id']}")
    for inner in notion.children(made["id"]):
        notion("GET", f"blocks/{inner['id']}/children")
    if BLOCK_TYPES[kind].updatable:
        content = ONE_OF_EACH[kind]
        kept = BLOCK_TYPES[kind].update_optional
        update = {key: content[key] for key in content if key in (kept if kept is not None else content)}
        update.pop("children", None)
        update.pop("type", None)
        notion("PATCH", f"blocks/{made['id']}", {kind: update})
    notion("DELETE", f"blocks/{made['id']}")
    check(contract, notion)


def test_pages_are_shown_as_the_contract_says(contract: Contract, notion: Asker) -> None:
    student = notion("POST", f"data_sources/{STUDENTS_DATA_SOURCE_ID}/query", {})["results"][0]["id"]
    properties: Json = {
        "Name": {"title": rich("a")},
        "Topic": {"multi_select": [{"name": "Food"}, {"name": "New"}]},
        "Level": {"select": {"name": "B1"}},
        "Status": {"status": {"name": "Done"}},
        "Student": {"relation": [{"id": student}]},
    }
    decorations: Json = {
        "icon": {"type": "emoji", "emoji": "📘"},
        "cover": {"type": "external", "external": {"url": "https://example.com/a.png"}},
    }
    page_id = notion.page(paragraph(), properties=properties, **decorations)
    notion("GET", f"pages/{page_id}")
    notion("PATCH", f"pages/{page_id}", {"properties": {"Level": {"select": None}}, "icon": None, "is_locked": True})
    inner = notion("POST", "pages", {"parent": {"page_id": page_id}, "properties": {"title": {"title": rich("b")}}})
    notion("GET", f"pages/{inner['id']}")
    notion("GET", f"blocks/{inner['id']}")
    notion.children(page_id)
    notion("POST", f"pages/{inner['id']}/move", {"parent": {"data_source_id": HOMEWORK_DATA_SOURCE_ID}})
    notion("POST", "search", {"query": "a", "filter": {"property": "object", "value": "page"}})
    notion("PATCH", f"pages/{page_id}", {"in_trash": True})
    check(contract, notion)


def test_databases_and_data_sources_are_shown_as_the_contract_says(contract: Contract, notion: Asker) -> None:
    for database_id in (HOMEWORK_DATABASE_ID, STUDENTS_DATABASE_ID):
        notion("GET", f"databases/{database_id}")
    notion("GET", f"data_sources/{HOMEWORK_DATA_SOURCE_ID}")
    page_id = notion.page()
    columns_wanted: Json = {
        "Title": {"title": {}},
        "Score": {"number": {"format": "percent"}},
        "Due": {"date": {}},
        "Link": {"url": {}},
        "Done": {"checkbox": {}},
        "Made": {"created_time": {}},
        "By": {"last_edited_by": {}},
        "Who": {"people": {}},
        "Files": {"files": {}},
        "Mail": {"email": {}},
        "Phone": {"phone_number": {}},
        "State": {"status": {"options": [{"name": "Open"}, {"name": "Shut"}]}},
    }
    body = {
        "parent": {"type": "page_id", "page_id": page_id},
        "title": rich("Marks"),
        "initial_data_source": {"properties": columns_wanted},
    }
    database = notion("POST", "databases", body)
    source_id = database["data_sources"][0]["id"]
    values: Json = {
        "Title": {"title": rich("a")},
        "Score": {"number": 0.5},
        "Due": {"date": {"start": "2026-11-24", "end": None}},
        "Link": {"url": "https://example.com"},
        "Done": {"checkbox": True},
        "Who": {"people": [{"object": "user", "id": notion("GET", "users/me")["id"]}]},
        "Files": {"files": [{"name": "a", "external": {"url": "https://example.com/a"}}]},
        "Mail": {"email": "a@example.com"},
        "Phone": {"phone_number": None},
        "State": {"status": {"name": "Open"}},
    }
    notion("POST", "pages", {"parent": {"data_source_id": source_id}, "properties": values})
    notion("POST", f"data_sources/{source_id}/query", {"filter": {"property": "Score", "number": {"greater_than": 0}}})
    changes: Json = {"Score": {"name": "Mark"}, "Phone": None, "Key": {"rich_text": {}}}
    notion("PATCH", f"data_sources/{source_id}", {"properties": changes, "title": rich("Marks of 2026")})
    notion("POST", "data_sources", {"parent": {"database_id": database["id"]}, "properties": {"N": {"title": {}}}})
    notion("GET", f"databases/{database['id']}")
    check(contract, notion)


def test_refusals_are_shown_as_the_contract_says(contract: Contract, notion: Asker) -> None:
    page_id = notion.page()
    notion.refusal("PATCH", f"blocks/{page_id}/children", {"children": [block("quote", color="x")]})
    notion.refusal("GET", f"pages/{HOMEWORK_DATA_SOURCE_ID}", status=404)
    check(contract, notion)


def check(contract: Contract, notion: Asker) -> None:
    """Asserts that all answers so far fit the contract, and all requests that were taken."""
    assert notion.exchanges
    for exchange in notion.exchanges:
        answer = {key: value for key, value in exchange.answer.items() if key != "request_id"}
        for shown in (answer, *answer.get("results", [])):
            schema = SCHEMAS[shown["object"]].format(status=exchange.status)
            errors = list(_validator(contract, schema).iter_errors(shown))
            assert not errors, (exchange.method, exchange.path, shown, [error.message[:300] for error in errors])
        if exchange.status == 200 and not NOT_NULL_IN_THE_CONTRACT & set(_kinds(exchange.body)):
            check_notion_request(exchange.method, f"/v1/{exchange.path}", exchange.body)


SCHEMAS = {
    "block": "blockObjectResponse",
    "page": "pageObjectResponse",
    "database": "databaseObjectResponse",
    "data_source": "dataSourceObjectResponse",
    "user": "userObjectResponse",
    "error": "error_api_{status}",
    "list": "list",
}
"""The whole objects; the operations' own answers also allow objects of which only the id is known."""

LIST: Json = {
    "type": "object",
    "properties": {
        "object": {"const": "list"},
        "results": {"type": "array"},
        "next_cursor": {"type": ["string", "null"]},
        "has_more": {"type": "boolean"},
        "type": {"enum": ["block", "page_or_data_source"]},
        "block": {"const": {}},
        "page_or_data_source": {"const": {}},
    },
    "required": ["object", "results", "next_cursor", "has_more", "type"],
    "additionalProperties": False,
}


def _kinds(body: Any) -> list[str]:
    return [kind for child in (body or {}).get("children", []) for kind in child] + list(body or {})


_VALIDATORS: dict[str, Draft202012Validator] = {"list": Draft202012Validator(LIST)}


def _validator(contract: Contract, schema: str) -> Draft202012Validator:
    if schema not in _VALIDATORS:
        document = {"$ref": f"#/components/schemas/{schema}", "components": contract["components"]}
        _VALIDATORS[schema] = Draft202012Validator(document)
    return _VALIDATORS[schema]


def test_an_answer_that_lacks_a_member_would_be_noticed(contract: Contract, notion: Asker) -> None:
    shown = notion.append(notion.page(), paragraph())[0]
    assert _validator(contract, "blockObjectResponse").is_valid(shown)
    for name in ("parent", "has_children", "in_trash", "created_by"):
        less = {key: value for key, value in shown.items() if key != name}
        assert not _validator(contract, "blockObjectResponse").is_valid(less)
