from __future__ import annotations

from typing import Any

import pytest

from esl_pipeline.clients import RejectedError, UnavailableError
from esl_pipeline_tests.clients.scripted import (
    BLOCK,
    OTHER,
    PAGE,
    Reply,
    Sent,
    in_turn,
    notion_error,
    notion_that,
    page,
)
from esl_pipeline_tests.contracts import check_notion_request

PARAGRAPH = {"paragraph": {"rich_text": [{"text": {"content": "Hello"}}]}}


def listing(*ids: str, after: str | None = None, **more: Any) -> Reply:
    results = [{"object": "page", "id": one} for one in ids]
    return Reply(
        body={"object": "list", "results": results, "has_more": after is not None, "next_cursor": after, **more}
    )


def test_every_request_carries_version_and_token() -> None:
    scene = notion_that(lambda sent: page())
    scene.notion.retrieve_page(PAGE)
    assert scene.sent[0].headers["Notion-Version"] == "2026-03-11"
    assert scene.sent[0].headers["Authorization"].startswith("Bearer ntn_")
    assert scene.sent[0].path == f"/v1/pages/{PAGE}"


def test_a_query_reads_all_pages_of_results() -> None:
    scene = notion_that(in_turn(listing("a", "b", after="opaque:1"), listing("c")))
    condition = {"property": "ESL Key", "rich_text": {"equals": "school/week-1"}}
    assert [found["id"] for found in scene.notion.query_data_source(PAGE, condition)] == ["a", "b", "c"]
    assert scene.sent[0].body == {"page_size": 100, "filter": condition}
    assert scene.sent[1].body == {"page_size": 100, "filter": condition, "start_cursor": "opaque:1"}


def test_a_query_without_filter_sends_none() -> None:
    scene = notion_that(in_turn(listing()))
    assert scene.notion.query_data_source(PAGE) == []
    assert scene.sent[0].body == {"page_size": 100}


def test_a_query_returns_pages_only() -> None:
    reply = Reply(body={"results": [{"object": "data_source", "id": "d"}, {"object": "page", "id": "p"}]})
    assert notion_that(in_turn(reply)).notion.query_data_source(PAGE) == [{"object": "page", "id": "p"}]


def test_search_asks_for_titles_of_one_kind_and_reads_all_pages_of_results() -> None:
    source = {"object": "data_source", "id": "d"}
    first = Reply(body={"results": [source], "has_more": True, "next_cursor": BLOCK})
    second = Reply(body={"results": [{"object": "page", "id": "p"}], "has_more": False, "next_cursor": None})
    scene = notion_that(in_turn(first, second))
    assert scene.notion.search("Homework", "data_source") == [source]
    asked = {"query": "Homework", "filter": {"property": "object", "value": "data_source"}, "page_size": 100}
    assert [sent.body for sent in scene.sent] == [asked, {**asked, "start_cursor": BLOCK}]
    for sent in scene.sent:
        check_notion_request("POST", sent.path, sent.body)


def test_a_search_is_repeated_like_a_read() -> None:
    scene = notion_that(in_turn(notion_error(503, "service_unavailable", "later"), listing()))
    assert scene.notion.search("Homework", "page") == []
    assert len(scene.sent) == 2


def test_a_user_is_the_integration_itself_unless_an_id_is_given() -> None:
    scene = notion_that(lambda sent: Reply(body={"object": "user", "id": PAGE, "type": "bot"}))
    assert scene.notion.retrieve_user()["type"] == "bot"
    scene.notion.retrieve_user(PAGE)
    assert [sent.path for sent in scene.sent] == ["/v1/users/me", f"/v1/users/{PAGE}"]


def test_children_are_read_over_all_pages() -> None:
    scene = notion_that(in_turn(listing("a", after=BLOCK), listing("b")))
    assert [block["id"] for block in scene.notion.list_children(PAGE)] == ["a", "b"]
    assert [sent.path.partition("?")[2] for sent in scene.sent] == [
        "page_size=100",
        f"page_size=100&start_cursor={BLOCK}",
    ]


