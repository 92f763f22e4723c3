"""Dialogues of several voices, and what is refused of them."""

from __future__ import annotations

import base64
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from esl_pipeline.sandbox.elevenlabs import make_app
from esl_pipeline.sandbox.voices import VOICES
from esl_pipeline_tests.contracts import check_elevenlabs_request
from esl_pipeline_tests.sandbox.elevenlabs_contract import check_answer

KEY = {"xi-api-key": "any"}
DIALOGUE, TIMED = "/v1/text-to-dialogue", "/v1/text-to-dialogue/with-timestamps"
LINES = ("[cheerfully] Hi Anna, how are you?", "Fine, thank you. And you?", "Not bad at all.")


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return make_app(tmp_path).test_client()


def inputs(*texts: str, voices: int = 2) -> list[dict[str, str]]:
    return [{"text": text, "voice_id": VOICES[number % voices].voice_id} for number, text in enumerate(texts)]


def asked(client: FlaskClient, said: list[dict[str, str]], url: str = DIALOGUE, **more: Any) -> TestResponse:
    return client.post(f"{url}?output_format=pcm_24000", json={"inputs": said, **more}, headers=KEY)


def test_the_voices_speak_one_after_the_other_with_small_gaps(client: FlaskClient) -> None:
    whole = asked(client, inputs(*LINES))
    assert (whole.status_code, whole.content_type) == (200, "audio/pcm")
    alone = [asked(client, [line]).data for line in inputs(*LINES)]
    gaps_s = (len(whole.data) - sum(len(part) for part in alone)) / 48_000
    assert gaps_s == pytest.approx(0.6, abs=0.01)
    assert whole.data.startswith(alone[0])
    assert whole.data.endswith(alone[2])


def test_the_bill_is_the_sum_of_all_characters(client: FlaskClient) -> None:
    assert asked(client, inputs(*LINES)).headers["character-cost"] == str(sum(map(len, LINES)))


def test_it_is_told_who_speaks_when(client: FlaskClient) -> None:
    answer = asked(client, inputs(*LINES), TIMED)
    check_answer("post", TIMED, answer.get_json())
    told = answer.get_json()
    assert "".join(told["alignment"]["characters"]) == "".join(LINES)
    segments = told["voice_segments"]
    assert [segment["voice_id"] for segment in segments] == [VOICES[n].voice_id for n in (0, 1, 0)]
    for number, (line, segment) in enumerate(zip(LINES, segments, strict=True)):
        text = "".join(told["alignment"]["characters"])
        assert text[segment["character_start_index"] : segment["character_end_index"]] == line
        assert segment["dialogue_input_index"] == number
    assert all(a["end_time_seconds"] + 0.29 < b["start_time_seconds"] for a, b in pairwise(segments))
    length_s = len(base64.b64decode(told["audio_base64"])) / 48_000
    assert segments[-1]["end_time_seconds"] == pytest.approx(length_s, abs=0.01)


def test_the_history_has_what_each_voice_said_and_the_audio_again(client: FlaskClient) -> None:
    answer = asked(client, inputs(*LINES), settings={"stability": 0.5})
    item_id = answer.headers["history-item-id"]
    item = client.get(f"/v1/history/{item_id}", headers=KEY).get_json()
    said = [(one["text"], one["voice_id"], one["voice_name"]) for one in item["dialogue"]]
    assert said == [(text, VOICES[n].voice_id, VOICES[n].name) for text, n in zip(LINES, (0, 1, 0), strict=True)]
    assert (item["text"], item["voice_id"], item["model_id"]) == ("", None, "eleven_v3")
    assert (item["settings"], item["output_format"]) == ({"stability": 0.5}, "pcm_24000")
    assert client.get(f"/v1/history/{item_id}/audio", headers=KEY).data == answer.data
    found = client.get("/v1/history?search=FINE", headers=KEY).get_json()["history"]
    assert [one["history_item_id"] for one in found] == [item_id]


TOO_MANY = [{"text": "Hi.", "voice_id": voice.voice_id} for voice in VOICES[:11]]


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({"inputs": []}, 400, "empty_text", "text"),
        ({"inputs": inputs("Hello.", " ")}, 400, "empty_text", "text"),
        ({"inputs": TOO_MANY}, 400, "invalid_parameters", "Too many reference voices"),
        ({"inputs": inputs("x" * 1500, "y" * 501)}, 400, "text_too_long", "2001"),
        ({"inputs": inputs("x"), "model_id": "eleven_multilingual_v2"}, 400, "unsupported_model", "eleven_v3"),
        ({"inputs": inputs("x"), "model_id": "eleven_v9"}, 400, "model_not_found", "eleven_v9"),
        ({"inputs": inputs("x"), "settings": {"stability": 0.4}}, 400, "invalid_ttd_stability", "0.5"),
        ({"inputs": inputs("x"), "settings": {"similarity": 1.4}}, 400, "invalid_voice_settings", "similarity"),
        ({"inputs": inputs("x"), "seed": -1}, 400, "invalid_parameters", "seed"),
        ({"inputs": [{"text": "x", "voice_id": "none"}]}, 404, "voice_not_found", "none"),
    ],
)
def test_a_dialogue_that_cannot_be_spoken_is_refused_and_costs_nothing(
    client: FlaskClient, body: dict[str, Any], status: int, code: str, words: str
) -> None:
    for url in (DIALOGUE, TIMED):
        answer = client.post(url, json=body, headers=KEY)
        assert (answer.status_code, answer.get_json()["detail"]["code"]) == (status, code)
        assert words in answer.get_json()["detail"]["message"]
    assert client.get("/v1/user/subscription", headers=KEY).get_json()["character_count"] == 0


def test_ten_voices_and_two_thousand_characters_are_taken(client: FlaskClient) -> None:
    said = [{"text": "Hi.", "voice_id": voice.voice_id} for voice in VOICES[:10]]
    check_elevenlabs_request("POST", DIALOGUE, {"inputs": said, "model_id": "eleven_v4"})
    assert asked(client, said, model_id="eleven_v4", settings={"stability": 0.4}).status_code == 200
    assert asked(client, inputs("word " * 400)).status_code == 200


def test_an_input_without_a_voice_is_malformed(client: FlaskClient) -> None:
    answer = client.post(DIALOGUE, json={"inputs": [{"text": "x"}]}, headers=KEY)
    assert (answer.status_code, answer.get_json()["detail"][0]["loc"]) == (422, ["body", "inputs", 0, "voice_id"])
