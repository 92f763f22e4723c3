"""Every kind of fault, as a plain client sees it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from esl_pipeline.sandbox.notion import PLAIN_DATA_SOURCE_ID
from esl_pipeline.sandbox.s3 import ANYBODY
from esl_pipeline.sandbox.server import RunningSandbox, start
from esl_pipeline.sandbox.voices import VOICES
from esl_pipeline_tests.sandbox.notion_asker import HEADERS, Json, paragraph, rich, text_of

OBJECT = "esl-sandbox/a.txt"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with start(tmp_path_factory.mktemp("home")) as sandbox:
        yield sandbox


@pytest.fixture
def at(running: RunningSandbox) -> Iterator[Vendors]:
    yield Vendors(running)
    Vendors(running).control("DELETE", "faults")
    Vendors(running).control("POST", "delays", {})
    Vendors(running).control("DELETE", "requests")


class Vendors:
    """Requests of a client that knows nothing of the sandbox, and its control API."""

    def __init__(self, running: RunningSandbox) -> None:
        self._at = running.addresses

    def control(self, method: str, what: str, body: object = None) -> Any:
        answer = requests.request(method, f"{self._at.viewer_url}/_sandbox/{what}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, **rule: Any) -> None:
        self.control("POST", "faults", [{"vendor": "notion", **rule}])

    def notion(self, method: str = "GET", path: str = "users/me", body: Json | None = None) -> requests.Response:
        return requests.request(method, f"{self._at.notion_url}/v1/{path}", headers=HEADERS, json=body, timeout=5)

    def page(self, title: str = "a") -> requests.Response:
        properties = {"Name": {"title": rich(title)}}
        return self.notion(
            "POST", "pages", {"parent": {"data_source_id": PLAIN_DATA_SOURCE_ID}, "properties": properties}
        )

    def page_id(self) -> str:
        page_id: str = self.page().json()["id"]
        return page_id

    def titled(self, title: str) -> int:
        asked = {"filter": {"property": "Name", "title": {"equals": title}}}
        return len(self.notion("POST", f"data_sources/{PLAIN_DATA_SOURCE_ID}/query", asked).json()["results"])

    def s3(self, method: str, content: bytes | None = None) -> requests.Response:
        headers = {"Authorization": ANYBODY}
        return requests.request(method, f"{self._at.s3_url}/{OBJECT}", data=content, headers=headers, timeout=10)

    def speech(self, text: str, key: str = "sandbox") -> requests.Response:
        address = f"{self._at.elevenlabs_url}/v1/text-to-speech/{VOICES[0].voice_id}"
        return requests.post(address, json={"text": text}, headers={"xi-api-key": key}, timeout=10)

    @property
    def log(self) -> list[Json]:
        entries: list[Json] = self.control("GET", "requests")
        return entries


def test_requests_are_logged_in_order_with_what_became_of_them(at: Vendors) -> None:
    at.notion()
    at.notion("GET", "pages/none")
    at.s3("PUT", b"x")
    at.fault(kind="502")
    at.notion()
    seen = [(entry["vendor"], entry["method"], entry["path"], entry["status"], entry["fault"]) for entry in at.log]
    assert seen == [
        ("notion", "GET", "/v1/users/me", 200, None),
        ("notion", "GET", "/v1/pages/none", 400, None),
        ("s3", "PUT", "/esl-sandbox/a.txt", 200, None),
        ("notion", "GET", "/v1/users/me", 502, "502"),
    ]
    ids = [entry["id"] for entry in at.log]
    assert ids == sorted(set(ids))
    assert all(entry["seconds"] > 0 and abs(entry["at"] - time.time()) < 60 for entry in at.log)
    at.control("DELETE", "requests")
    assert at.log == []


NOTION_ERRORS = {
    "409": "conflict_error",
    "429": "rate_limited",
    "500": "internal_server_error",
    "502": "bad_gateway",
    "503": "service_unavailable",
    "504": "gateway_timeout",
    "529": "service_overload",
}


@pytest.mark.parametrize(("kind", "code"), NOTION_ERRORS.items())
def test_a_notion_error_comes_once_in_its_own_shape_and_nothing_is_done(at: Vendors, kind: str, code: str) -> None:
    at.fault(kind=kind, method="post", path="^/v1/pages$")
    answer = at.page(kind)
    error = answer.json()
    assert (answer.status_code, error["object"], error["status"], error["code"]) == (
        int(kind),
        "error",
        int(kind),
        code,
    )
    assert answer.headers["x-notion-request-id"] == error["request_id"]
    assert at.titled(kind) == 0
    assert at.page(kind).status_code == 200


def test_a_rate_limit_says_how_long_to_wait(at: Vendors) -> None:
    at.fault(kind="429", retry_after=7)
    answer = at.notion()
    assert answer.headers["Retry-After"] == "7"
    assert answer.json()["additional_data"] == {
        "rate_limit_reason": "public_api_request_rate_limit",
        "retry_after": "7",
    }


def test_a_committed_503_names_the_page_that_was_made(at: Vendors) -> None:
    at.fault(kind="503_committed")
    answer = at.page("committed")
    assert answer.status_code == 503
    made = answer.json()["additional_data"]["committed_resource_id"]
    assert at.notion("GET", f"pages/{made}").json()["id"] == made
    assert at.titled("committed") == 1


def test_a_committed_503_names_the_blocks_that_were_appended(at: Vendors) -> None:
    page_id = at.page_id()
    at.notion("PATCH", f"blocks/{page_id}/children", {"children": [paragraph("z")]})
    at.fault(kind="503_committed")
    body = {"children": [paragraph("a"), paragraph("b")], "position": {"type": "start"}}
    told = at.notion("PATCH", f"blocks/{page_id}/children", body).json()["additional_data"]
    children = at.notion("GET", f"blocks/{page_id}/children").json()["results"]
    assert [text_of(block) for block in children] == ["a", "b", "z"]
    assert told["committed_resource_id"] == page_id
    assert told["committed_child_ids"] == [block["id"] for block in children[:2]]


def test_a_committed_503_may_keep_the_ids_to_itself(at: Vendors) -> None:
    at.fault(kind="503_committed", with_ids=False)
    told = at.page("secretly committed").json()["additional_data"]
    assert set(told) == {"retry_guidance", "elapsed_ms", "deadline_ms"}
    assert at.titled("secretly committed") == 1


@pytest.mark.parametrize("kind", ["500", "504"])
def test_an_error_may_come_after_the_work_was_done(at: Vendors, kind: str) -> None:
    at.fault(kind=kind, when="after", path="^/v1/pages$")
    assert at.page(f"after {kind}").status_code == int(kind)
    assert at.titled(f"after {kind}") == 1


def test_a_refusal_stays_a_refusal_where_the_fault_was_to_come_afterwards(at: Vendors) -> None:
    at.fault(kind="503_committed")
    assert at.notion("POST", "pages", {}).status_code == 400


@pytest.mark.parametrize(("kind", "made"), [("timeout_before", 0), ("timeout_after", 1)])
def test_a_client_can_be_kept_waiting_before_or_after_the_work(at: Vendors, kind: str, made: int) -> None:
    title = f"silent {kind}"
    at.fault(kind=kind, path="^/v1/pages$")
    body = {"parent": {"data_source_id": PLAIN_DATA_SOURCE_ID}, "properties": {"Name": {"title": rich(title)}}}
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{at._at.notion_url}/v1/pages", headers=HEADERS, json=body, timeout=0.3)
    assert at.titled(title) == made


@pytest.mark.parametrize(("kind", "made"), [("reset_before", 0), ("reset_after", 1)])
def test_a_connection_can_break_before_or_after_the_work(at: Vendors, kind: str, made: int) -> None:
    at.fault(kind=kind, path="^/v1/pages$")
    with pytest.raises(requests.ConnectionError, match=r"reset by peer|aborted"):
        at.page(f"broken {kind}")
    assert at.titled(f"broken {kind}") == made
    assert [entry["status"] for entry in at.log] == [0, 200]


def test_an_answer_can_be_cut_short(at: Vendors) -> None:
    at.fault(kind="truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        at.notion()


def test_an_answer_can_be_slow(at: Vendors) -> None:
    at.fault(slow_s=0.3)
    began = time.monotonic()
    assert at.notion().status_code == 200
    assert 0.3 <= time.monotonic() - began < 2


def test_an_answer_can_be_given_word_for_word(at: Vendors) -> None:
    at.fault(status=418, body={"short": "stout"}, headers={"X-Pot": "tea"})
    answer = at.notion()
    assert (answer.status_code, answer.json(), answer.headers["X-Pot"]) == (418, {"short": "stout"}, "tea")
    at.fault(kind="401", body="plain words")
    assert (at.notion().text, at.notion().status_code) == ("plain words", 200)


@pytest.mark.parametrize(
    ("status", "code"), [(401, "unauthorized"), (403, "restricted_resource"), (404, "object_not_found")]
)
def test_a_refusal_has_the_vendors_code_of_its_status(at: Vendors, status: int, code: str) -> None:
    at.fault(kind=str(status))
    answer = at.notion()
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_rule_can_wait_for_its_nth_request(at: Vendors) -> None:
    at.fault(kind="500", nth=3, path="users/me")
    assert at.page().status_code == 200
    assert [at.notion().status_code for _ in range(5)] == [200, 200, 500, 200, 200]


def test_a_rule_can_hold_from_its_nth_request_on(at: Vendors) -> None:
    at.fault(kind="500", nth=2, times=2)
    assert [at.notion().status_code for _ in range(5)] == [200, 500, 500, 200, 200]


def test_a_rule_can_hold_for_each_second_request(at: Vendors) -> None:
    at.fault(kind="500", every=2)
    assert [at.notion().status_code for _ in range(4)] == [200, 500, 200, 500]


def test_a_rule_can_hold_a_number_of_times_and_be_taken_back(at: Vendors) -> None:
    at.fault(kind="500", times=2)
    assert [at.notion().status_code for _ in range(3)] == [500, 500, 200]
    at.fault(kind="500", times=9)
    at.control("DELETE", "faults")
    assert at.notion().status_code == 200


def test_a_fault_of_elevenlabs_has_its_shape(at: Vendors) -> None:
    at.control("POST", "faults", [{"vendor": "elevenlabs", "kind": "429", "code": "concurrent_limit_exceeded"}])
    answer = at.speech("Hello")
    detail = answer.json()["detail"]
    assert (answer.status_code, detail["type"], detail["code"]) == (
        429,
        "rate_limit_error",
        "concurrent_limit_exceeded",
    )
    assert detail["status"] == "too_many_concurrent_requests"
    assert answer.headers["request-id"] == detail["request_id"]
    at.control("POST", "faults", [{"vendor": "elevenlabs", "kind": "502"}])
    assert at.speech("Hello").headers["Content-Type"].startswith("text/html")


def test_a_fault_of_s3_is_xml(at: Vendors) -> None:
    at.control("POST", "faults", [{"vendor": "s3", "kind": "503", "method": "PUT"}])
    answer = at.s3("PUT", b"lost")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/xml")
    assert "<Code>SlowDown</Code>" in answer.text
    at.s3("PUT", b"kept")
    at.control("POST", "faults", [{"vendor": "s3", "kind": "reset_after", "method": "PUT"}])
    with pytest.raises(requests.ConnectionError):
        at.s3("PUT", b"kept as well")
    assert at.s3("GET").content == b"kept as well"


def test_delays_are_those_of_each_vendor(at: Vendors) -> None:
    at.control("POST", "delays", {"notion_s": 0.2, "s3_s": 0.1, "speech_s": 0.1, "speech_s_per_character": 0.01})
    at.notion()
    at.s3("HEAD")
    at.speech("Are twenty letters??")
    notion, s3, speech = (entry["seconds"] for entry in at.log)
    assert 0.2 <= notion < 1
    assert 0.1 <= s3 < 1
    assert 0.3 <= speech < 2
    at.control("POST", "delays", {"notion_s": 0})
    at.notion()
    assert at.log[-1]["seconds"] < 0.1


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_the_client_can_be_killed_at_a_chosen_request(at: Vendors, when: str, made: int) -> None:
    title = f"killed {when}"
    body = {"parent": {"data_source_id": PLAIN_DATA_SOURCE_ID}, "properties": {"Name": {"title": rich(title)}}}
    code = (
        "import sys, urllib.request as u; sys.stdin.readline();"
        f"u.urlopen(u.Request('{at._at.notion_url}/v1/pages', sys.argv[1].encode(),"
        f" {{'Content-Type': 'application/json', **{HEADERS!r}}})); print('answered')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, json.dumps(body)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as client:
        at.fault(kind="kill_client", pid=client.pid, when=when, path="^/v1/pages$")
        said, _ = client.communicate(b"go\n", timeout=20)
    assert (client.returncode, said) == (-signal.SIGKILL, b"")
    assert at.titled(title) == made


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"vendor": "notion", "kind": "tea"}, "there is no fault tea"),
        ({"vendor": "google", "kind": "500"}, "Input should be 'notion'"),
        ({"vendor": "notion", "kind": "500", "nht": 2}, "Extra inputs are not permitted"),
        ({"vendor": "notion", "kind": "500", "path": "("}, "not a regular expression"),
        ({"vendor": "notion", "kind": "kill_client"}, "needs pid"),
        ({"vendor": "notion", "kind": "kill_client", "pid": 1}, "greater than 1"),
        ({"vendor": "s3", "kind": "503_committed"}, "only Notion"),
        ({"vendor": "openai", "kind": "nonsense_times"}, "only ElevenLabs"),
        ({"vendor": "notion", "kind": "500", "nth": 1, "every": 2}, "exclude each other"),
        ({"vendor": "notion"}, "kind"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(at: Vendors, rule: Json, words: str) -> None:
    answer = requests.post(f"{at._at.viewer_url}/_sandbox/faults", json=[rule], timeout=5)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


def test_a_web_page_can_not_turn_the_controls(at: Vendors) -> None:
    address = f"{at._at.viewer_url}/_sandbox/faults"
    rules = json.dumps([{"vendor": "notion", "kind": "kill_client", "pid": os.getpid()}])
    for headers in (
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json", "Origin": "https://example.com"},
        {"Content-Type": "application/json", "Host": "evil.example.com:80"},
    ):
        assert requests.post(address, rules, headers=headers, timeout=5).status_code in (403, 415)
    assert at.notion().status_code == 200


def test_a_person_edits_past_the_log_and_the_faults(at: Vendors) -> None:
    page_id = at.page_id()
    at.control("DELETE", "requests")
    at.fault(kind="500", every=1)
    at.control("POST", "notion/edit", {"parent_id": page_id, "children": [paragraph("mine")]})
    at.control("DELETE", "faults")
    assert at.log == []
    assert text_of(at.notion("GET", f"blocks/{page_id}/children").json()["results"][0]) == "mine"
    refused = requests.post(f"{at._at.viewer_url}/_sandbox/notion/edit", json={"delete": "x"}, timeout=5)
    assert refused.status_code == 400


def test_silent_clients_do_not_keep_the_sandbox_from_ending(tmp_path: Path) -> None:
    with start(tmp_path) as sandbox:
        vendors = Vendors(sandbox)
        vendors.fault(kind="timeout_before")
        with contextlib.suppress(requests.ReadTimeout):
            requests.get(f"{sandbox.addresses.notion_url}/v1/users/me", headers=HEADERS, timeout=0.1)
        began = time.monotonic()
    assert time.monotonic() - began < 3
