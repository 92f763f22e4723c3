"""The windows in which Notion counts requests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from requests import Response

from esl_pipeline.sandbox.notion.rate_windows import RateLimits, RateWindows
from esl_pipeline.sandbox.notion.refusals import Refusal
from esl_pipeline_tests.sandbox.notion_asker import HEADERS
from esl_pipeline_tests.sandboxed import Sandboxed


@pytest.fixture
def limited(sandbox: Sandboxed) -> Iterator[Sandboxed]:
    yield sandbox
    sandbox.control("limits", {})


def ask(sandbox: Sandboxed, token: str = "ntn_one") -> Response:
    headers = {**HEADERS, "Authorization": f"Bearer {token}"}
    return requests.get(f"{sandbox.at.notion_url}/v1/users/me", headers=headers, timeout=5)


def test_a_connection_that_used_its_window_up_is_told_how_long_to_wait(limited: Sandboxed) -> None:
    limited.control("limits", {"connection": 2})
    assert [ask(limited).status_code for _ in range(4)] == [200, 200, 429, 429]
    answer = ask(limited)
    body = answer.json()
    assert body["code"] == "rate_limited"
    assert body["request_id"] == answer.headers["x-notion-request-id"]
    assert body["additional_data"]["rate_limit_reason"] == "public_api_request_rate_limit"
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert body["additional_data"]["retry_after"] == answer.headers["Retry-After"]
    assert ask(limited, "ntn_two").status_code == 200


def test_a_workspace_has_a_window_of_its_own(limited: Sandboxed) -> None:
    limited.control("limits", {"connection": 2, "workspace": 3})
    assert [ask(limited, token).status_code for token in ("ntn_a", "ntn_b", "ntn_a", "ntn_c")] == [200, 200, 200, 429]
    reason = ask(limited, "ntn_b").json()["additional_data"]["rate_limit_reason"]
    assert reason == "public_api_space_request_rate_limit"


def test_a_blocked_integration_is_not_told_to_come_again(limited: Sandboxed) -> None:
    limited.control("limits", {"blocked": True})
    answer = ask(limited)
    assert answer.status_code == 429
    assert answer.json()["additional_data"] == {"rate_limit_reason": "public_api_request_blocked"}
    assert "Retry-After" not in answer.headers


def test_limits_are_off_until_they_are_set(sandbox: Sandboxed) -> None:
    assert {ask(sandbox).status_code for _ in range(30)} == {200}


@pytest.mark.parametrize("body", [{"connection": 0}, {"window_s": 0}, {"tokens": 3}, []])
def test_limits_that_make_no_sense_are_refused(sandbox: Sandboxed, body: object) -> None:
    answer = requests.post(f"{sandbox.at.viewer_url}/_sandbox/limits", json=body, timeout=5)
    assert answer.status_code == 400


def test_windows_are_fixed_and_can_be_spent_in_a_burst() -> None:
    now = [1000.0]
    windows = RateWindows(lambda: now[0])
    windows.set(RateLimits(connection=180))
    now[0] += 59
    for _ in range(180):
        windows.enter("one")
    with pytest.raises(Refusal) as refused:
        windows.enter("one")
    assert refused.value.additional == {"rate_limit_reason": "public_api_request_rate_limit", "retry_after": "1"}
    now[0] += 1
    for _ in range(180):
        windows.enter("one")
    with pytest.raises(Refusal):
        windows.enter("one")


def test_a_publication_waits_for_the_next_window(limited: Sandboxed, four_turns: str, assignment: str) -> None:
    limited.control("limits", {"connection": 4, "window_s": 1})
    with limited.watched("notion") as seen:
        record = limited.publish(four_turns, assignment)
    assert record.status == "succeeded", record.model_dump_json(indent=2)
    assert 429 in {entry["status"] for entry in seen}
    assert len(limited.pages(f"school/{assignment}")) == 1
