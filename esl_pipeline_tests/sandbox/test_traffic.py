"""What the sandbox counts for load tests."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from esl_pipeline.clients.pace import fingerprint
from esl_pipeline.sandbox.traffic import Traffic
from esl_pipeline.sandbox.voices import VOICES
from esl_pipeline_tests.sandbox.notion_asker import HEADERS
from esl_pipeline_tests.sandboxed import Sandboxed


@pytest.fixture
def counted(sandbox: Sandboxed) -> Iterator[Sandboxed]:
    sandbox.control("traffic", {})
    yield sandbox
    sandbox.control("limits", {})
    sandbox.control("elevenlabs", {})
    sandbox.control("traffic", {})


def ask(sandbox: Sandboxed, token: str) -> int:
    headers = {**HEADERS, "Authorization": f"Bearer {token}"}
    return requests.get(f"{sandbox.at.notion_url}/v1/users/me", headers=headers, timeout=5).status_code


def speak(sandbox: Sandboxed, key: str) -> int:
    url = f"{sandbox.at.elevenlabs_url}/v1/text-to-speech/{VOICES[0].voice_id}?output_format=pcm_24000"
    return requests.post(url, json={"text": "Hello"}, headers={"xi-api-key": key}, timeout=30).status_code


def of(sandbox: Sandboxed, vendor: str, secret: str) -> dict[str, Any]:
    found: dict[str, Any] = sandbox.control("traffic").json()[vendor][fingerprint(vendor, secret)]
    return found


def test_each_token_has_counts_of_its_own(counted: Sandboxed) -> None:
    counted.control("limits", {"connection": 3})
    assert [ask(counted, "ntn_one") for _ in range(4)] == [200, 200, 200, 429]
    assert ask(counted, "ntn_two") == 200
    assert of(counted, "notion", "ntn_one") == {
        "requests": 4,
        "refused": 1,
        "most_in_window": 4,
        "most_at_once": 1,
    }
    assert of(counted, "notion", "ntn_two")["requests"] == 1
    assert "ntn_one" not in counted.control("traffic").text


def test_requests_at_the_same_time_are_counted_and_limited_for_each_key(counted: Sandboxed) -> None:
    counted.control("elevenlabs", {"concurrent": 1})
    counted.control("delays", {"speech_s": 0.4})
    with ThreadPoolExecutor(3) as pool:
        answers = [*pool.map(lambda key: speak(counted, key), ("key-a", "key-a", "key-b"))]
    assert sorted(answers) == [200, 200, 429]
    assert answers[2] == 200
    seen = of(counted, "elevenlabs", "key-a")
    assert (seen["most_at_once"], seen["refused"]) == (2, 1)
    assert of(counted, "elevenlabs", "key-b")["most_at_once"] == 1


def test_a_window_is_counted_wherever_it_begins() -> None:
    now = [0.0]
    traffic = Traffic(lambda: now[0])
    for at in (0, 50, 55, 59.9, 60, 61, 200):
        now[0] = at
        traffic.begin("notion", {"HTTP_AUTHORIZATION": "Bearer ntn_x"})(200)
    assert traffic.as_json()["notion"][fingerprint("notion", "ntn_x")]["most_in_window"] == 5
    traffic.clear(5)
    for at in (300, 304, 306):
        now[0] = at
        traffic.begin("notion", {"HTTP_AUTHORIZATION": "Bearer ntn_x"})(429)
    assert traffic.as_json()["notion"][fingerprint("notion", "ntn_x")] == {
        "requests": 3,
        "refused": 3,
        "most_in_window": 2,
        "most_at_once": 1,
    }


def test_counting_begins_anew_when_told(counted: Sandboxed) -> None:
    ask(counted, "ntn_one")
    counted.control("traffic", {"window_s": 2})
    assert "notion" not in counted.control("traffic").json()


@pytest.mark.parametrize("body", [{"window_s": 0}, {"window": 3}, []])
def test_what_makes_no_sense_is_refused(sandbox: Sandboxed, body: object) -> None:
    answer = requests.post(f"{sandbox.at.viewer_url}/_sandbox/traffic", json=body, timeout=5)
    assert answer.status_code == 400
