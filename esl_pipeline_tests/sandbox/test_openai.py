"""The stand-in of OpenAI's text to speech, beside the viewer."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import av
import numpy as np
import pytest
import requests

from esl_pipeline_tests.recogniser import listen, words
from esl_pipeline_tests.sandboxed import Sandboxed

KEY = {"Authorization": "Bearer sk-any"}


@pytest.fixture
def at(sandbox: Sandboxed) -> Iterator[Sandboxed]:
    yield sandbox
    sandbox.control("openai", {})


def asked(at: Sandboxed, headers: dict[str, str] | None = None, **body: Any) -> requests.Response:
    whole = {"model": "tts-1", "input": "Good morning.", "voice": "alloy", **body}
    sent = {name: value for name, value in whole.items() if value is not None}
    return requests.post(f"{at.at.openai_url}/v1/audio/speech", json=sent, headers=headers or KEY, timeout=20)


def test_pcm_is_24_khz_and_says_the_text(at: Sandboxed) -> None:
    answer = asked(at, response_format="pcm", input="The train leaves at seven in the evening.", voice="nova")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/pcm")
    assert answer.headers["x-request-id"].startswith("req_")
    heard = listen(np.frombuffer(answer.content, "<i2") / 32768, 24_000)
    assert [word.text for word in heard][:4] == words("The train leaves at")


@pytest.mark.parametrize("form", ["mp3", "opus", "aac", "flac", "wav"])
def test_every_format_decodes(at: Sandboxed, form: str) -> None:
    answer = asked(at, response_format=form)
    assert answer.status_code == 200
    with av.open(io.BytesIO(answer.content), "r") as container:
        seconds = sum(float(frame.samples / frame.sample_rate) for frame in container.decode(audio=0))
    assert 0.5 < seconds < 3


def test_mp3_is_the_default(at: Sandboxed) -> None:
    assert asked(at).headers["Content-Type"] == "audio/mpeg"


def test_speed_is_heeded_by_the_older_models_only(at: Sandboxed) -> None:
    def length(**more: Any) -> int:
        return len(asked(at, response_format="pcm", **more).content)

    assert 1.4 < length(speed=0.5) / length() < 2.2
    newest = length(model="gpt-4o-mini-tts")
    assert length(model="gpt-4o-mini-tts", speed=0.5) == newest


def test_voices_differ(at: Sandboxed) -> None:
    assert asked(at, response_format="pcm").content != asked(at, response_format="pcm", voice="onyx").content


@pytest.mark.parametrize(
    ("body", "status", "param", "code"),
    [
        ({"input": "x" * 4097}, 400, "input", "string_above_max_length"),
        ({"input": ""}, 400, "input", "empty_string"),
        ({"input": None}, 400, "input", "missing_required_parameter"),
        ({"voice": "sarah"}, 400, "voice", "invalid_value"),
        ({"voice": "verse"}, 400, "voice", "invalid_value"),
        ({"response_format": "pcm_24000"}, 400, "response_format", None),
        ({"speed": 0.2}, 400, "speed", None),
        ({"speed": 4.1}, 400, "speed", None),
        ({"seed": 1}, 400, "seed", "unknown_parameter"),
        ({"model": "tts-2"}, 404, None, "model_not_found"),
    ],
)
def test_a_request_that_cannot_be_spoken_is_refused(
    at: Sandboxed, body: dict[str, Any], status: int, param: str | None, code: str | None
) -> None:
    answer = asked(at, **body)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (status, "invalid_request_error")
    assert (error["param"], error["code"]) == (param, code)
    assert error["message"]


def test_a_body_that_is_no_json_is_refused(at: Sandboxed) -> None:
    answer = requests.post(f"{at.at.openai_url}/v1/audio/speech", b"{", headers=KEY, timeout=10)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, None)


@pytest.mark.parametrize("header", ["Basic abc", "Bearer ", "Bearer invalid"])
def test_only_a_bearer_key_is_taken(at: Sandboxed, header: str) -> None:
    answer = asked(at, {"Authorization": header})
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "invalid_request_error")


def test_an_account_without_credit_is_told_so(at: Sandboxed) -> None:
    at.control("openai", {"characters": 0})
    answer = asked(at)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "insufficient_quota")
    at.control("openai", {"concurrent": 0})
    answer = asked(at)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "rate_limit_exceeded")


def test_it_is_logged_delayed_and_broken_like_the_others(at: Sandboxed) -> None:
    with at.watched("openai") as seen, at.faults({"vendor": "openai", "kind": "429", "retry_after": 3}):
        refused = asked(at)
        at.control("delays", {"speech_s": 0.3})
        assert asked(at).status_code == 200
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3")
    assert refused.json()["error"]["code"] == "rate_limit_exceeded"
    assert [(entry["path"], entry["status"]) for entry in seen] == [
        ("/v1/audio/speech", 429),
        ("/v1/audio/speech", 200),
    ]
    assert seen[1]["seconds"] >= 0.3
    with at.faults({"vendor": "openai", "kind": "429", "code": "insufficient_quota"}):
        assert asked(at).json()["error"]["type"] == "insufficient_quota"


def test_other_addresses_have_its_shape(at: Sandboxed) -> None:
    answer = requests.get(f"{at.at.openai_url}/v1/models", headers=KEY, timeout=10)
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "Invalid URL (GET /v1/models)")
