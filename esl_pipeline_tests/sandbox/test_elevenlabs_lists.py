"""Voices, models and subscription, against the vendor's own OpenAPI document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from esl_pipeline.sandbox.elevenlabs import make_app
from esl_pipeline.sandbox.elevenlabs.formats import FORMATS
from esl_pipeline.sandbox.voices import VOICES
from esl_pipeline_tests.sandbox.elevenlabs_contract import check_answer, contract

KEY = {"xi-api-key": "any"}


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return make_app(tmp_path).test_client()


def names(client: FlaskClient, query: str) -> list[str]:
    answer = client.get(f"/v2/voices?page_size=100&{query}", headers=KEY)
    assert answer.status_code == 200, answer.get_json()
    return [voice["name"] for voice in answer.get_json()["voices"]]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/v2/voices", "/v2/voices"),
        ("/v1/voices", "/v1/voices"),
        (f"/v1/voices/{VOICES[2].voice_id}", "/v1/voices/{voice_id}"),
        ("/v1/models", "/v1/models"),
        ("/v1/user/subscription", "/v1/user/subscription"),
        ("/v1/history", "/v1/history"),
    ],
)
def test_answers_fit_the_vendors_document(client: FlaskClient, url: str, path: str) -> None:
    spoken = client.post(f"/v1/text-to-speech/{VOICES[0].voice_id}", json={"text": "Hello."}, headers=KEY)
    assert spoken.status_code == 200
    check_answer("get", path, client.get(url, headers=KEY).get_json())


def test_the_formats_are_the_vendors() -> None:
    parameters = contract()["paths"]["/v1/text-to-speech/{voice_id}"]["post"]["parameters"]
    [asked] = [one for one in parameters if one["name"] == "output_format"]
    assert set(asked["schema"]["enum"]) == FORMATS


def test_pages_of_voices_follow_one_another_without_gaps(client: FlaskClient) -> None:
    seen, token = [], ""
    while True:
        page = client.get(f"/v2/voices?page_size=5&next_page_token={token}", headers=KEY).get_json()
        seen += [voice["name"] for voice in page["voices"]]
        assert page["total_count"] == len(VOICES)
        if not page["has_more"]:
            break
        token = page["next_page_token"]
    assert seen == [voice.name for voice in VOICES]
    assert page["next_page_token"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"voice_ids={VOICES[1].voice_id}&voice_ids={VOICES[3].voice_id}&voice_ids=unknown", ["Liam", "George"]),
        ("search=alice", ["Alice"]),
        ("gender=male&accent=british", ["George", "Daniel"]),
        ("use_cases=social_media", ["Laura"]),
        ("category=cloned", []),
        ("search=narration&sort=name&sort_direction=desc", ["Matilda", "George", "Brian", "Alice"]),
    ],
)
def test_voices_are_found(client: FlaskClient, query: str, expected: list[str]) -> None:
    assert names(client, query) == expected


@pytest.mark.parametrize(
    "query", ["page_size=0", "page_size=101", "page_size=ten", "next_page_token=zzz", "sort=age", "voice_ids=x&" * 101]
)
def test_a_parameter_out_of_range_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/v2/voices?{query}", headers=KEY)
    assert (answer.status_code, answer.get_json()["detail"]["code"]) == (400, "invalid_parameters")


def test_the_catalogue_casts_any_lesson(shared: Path) -> None:
    kinds = {(voice.manner.gender, voice.manner.accent, voice.use_case) for voice in VOICES}
    for gender in ("female", "male"):
        assert sum(voice.manner.gender == gender for voice in VOICES) >= 3
        for accent in ("american", "british"):
            assert {(gender, accent, "narration"), (gender, accent, "conversational")} & kinds
    theirs = json.loads((shared / "recorded/predecessor-voices.json").read_text("utf-8"))["voices"]
    assert not {voice["id"] for voice in theirs} & {voice.voice_id for voice in VOICES}
    assert {len(voice.voice_id) for voice in VOICES} == {20}
    assert len({voice.voice_id for voice in VOICES}) == len({voice.name for voice in VOICES}) == len(VOICES)


def test_a_model_says_how_much_it_takes(client: FlaskClient) -> None:
    models = {model["model_id"]: model for model in client.get("/v1/models", headers=KEY).get_json()}
    assert models["eleven_multilingual_v2"]["maximum_text_length_per_request"] == 10_000
    assert models["eleven_v4"]["can_do_text_to_speech"] is False
