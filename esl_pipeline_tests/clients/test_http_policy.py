from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from esl_pipeline.clients import NotionClient, RejectedError, UnavailableError
from esl_pipeline.clients.retry import RetryPolicy
from esl_pipeline_tests.clients.scripted import BLOCK, PAGE, Reply, in_turn, notion_error, notion_that, page

PARAGRAPH = {"paragraph": {"rich_text": [{"text": {"content": "Hello"}}]}}
CREATE = {"parent": {"type": "page_id", "page_id": PAGE}, "properties": {"title": {"title": []}}}

Call = Callable[[NotionClient], Any]
READS: list[Call] = [
    lambda notion: notion.retrieve_page(PAGE),
    lambda notion: notion.retrieve_block(BLOCK),
    lambda notion: notion.retrieve_database(PAGE),
    lambda notion: notion.retrieve_data_source(PAGE),
    lambda notion: notion.list_children(PAGE),
    lambda notion: notion.query_data_source(PAGE),
]
WRITES: list[Call] = [
    lambda notion: notion.create_page(CREATE),
    lambda notion: notion.update_page(PAGE, {"properties": {}}),
    lambda notion: notion.append_children(PAGE, [PARAGRAPH]),
    lambda notion: notion.update_block(BLOCK, PARAGRAPH),
    lambda notion: notion.update_data_source(PAGE, {"ESL Key": {"rich_text": {}}}),
]
GOOD = Reply(body={"object": "list", "id": PAGE, "results": [{"object": "block", "id": BLOCK}], "has_more": False})
DOWN = (500, 502, 503, 504)


@pytest.mark.parametrize("call", READS)
@pytest.mark.parametrize("status", [*DOWN, 408, 429, 529])
def test_reads_are_repeated_whatever_the_fault(call: Call, status: int) -> None:
    scene = notion_that(in_turn(Reply(status, b"oops"), GOOD))
    call(scene.notion)
    assert len(scene.sent) == 2


@pytest.mark.parametrize("call", WRITES)
@pytest.mark.parametrize("status", DOWN)
def test_a_write_that_may_have_happened_is_never_repeated(call: Call, status: int) -> None:
    scene = notion_that(in_turn(Reply(status, b"oops"), GOOD))
    with pytest.raises(UnavailableError) as caught:
        call(scene.notion)
    assert caught.value.may_have_happened
    assert len(scene.sent) == 1


@pytest.mark.parametrize("call", WRITES)
@pytest.mark.parametrize(("status", "code"), [(429, "rate_limited"), (529, "service_overload")])
def test_a_write_is_repeated_where_the_vendor_says_that_nothing_was_written(call: Call, status: int, code: str) -> None:
    scene = notion_that(in_turn(notion_error(status, code), GOOD))
    call(scene.notion)
    assert len(scene.sent) == 2


@pytest.mark.parametrize("call", READS + WRITES)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 301])
def test_what_is_rejected_is_asked_once(call: Call, status: int) -> None:
    scene = notion_that(in_turn(Reply(status, b"no"), GOOD))
    with pytest.raises(RejectedError):
        call(scene.notion)
    assert len(scene.sent) == 1


def test_a_delete_is_repeated_for_it_may_happen_twice() -> None:
    scene = notion_that(in_turn(Reply(504, b""), Reply(502, b""), page(BLOCK)))
    assert scene.notion.delete_block(BLOCK)["id"] == BLOCK
    assert [sent.method for sent in scene.sent] == ["DELETE"] * 3


def test_a_delete_that_was_unsure_once_stays_unsure_whatever_came_last() -> None:
    scene = notion_that(in_turn(Reply(504, b""), notion_error(429, "rate_limited")))
    with pytest.raises(UnavailableError) as caught:
        scene.notion.delete_block(BLOCK)
    assert caught.value.code == "rate_limited"
    assert caught.value.may_have_happened


def test_a_read_never_happened() -> None:
    with pytest.raises(UnavailableError) as caught:
        notion_that(in_turn(Reply(503, b""))).notion.retrieve_page(PAGE)
    assert not caught.value.may_have_happened


@pytest.mark.parametrize("call", [*WRITES, lambda notion: notion.delete_block(BLOCK)])
def test_a_write_in_conflict_is_left_to_whoever_can_read_first(call: Call) -> None:
    scene = notion_that(in_turn(notion_error(409, "conflict_error"), GOOD))
    with pytest.raises(UnavailableError) as caught:
        call(scene.notion)
    assert (caught.value.code, caught.value.may_have_happened) == ("conflict_error", False)
    assert len(scene.sent) == 1


