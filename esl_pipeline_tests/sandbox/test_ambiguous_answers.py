"""Faults after which a client can't know whether its write was done."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import requests

from esl_pipeline.sandbox.notion import PLAIN_DATA_SOURCE_ID
from esl_pipeline_tests.sandbox.notion_asker import HEADERS, rich
from esl_pipeline_tests.sandboxed import Sandboxed

QUERY = f"data_sources/{PLAIN_DATA_SOURCE_ID}/query"


def titled(sandbox: Sandboxed, title: str) -> int:
    return len(sandbox.notion("POST", QUERY, {"filter": {"property": "Name", "title": {"equals": title}}})["results"])


def test_a_write_can_be_done_long_after_its_client_gave_up(sandbox: Sandboxed) -> None:
    body = {"parent": {"data_source_id": PLAIN_DATA_SOURCE_ID}, "properties": {"Name": {"title": rich("late")}}}
    rule = {"vendor": "notion", "kind": "timeout_late", "path": "^/v1/pages$", "slow_s": 0.5}
    with sandbox.faults(rule):
        with pytest.raises(requests.ReadTimeout):
            requests.post(f"{sandbox.at.notion_url}/v1/pages", headers=HEADERS, json=body, timeout=0.2)
        assert titled(sandbox, "late") == 0
        wait_until(lambda: titled(sandbox, "late") == 1)


@pytest.mark.parametrize(("method", "path"), [("GET", "users/me"), ("POST", QUERY)])
def test_a_committed_503_of_a_read_is_an_ordinary_one(sandbox: Sandboxed, method: str, path: str) -> None:
    with sandbox.faults({"vendor": "notion", "kind": "503_committed"}):
        answer = requests.request(method, f"{sandbox.at.notion_url}/v1/{path}", headers=HEADERS, json={}, timeout=5)
    assert answer.status_code == 503
    assert "additional_data" not in answer.json()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
