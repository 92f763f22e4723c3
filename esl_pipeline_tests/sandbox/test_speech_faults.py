"""What goes wrong with speech: who is billed, what the history has, and answers that are spoilt on their way."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from esl_pipeline.sandbox.voices import VOICES
from esl_pipeline_tests.sandboxed import Sandboxed

KEY = {"xi-api-key": "any"}
TEXT = "I shall be paid for this."


def speak(at: Sandboxed, text: str = TEXT, timeout_s: float = 10, kind: str = "") -> requests.Response:
    url = f"{at.at.elevenlabs_url}/v1/text-to-speech/{VOICES[0].voice_id}{kind}?output_format=pcm_24000"
    return requests.post(url, json={"text": text}, headers=KEY, timeout=timeout_s)


def used(at: Sandboxed) -> int:
    count: int = read(at, "user/subscription")["character_count"]
    return count


def read(at: Sandboxed, what: str) -> dict[str, Any]:
    found: dict[str, Any] = requests.get(f"{at.at.elevenlabs_url}/v1/{what}", headers=KEY, timeout=10).json()
    return found


def remembered(at: Sandboxed, text: str) -> int:
    return len(read(at, f"history?search={text}")["history"])


def test_who_hangs_up_is_billed_when_generation_starts_and_finds_it_when_it_is_done(
    sandbox: Sandboxed, assignment: str
) -> None:
    before = used(sandbox)
    sandbox.control("delays", {"speech_s": 1.0})
    with pytest.raises(requests.ReadTimeout):
        speak(sandbox, assignment, timeout_s=0.3)
    assert used(sandbox) == before + len(assignment)
    assert remembered(sandbox, assignment) == 0
    wait_until(lambda: remembered(sandbox, assignment) == 1)
    assert used(sandbox) == before + len(assignment)


def wait_until(true: Any) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("kind", "billed"),
    [
        ("reset_before", False), ("reset_after", True), ("truncated", True), ("truncated_chunk", True),
        ("timeout_before", False), ("timeout_after", True),
    ],
)  # fmt: skip
def test_an_answer_that_never_arrives_is_billed_and_remembered_if_the_work_was_done(
    sandbox: Sandboxed, assignment: str, kind: str, billed: bool
) -> None:
    before = used(sandbox)
    broken = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, requests.ReadTimeout)
    with sandbox.faults({"vendor": "elevenlabs", "kind": kind, "method": "POST"}), pytest.raises(broken):
        speak(sandbox, assignment, timeout_s=0.5)
    assert used(sandbox) == before + len(assignment) * billed
    assert remembered(sandbox, assignment) == billed


def test_an_answer_can_end_early_as_if_it_were_whole(sandbox: Sandboxed) -> None:
    whole = speak(sandbox).content
    with sandbox.faults({"vendor": "elevenlabs", "kind": "ended_early", "method": "POST"}):
        short = speak(sandbox)
    assert int(short.headers["Content-Length"]) == len(short.content) == len(whole) // 4 * 2
    item = read(sandbox, f"history/{short.headers['history-item-id']}/audio".replace("/audio", ""))
    assert item["text"] == TEXT


def test_times_can_be_nonsense_while_the_audio_is_good(sandbox: Sandboxed) -> None:
    body = {"inputs": [{"text": text, "voice_id": VOICES[0].voice_id} for text in ("One.", "Two.", "Three.")]}
    url = f"{sandbox.at.elevenlabs_url}/v1/text-to-dialogue/with-timestamps"
    good = requests.post(url, json=body, headers=KEY, timeout=20).json()
    with sandbox.faults({"vendor": "elevenlabs", "kind": "nonsense_times"}):
        bad = requests.post(url, json=body, headers=KEY, timeout=20).json()
    assert bad["audio_base64"] == good["audio_base64"]
    first, second, third = bad["voice_segments"]
    assert first["start_time_seconds"] == first["end_time_seconds"]
    assert second["start_time_seconds"] < good["voice_segments"][1]["start_time_seconds"]
    assert third["start_time_seconds"] == third["end_time_seconds"]
    starts = bad["alignment"]["character_start_times_seconds"]
    assert len(set(starts[len(starts) // 2 :])) == 1


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("concurrent_limit_exceeded", "too_many_concurrent_requests"),
        ("rate_limit_exceeded", "rate_limit_exceeded"),
        ("system_busy", "system_busy"),
    ],
)
@pytest.mark.parametrize("retry_after", [None, 2])
def test_each_429_has_its_code_with_or_without_a_time_to_wait(
    sandbox: Sandboxed, code: str, status: str, retry_after: int | None
) -> None:
    rule = {"vendor": "elevenlabs", "kind": "429", "code": code, "retry_after": retry_after}
    with sandbox.faults(rule):
        answer = speak(sandbox)
    detail = answer.json()["detail"]
    assert (answer.status_code, detail["type"], detail["code"]) == (429, "rate_limit_error", code)
    assert detail["status"] == status
    assert answer.headers.get("Retry-After") == (str(retry_after) if retry_after else None)


def test_a_slow_generation_holds_its_place_among_those_in_flight(sandbox: Sandboxed) -> None:
    sandbox.control("elevenlabs", {"concurrent": 1})
    try:
        sandbox.control("delays", {"speech_s": 1.0})
        with pytest.raises(requests.ReadTimeout):
            speak(sandbox, "Slowly.", timeout_s=0.3)
        sandbox.control("delays", {})
        assert speak(sandbox).json()["detail"]["code"] == "concurrent_limit_exceeded"
        wait_until(lambda: speak(sandbox).status_code == 200)
    finally:
        sandbox.control("elevenlabs", {})
