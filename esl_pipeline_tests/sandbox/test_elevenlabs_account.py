"""What a key may do, voices that are withdrawn, and a history that is complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from esl_pipeline.sandbox.elevenlabs import make_app
from esl_pipeline.sandbox.elevenlabs.account import AccountChanges, change
from esl_pipeline.sandbox.voices import VOICES
from esl_pipeline_tests.sandbox.elevenlabs_contract import check_answer
from esl_pipeline_tests.sandboxed import Sandboxed

KEY = {"xi-api-key": "any"}
SPEAK = f"/v1/text-to-speech/{VOICES[0].voice_id}"


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return make_app(tmp_path).test_client()


def changed(folder: Path, **how: Any) -> None:
    change(folder, AccountChanges(**how))


@pytest.mark.parametrize(
    ("scope", "url"),
    [
        ("user_read", "/v1/user/subscription"),
        ("voices_read", "/v2/voices"),
        ("voices_read", f"/v1/voices/{VOICES[0].voice_id}"),
        ("models_read", "/v1/models"),
        ("speech_history_read", "/v1/history"),
    ],
)
def test_a_key_without_a_scope_is_refused_there_and_nowhere_else(
    client: FlaskClient, tmp_path: Path, scope: str, url: str
) -> None:
    changed(tmp_path, missing_scopes={scope})
    refused = client.get(url, headers=KEY)
    detail = refused.get_json()["detail"]
    assert (refused.status_code, detail["status"]) == (401, "missing_permissions")
    assert scope in detail["message"]
    assert client.post(SPEAK, json={"text": "Hello."}, headers=KEY).status_code == 200
    changed(tmp_path)
    assert client.get(url, headers=KEY).status_code == 200


def test_a_key_that_may_not_speak_is_not_billed(client: FlaskClient, tmp_path: Path) -> None:
    changed(tmp_path, missing_scopes={"text_to_speech"})
    for url in (SPEAK, f"{SPEAK}/with-timestamps", "/v1/text-to-dialogue"):
        assert client.post(url, json={"text": "x"}, headers=KEY).get_json()["detail"]["code"] == "missing_permissions"
    assert client.get("/v1/user/subscription", headers=KEY).get_json()["character_count"] == 0


def names(client: FlaskClient, query: str = "") -> list[str]:
    page = client.get(f"/v2/voices?page_size=100&{query}", headers=KEY).get_json()
    return [voice["name"] for voice in page["voices"]]


@pytest.mark.parametrize("named", [VOICES[0].voice_id, VOICES[0].name, "premade"])
def test_a_withdrawn_voice_vanishes_and_can_not_speak(client: FlaskClient, tmp_path: Path, named: str) -> None:
    assert "Sarah" in names(client)
    changed(tmp_path, withdrawn_voices={named})
    assert "Sarah" not in names(client)
    assert names(client, f"voice_ids={VOICES[0].voice_id}") == []
    assert "Sarah" not in [voice["name"] for voice in client.get("/v1/voices", headers=KEY).get_json()["voices"]]
    dialogue = {"inputs": [{"text": "Hi.", "voice_id": VOICES[0].voice_id}]}
    answers = [
        client.get(f"/v1/voices/{VOICES[0].voice_id}", headers=KEY),
        client.post(SPEAK, json={"text": "Hi."}, headers=KEY),
        client.post("/v1/text-to-dialogue", json=dialogue, headers=KEY),
    ]
    for answer in answers:
        assert (answer.status_code, answer.get_json()["detail"]["code"]) == (404, "voice_not_found")
    changed(tmp_path)
    assert client.post(SPEAK, json={"text": "Hi."}, headers=KEY).status_code == 200


def test_voices_that_are_not_the_vendors_own_stay_when_those_expire(client: FlaskClient, tmp_path: Path) -> None:
    others = names(client, "voice_type=non-default")
    assert others == ["Laura", "Chris", "River", "Margaret"]
    assert names(client, "category=generated") == ["River"]
    assert names(client, "voice_type=community") == ["Laura", "Chris", "Margaret"]
    assert names(client, "voice_type=default") + others == names(client)
    changed(tmp_path, withdrawn_voices={"premade"})
    assert names(client) == others


def test_a_history_item_tells_all_about_its_generation(client: FlaskClient) -> None:
    body = {"text": "Hello.", "voice_settings": {"speed": 0.8, "stability": 0.4}}
    answer = client.post(f"{SPEAK}?output_format=pcm_24000", json=body, headers=KEY)
    item = client.get(f"/v1/history/{answer.headers['history-item-id']}", headers=KEY).get_json()
    check_answer("get", "/v1/history/{history_item_id}", item)
    assert item["settings"] == body["voice_settings"]
    assert (item["request_id"], item["output_format"]) == (answer.headers["request-id"], "pcm_24000")
    assert (item["character_count_change_from"], item["character_count_change_to"]) == (0, 6)
    assert (item["dialogue"], item["alignments"], item["voice_category"]) == (None, None, "premade")
    assert client.get("/v1/history/none", headers=KEY).status_code == 404


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        (f"voice_id={VOICES[1].voice_id}", ["Two."]),
        ("model_id=eleven_flash_v2_5&source=TTS", ["Two."]),
        ("source=STS", []),
        ("date_before_unix=1", []),
        ("date_after_unix=1&sort_direction=asc", ["One.", "Two."]),
        ("search=one", ["One."]),
    ],
)
def test_the_history_is_filtered(client: FlaskClient, query: str, texts: list[str]) -> None:
    client.post(SPEAK, json={"text": "One."}, headers=KEY)
    other = {"text": "Two.", "model_id": "eleven_flash_v2_5"}
    client.post(f"/v1/text-to-speech/{VOICES[1].voice_id}", json=other, headers=KEY)
    found = client.get(f"/v1/history?{query}", headers=KEY).get_json()
    check_answer("get", "/v1/history", found)
    assert [item["text"] for item in found["history"]] == texts


@pytest.mark.parametrize("query", ["source=ConvAI", "sort_direction=up", "page_size=1001", "model_id=eleven_v3"])
def test_a_filter_that_the_vendor_lacks_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/v1/history?{query}", headers=KEY).get_json()["detail"]["code"] == "invalid_parameters"


def test_the_control_changes_the_account_of_a_running_sandbox(sandbox: Sandboxed) -> None:
    url = f"{sandbox.at.elevenlabs_url}/v1/user/subscription"
    limit = requests.get(url, headers=KEY, timeout=10).json()["character_limit"]
    try:
        sandbox.control("elevenlabs", {"characters": 7, "withdrawn_voices": ["premade"]})
        told = requests.get(url, headers=KEY, timeout=10).json()
        assert (told["character_limit"], told["voice_slots_used"]) == (7, 4)
    finally:
        sandbox.control("elevenlabs", {})
    assert requests.get(url, headers=KEY, timeout=10).json()["character_limit"] == limit
    for wrong in ({"scopes": ["user_read"]}, {"missing_scopes": ["everything"]}, {"characters": -1}):
        answer = requests.post(f"{sandbox.at.viewer_url}/_sandbox/elevenlabs", json=wrong, timeout=10)
        assert answer.status_code == 400, json.dumps(wrong)
