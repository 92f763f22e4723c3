from __future__ import annotations

import pytest

from esl_pipeline.clients import RejectedError, UnavailableError, VendorError
from esl_pipeline_tests.clients.scripted import BLOCK, OTHER, PAGE, Reply, in_turn, notion_error, notion_that

CREATE = {"parent": {"type": "page_id", "page_id": PAGE}, "properties": {"title": {"title": []}}}


def error_of(reply: Reply) -> VendorError:
    with pytest.raises(VendorError) as caught:
        notion_that(in_turn(reply)).notion.create_page(CREATE)
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "fix"),
    [
        (400, "invalid_json", "report"),
        (400, "invalid_request_url", "right kind"),
        (400, "invalid_request", "report"),
        (400, "missing_version", "update"),
        (400, "validation_error", "where"),
        (401, "unauthorized", "NOTION_TOKEN"),
        (403, "restricted_resource", "capabilities"),
        (404, "object_not_found", "share the page or database with the integration"),
        (409, "row_limit_exceeded", "full"),
    ],
)
def test_what_can_not_succeed_is_rejected_with_what_to_do(status: int, code: str, fix: str) -> None:
    error = error_of(notion_error(status, code, "words"))
    assert isinstance(error, RejectedError)
    assert (error.code, error.status, error.message, error.request_id) == (code, status, "words", "r-1")
    assert fix in error.fix


@pytest.mark.parametrize(
    ("status", "code", "unsure"),
    [
        (409, "conflict_error", False),
        (429, "rate_limited", False),
        (500, "internal_server_error", True),
        (502, "bad_gateway", True),
        (503, "service_unavailable", True),
        (503, "database_connection_unavailable", True),
        (504, "gateway_timeout", True),
        (529, "service_overload", False),
    ],
)
def test_what_may_succeed_later_is_unavailable(status: int, code: str, unsure: bool) -> None:
    error = error_of(notion_error(status, code))
    assert isinstance(error, UnavailableError)
    assert (error.code, error.may_have_happened) == (code, unsure)


def test_the_code_counts_for_more_than_the_status() -> None:
    assert isinstance(error_of(notion_error(400, "rate_limited")), UnavailableError)
    assert isinstance(error_of(notion_error(503, "unauthorized")), RejectedError)


def test_an_unknown_code_is_judged_by_its_status() -> None:
    rejected, unavailable = error_of(notion_error(418, "teapot")), error_of(notion_error(599, "strange"))
    assert isinstance(rejected, RejectedError)
    assert rejected.code == "teapot"
    assert isinstance(unavailable, UnavailableError)
    assert unavailable.may_have_happened


def test_a_blocked_integration_is_rejected_although_it_is_a_429() -> None:
    reply = notion_error(429, "rate_limited", rate_limit_reason="public_api_request_blocked", retry_after="1")
    scene = notion_that(in_turn(reply))
    with pytest.raises(RejectedError, match="blocked"):
        scene.notion.create_page(CREATE)
    assert len(scene.sent) == 1


@pytest.mark.parametrize("reason", ["public_api_request_rate_limit", "public_api_space_request_rate_limit"])
def test_other_rate_limits_are_not(reason: str) -> None:
    assert isinstance(error_of(notion_error(429, "rate_limited", rate_limit_reason=reason)), UnavailableError)


def test_a_full_free_workspace_says_so() -> None:
    error = error_of(notion_error(403, "restricted_resource", block_limit="1000"))
    assert error.code == "restricted_resource"
    assert "plan" in error.fix


def test_what_was_written_in_spite_of_a_503_is_named() -> None:
    reply = notion_error(503, "service_unavailable", committed_resource_id=PAGE, committed_child_ids=[BLOCK, OTHER])
    error = error_of(reply)
    assert isinstance(error, UnavailableError)
    assert (error.committed_resource_id, error.committed_child_ids) == (PAGE, (BLOCK, OTHER))
    assert error.may_have_happened
    single = error_of(notion_error(503, "service_unavailable", committed_child_ids=BLOCK, committed_resource_id=[PAGE]))
    assert isinstance(single, UnavailableError)
    assert (single.committed_resource_id, single.committed_child_ids) == (PAGE, (BLOCK,))


def test_a_body_that_is_too_large_has_an_answer_of_its_own_form() -> None:
    body = {
        "isNotionError": False,
        "errorId": "e",
        "name": "PayloadTooLargeError",
        "message": "request entity too large",
    }
    error = error_of(Reply(413, body | {"code": 413}))
    assert isinstance(error, RejectedError)
    assert (error.code, error.message) == ("payload_too_large", "request entity too large")


def test_the_page_of_a_proxy_is_told_by_its_title() -> None:
    html = b"<html><head><title>502 Bad\nGateway</title></head><body><h1>cloudflare</h1></body></html>"
    error = error_of(Reply(502, html, {"cf-ray": "a125f0f3c865f816-LHR"}))
    assert isinstance(error, UnavailableError)
    assert (error.code, error.message, error.request_id) == ("bad_gateway", "502 Bad Gateway", "a125f0f3c865f816-LHR")


@pytest.mark.parametrize("body", [b"", b"null", b"[1]", b'"x"', b"\xff\xfe", {"code": 7, "additional_data": "x"}])
def test_no_body_breaks_the_reading(body: object) -> None:
    assert error_of(Reply(500, body)).code == "internal_server_error"


def test_the_request_id_is_taken_from_the_header_where_the_body_has_none() -> None:
    assert error_of(Reply(400, {"code": "x"}, {"x-notion-request-id": "h-1"})).request_id == "h-1"