@pytest.mark.parametrize("after", [BLOCK, 7, ""])
def test_a_list_that_goes_in_a_circle_ends(after: Any) -> None:
    circle = Reply(body={"results": [{"id": "a"}], "has_more": True, "next_cursor": after})
    nothing = Reply(body={"results": [{"id": "a"}], "has_more": True, "next_cursor": None})
    for reply in (circle, nothing):
        with pytest.raises(UnavailableError, match="circle"):
            notion_that(lambda sent, reply=reply: reply).notion.list_children(PAGE)  # type: ignore[misc]


def test_a_query_that_notion_cut_off_is_not_taken_for_complete() -> None:
    status = {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
    with pytest.raises(RejectedError, match="query_result_limit_reached"):
        notion_that(in_turn(listing("a", request_status=status))).notion.query_data_source(PAGE)


def test_blocks_are_appended_at_a_position_and_the_answer_is_returned_whole() -> None:
    scene = notion_that(in_turn(listing(BLOCK, OTHER)))
    position = {"type": "after_block", "after_block": {"id": BLOCK}}
    assert [block["id"] for block in scene.notion.append_children(PAGE, [PARAGRAPH], position)] == [BLOCK, OTHER]
    assert scene.sent[0].body == {"children": [PARAGRAPH], "position": position}


def test_without_position_none_is_sent() -> None:
    scene = notion_that(in_turn(listing(BLOCK)))
    scene.notion.append_children(PAGE, [PARAGRAPH])
    assert scene.sent[0].body == {"children": [PARAGRAPH]}


@pytest.mark.parametrize("results", [None, [], ["x"], [{"object": "block"}]])
def test_an_append_that_does_not_name_its_blocks_may_have_happened(results: Any) -> None:
    with pytest.raises(UnavailableError) as caught:
        notion_that(in_turn(Reply(body={"results": results}))).notion.append_children(PAGE, [PARAGRAPH])
    assert caught.value.may_have_happened


@pytest.mark.parametrize(
    "gone",
    [
        notion_error(404, "object_not_found", "Could not find block with ID"),
        notion_error(400, "validation_error", "Can't edit block that is archived. You must unarchive the block first."),
        notion_error(400, "validation_error", "Can't edit page on block with an archived ancestor."),
        notion_error(400, "validation_error", "Can't edit block that is in trash."),
    ],
)
def test_deleting_what_is_gone_is_no_error(gone: Reply) -> None:
    assert notion_that(in_turn(gone)).notion.delete_block(BLOCK)["in_trash"] is True


def test_a_delete_that_is_refused_for_another_reason_is_an_error() -> None:
    for refusal in (notion_error(400, "validation_error", "no"), notion_error(403, "restricted_resource", "archived")):
        with pytest.raises(RejectedError):
            notion_that(in_turn(refusal)).notion.delete_block(BLOCK)


@pytest.mark.parametrize(
    "bad", ["", "..", "../users/me", "abc", f"{PAGE}/children", f"{PAGE}?x=1", f"https://notion.so/{PAGE}"]
)
def test_an_id_that_is_none_is_refused_before_anything_is_sent(bad: str) -> None:
    scene = notion_that(lambda sent: page())
    for call in (scene.notion.retrieve_page, scene.notion.delete_block, scene.notion.list_children):
        with pytest.raises(RejectedError, match="invalid_id"):
            call(bad)
    assert scene.sent == []


@pytest.mark.parametrize("good", [PAGE, PAGE.replace("-", ""), PAGE.upper()])
def test_ids_with_and_without_dashes_are_taken(good: str) -> None:
    scene = notion_that(lambda sent: page())
    scene.notion.retrieve_page(good)
    assert scene.sent[0].path == f"/v1/pages/{good}"


def test_what_was_sent_is_short_json_in_utf_8() -> None:
    seen: list[Sent] = []
    scene = notion_that(lambda sent: seen.append(sent) or page(BLOCK))  # type: ignore[func-returns-value]
    scene.notion.update_block(BLOCK, {"paragraph": {"rich_text": [{"text": {"content": "café 📘"}}]}})
    assert seen[0].headers["Content-Type"] == "application/json"
    assert seen[0].headers["Content-Length"] == str(
        len('{"paragraph":{"rich_text":[{"text":{"content":"café 📘"}}]}}'.encode())
    )
