"""The trash: what is in it, what is below something in it, and how it comes back."""

from __future__ import annotations

import pytest

from esl_pipeline.sandbox.notion import HOMEWORK_DATABASE_ID
from esl_pipeline_tests.sandbox.notion_asker import Asker, Json, block, paragraph, rich

ANCESTOR = "archived ancestor"
TRASH: Json = {"in_trash": True}
RESTORE: Json = {"in_trash": False}


def titled(notion: Asker, title: str, **filters: object) -> list[str]:
    body = {"query": title, **({"filter": filters} if filters else {})}
    return [page["id"] for page in notion("POST", "search", body)["results"]]


def named(title: str) -> Json:
    return {"properties": {"Name": {"title": rich(title)}}}


def test_a_page_in_the_trash_is_found_there_and_can_be_restored(notion: Asker) -> None:
    page_id = notion.page(paragraph(), **named("Lost and found"))
    notion("PATCH", f"pages/{page_id}", TRASH)
    assert titled(notion, "lost and") == []
    assert titled(notion, "lost and", in_trash=True) == [page_id]
    assert "unarchive" in notion.refusal("PATCH", f"pages/{page_id}", named("Another title"))
    assert "archived" in notion.refusal("PATCH", f"blocks/{page_id}/children", {"children": [paragraph()]})
    notion("PATCH", f"pages/{page_id}", RESTORE)
    assert titled(notion, "lost and", property="object", value="page") == [page_id]
    assert notion.texts(page_id) == ["a"]


def test_what_is_inside_a_block_in_the_trash_can_not_be_written(notion: Asker) -> None:
    page_id = notion.page(block("toggle", "t", paragraph("inside")))
    toggle_id = notion.children(page_id)[0]["id"]
    inside_id = notion.children(toggle_id)[0]["id"]
    notion("DELETE", f"blocks/{toggle_id}")
    change = {"paragraph": {"rich_text": rich("other")}}
    assert ANCESTOR in notion.refusal("PATCH", f"blocks/{inside_id}", change)
    assert ANCESTOR in notion.refusal("DELETE", f"blocks/{inside_id}")
    notion("PATCH", f"blocks/{toggle_id}", RESTORE)
    notion("PATCH", f"blocks/{inside_id}", change)
    assert notion.texts(toggle_id) == ["other"]


def test_a_page_inside_a_page_goes_to_the_trash_and_comes_back_with_it(notion: Asker) -> None:
    outer_id = notion.page(**named("Outer"))
    body = {"parent": {"page_id": outer_id}, "properties": {"title": {"title": rich("Inner")}}}
    inner_id = notion("POST", "pages", body)["id"]
    notion("PATCH", f"pages/{outer_id}", TRASH)
    assert titled(notion, "Inner") == []
    assert ANCESTOR in notion.refusal("PATCH", f"pages/{inner_id}", {"properties": {"title": {"title": rich("New")}}})
    notion("PATCH", f"pages/{outer_id}", RESTORE)
    assert titled(notion, "Inner") == [inner_id]


def test_a_page_can_be_restored_only_after_what_it_is_in(notion: Asker) -> None:
    outer_id = notion.page(**named("Outer"))
    body = {"parent": {"page_id": outer_id}, "properties": {"title": {"title": rich("Inner")}}}
    inner_id = notion("POST", "pages", body)["id"]
    notion("PATCH", f"pages/{inner_id}", TRASH)
    notion("PATCH", f"pages/{outer_id}", TRASH)
    assert ANCESTOR in notion.refusal("PATCH", f"pages/{inner_id}", RESTORE)
    notion("PATCH", f"pages/{outer_id}", RESTORE)
    notion("PATCH", f"pages/{inner_id}", RESTORE)


def test_search_goes_through_its_results_page_by_page(notion: Asker) -> None:
    wanted = {notion.page(**named(f"Verbs {number}")) for number in range(5)}
    found: set[str] = set()
    body: Json = {"query": "verbs", "page_size": 2, "filter": {"property": "object", "value": "page"}}
    while True:
        answer = notion("POST", "search", body)
        found |= {page["id"] for page in answer["results"]}
        if not answer["has_more"]:
            break
        body["start_cursor"] = answer["next_cursor"]
    assert found == wanted


def test_search_finds_data_sources_by_name(notion: Asker) -> None:
    body = {"query": "homework", "filter": {"property": "object", "value": "data_source"}}
    found = notion("POST", "search", body)["results"]
    assert {source["title"][0]["plain_text"] for source in found} == {"Homework", "Plain homework"}
    assert HOMEWORK_DATABASE_ID in {source["parent"]["database_id"] for source in found}


@pytest.mark.parametrize("wanted", [{"property": "object"}, {"value": "page"}, {"property": "title", "value": "page"}])
def test_search_refuses_half_a_filter(notion: Asker, wanted: Json) -> None:
    notion.refusal("POST", "search", {"filter": wanted})