def test_a_read_in_conflict_is_asked_again() -> None:
    scene = notion_that(in_turn(notion_error(409, "conflict_error"), page(PAGE)))
    assert scene.notion.retrieve_page(PAGE)["id"] == PAGE


def test_attempts_are_bounded_and_backed_off() -> None:
    scene = notion_that(in_turn(notion_error(429, "rate_limited")))
    with pytest.raises(UnavailableError):
        scene.notion.retrieve_page(PAGE)
    assert len(scene.sent) == 5
    assert scene.clock.sleeps == [1, 2, 4, 8]


@pytest.mark.parametrize("after", ["7", "Mon, 23 Nov 2026 12:00:07 GMT"])
def test_retry_after_is_waited(after: str) -> None:
    scene = notion_that(in_turn(notion_error(429, "rate_limited", headers={"Retry-After": after}), page()))
    scene.notion.retrieve_page(PAGE)
    assert scene.clock.sleeps == [8]


def test_retry_after_is_also_found_in_the_body() -> None:
    scene = notion_that(in_turn(notion_error(429, "rate_limited", retry_after="9"), page()))
    scene.notion.retrieve_page(PAGE)
    assert scene.clock.sleeps == [10]


def test_a_long_retry_after_is_left_to_the_caller() -> None:
    scene = notion_that(in_turn(notion_error(429, "rate_limited", headers={"Retry-After": "600"}), page()))
    with pytest.raises(UnavailableError) as caught:
        scene.notion.create_page(CREATE)
    assert caught.value.retry_after_s == 600
    assert (len(scene.sent), scene.clock.sleeps) == (1, [])


def test_no_attempt_begins_that_could_end_after_the_deadline() -> None:
    policy = RetryPolicy(attempts=50, deadline_s=200, connect_timeout_s=10, read_timeout_s=70)
    scene = notion_that(in_turn(notion_error(429, "rate_limited", headers={"Retry-After": "50"})), policy)
    with pytest.raises(UnavailableError):
        scene.notion.retrieve_page(PAGE)
    assert scene.clock.sleeps == [51, 51]


def test_requests_made_counts_every_attempt_of_every_thread() -> None:
    scene = notion_that(lambda sent: page())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: scene.notion.retrieve_page(PAGE), range(200)))
    assert scene.notion.requests_made == len(scene.sent) == 200
    failing = notion_that(in_turn(Reply(502, b""), page()))
    failing.notion.retrieve_page(PAGE)
    assert failing.notion.requests_made == 2


def test_time_outs_outlast_the_vendors_own() -> None:
    from esl_pipeline.clients import elevenlabs, notion

    assert notion.POLICY.read_timeout_s >= 65
    assert elevenlabs.POLICY.read_timeout_s == 180


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>ok</html>", b'{"object":"page"', b'{"object":"page"}'])
@pytest.mark.parametrize("call", [WRITES[0], WRITES[3]])
def test_a_garbled_success_of_a_write_may_have_happened(call: Call, body: bytes) -> None:
    scene = notion_that(in_turn(Reply(200, body), GOOD))
    with pytest.raises(UnavailableError) as caught:
        call(scene.notion)
    assert (caught.value.code, caught.value.status, caught.value.may_have_happened) == ("garbled", 200, True)
    assert len(scene.sent) == 1


def test_a_garbled_success_of_a_read_is_asked_again() -> None:
    scene = notion_that(in_turn(Reply(200, b"<html>"), page()))
    assert scene.notion.retrieve_page(PAGE)["id"] == PAGE


def test_a_body_shorter_than_announced_is_truncated() -> None:
    scene = notion_that(in_turn(Reply(200, {"id": PAGE}, {"Content-Length": "999"}), GOOD))
    with pytest.raises(UnavailableError) as caught:
        scene.notion.create_page(CREATE)
    assert (caught.value.code, caught.value.may_have_happened) == ("truncated", True)


def test_redirects_are_not_followed() -> None:
    scene = notion_that(in_turn(Reply(307, b"", {"Location": "https://evil.example.org/"}), page()))
    with pytest.raises(RejectedError, match="base URL"):
        scene.notion.retrieve_page(PAGE)
    assert len(scene.sent) == 1


def test_cookies_are_not_kept() -> None:
    scene = notion_that(lambda sent: Reply(200, {"id": PAGE}, {"Set-Cookie": "__cf_bm=abc; Path=/"}))
    scene.notion.retrieve_page(PAGE)
    scene.notion.retrieve_page(PAGE)
    assert "Cookie" not in scene.sent[1].headers


def test_a_netrc_file_does_not_replace_the_token(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.notion.com login me password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    scene = notion_that(lambda sent: page())
    scene.notion.retrieve_page(PAGE)
    assert scene.sent[0].headers["Authorization"].startswith("Bearer ntn_")
