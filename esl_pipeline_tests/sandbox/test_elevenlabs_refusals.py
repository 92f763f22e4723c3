"""What the stand-in refuses, with the vendor's statuses and codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from esl_pipeline.clients.local_voice.speaking import Manner, SpeakingError, Utterance
from esl_pipeline.sandbox.elevenlabs import make_app
from esl_pipeline.sandbox.voices import VOICES

KEY = {"xi-api-key": "any"}
SPEAK = f"/v1/text-to-speech/{VOICES[0].voice_id}"


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return make_app(tmp_path).test_client()


def refused(client: FlaskClient, body: dict[str, Any], url: str = SPEAK) -> tuple[int, dict[str, Any]]:
    answer = client.post(url, json=body, headers=KEY)
    return answer.status_code, answer.get_json()["detail"]


def test_a_request_without_a_key_is_not_authenticated(client: FlaskClient) -> None:
    answer = client.get("/v2/voices")
    assert (answer.status_code, answer.get_json()["detail"]["code"]) == (401, "missing_api_key")


def test_the_key_named_invalid_is_refused(client: FlaskClient) -> None:
    answer = client.get("/v2/voices", headers={"xi-api-key": "invalid"})
    assert (answer.status_code, answer.get_json()["detail"]["code"]) == (401, "invalid_api_key")


@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        ({"text": ""}, 400, "empty_text", "text"),
        ({"text": " \n "}, 400, "empty_text", "text"),
        ({"text": "x" * 10_001}, 400, "text_too_long", "text"),
        ({"text": "x" * 5_001, "model_id": "eleven_v3"}, 400, "text_too_long", "text"),
        ({"text": "x", "model_id": "eleven_monolingual_v1"}, 400, "model_not_found", "model_id"),
        ({"text": "x", "model_id": "eleven_v4"}, 400, "unsupported_model", "model_id"),
        ({"text": "x", "voice_settings": {"speed": 0.69}}, 400, "invalid_voice_settings", "voice_settings.speed"),
        ({"text": "x", "voice_settings": {"speed": 1.21}}, 400, "invalid_voice_settings", "voice_settings.speed"),
        ({"text": "x", "voice_settings": {"style": 1.1}}, 400, "invalid_voice_settings", "voice_settings.style"),
        (
            {"text": "x", "voice_settings": {"stability": -0.1}},
            400, "invalid_voice_settings", "voice_settings.stability",
        ),
        (
            {"text": "x", "model_id": "eleven_v3", "voice_settings": {"stability": 0.4}},
            400, "invalid_ttd_stability", "voice_settings.stability",
        ),
        ({"text": "x", "model_id": "eleven_v3", "previous_text": "y"}, 400, "unsupported_model", "previous_text"),
        ({"text": "x", "model_id": "eleven_v3", "next_text": "y"}, 400, "unsupported_model", "next_text"),
        ({"text": "x", "previous_request_ids": list("abcd")}, 400, "invalid_parameters", "previous_request_ids"),
        ({"text": "x", "seed": 2**32}, 400, "invalid_parameters", "seed"),
        (
            {"text": "x", "pronunciation_dictionary_locators": [{"pronunciation_dictionary_id": "d"}]},
            404, "pronunciation_dictionary_not_found", "pronunciation_dictionary_locators",
        ),
    ],
)  # fmt: skip
def test_a_request_that_cannot_be_spoken_is_refused_and_costs_nothing(
    client: FlaskClient, body: dict[str, Any], status: int, code: str, param: str
) -> None:
    answered, detail = refused(client, body)
    assert (answered, detail["code"], detail["param"]) == (status, code, param)
    assert detail["message"]
    assert detail["request_id"]
    assert client.get("/v1/user/subscription", headers=KEY).get_json()["character_count"] == 0


def test_a_text_that_is_too_long_also_tells_the_older_name_of_its_fault(client: FlaskClient) -> None:
    assert refused(client, {"text": "x" * 10_001})[1]["status"] == "max_character_limit_exceeded"


def test_an_unknown_voice_is_not_found(client: FlaskClient) -> None:
    status, detail = refused(client, {"text": "x"}, "/v1/text-to-speech/NoSuchVoice000000000")
    assert (status, detail["code"]) == (404, "voice_not_found")
    assert client.get("/v1/voices/NoSuchVoice000000000", headers=KEY).status_code == 404


@pytest.mark.parametrize("name", ["flac_44100", "pcm_11025", "mp3_44100_320", ""])
def test_a_format_that_the_vendor_lacks_is_refused(client: FlaskClient, name: str) -> None:
    status, detail = refused(client, {"text": "x"}, f"{SPEAK}?output_format={name}")
    assert (status, detail["code"]) == (400, "invalid_output_format")


def test_v3_refuses_the_latency_option(client: FlaskClient) -> None:
    url = f"{SPEAK}?optimize_streaming_latency=2"
    assert refused(client, {"text": "x", "model_id": "eleven_v3"}, url)[1]["code"] == "unsupported_model"


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ("{}", ["body", "text"], "missing"),
        ('{"text": 5}', ["body", "text"], "string_type"),
        ('{"text": "x", "voice_settings": {"speed": "fast"}}', ["body", "voice_settings", "speed"], "float_parsing"),
        ("{", ["body"], "json_invalid"),
        ("", ["body"], "json_invalid"),
        ('{"text": "\\ud800"}', ["body"], "json_invalid"),
    ],
)
def test_a_malformed_body_is_answered_with_a_list_of_places(
    client: FlaskClient, body: str, loc: list[str], kind: str
) -> None:
    answer = client.post(SPEAK, data=body, headers={**KEY, "Content-Type": "application/json"})
    [fault] = answer.get_json()["detail"]
    assert (answer.status_code, fault["loc"], fault["type"]) == (422, loc, kind)


def test_unknown_addresses_and_methods_have_the_bare_shape(client: FlaskClient) -> None:
    assert client.get("/v1/nothing", headers=KEY).get_json() == {"detail": "Not Found"}
    assert client.get(SPEAK, headers=KEY).status_code == 405


def test_an_exhausted_quota_is_a_401_that_says_what_is_left(tmp_path: Path) -> None:
    client = make_app(tmp_path, character_limit=20).test_client()
    assert client.post(SPEAK, json={"text": "Fifteen letters"}, headers=KEY).status_code == 200
    status, detail = refused(client, {"text": "Six ch"})
    assert (status, detail["status"], detail["code"]) == (401, "quota_exceeded", "quota_exceeded")
    assert "quota of 20. You have 5 credits remaining, while 6 credits are required" in detail["message"]
    assert client.post(SPEAK, json={"text": "Five."}, headers=KEY).status_code == 200


def test_the_limits_can_be_changed_while_it_runs(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "limits.json").write_text(json.dumps({"characters": 3}))
    assert refused(client, {"text": "Four"})[1]["code"] == "quota_exceeded"
    (tmp_path / "limits.json").unlink()
    assert client.post(SPEAK, json={"text": "Four"}, headers=KEY).status_code == 200


def test_a_failing_engine_is_a_server_error_and_is_billed_all_the_same(tmp_path: Path) -> None:
    class Mute:
        def speak(self, text: str, manner: Manner) -> Utterance:
            raise SpeakingError("The local voice failed: it is hoarse.")

    client = make_app(tmp_path, engine=Mute()).test_client()
    status, detail = refused(client, {"text": "Hello"})
    assert (status, detail["code"]) == (500, "internal_server_error")
    assert "hoarse" in detail["message"]
    assert client.get("/v1/user/subscription", headers=KEY).get_json()["character_count"] == 5
