"""The speech that the stand-in sells, its bill and its history."""

from __future__ import annotations

import io
import threading
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import numpy as np
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from esl_pipeline.clients.local_voice.speaking import Manner, Utterance
from esl_pipeline.sandbox.elevenlabs import make_app
from esl_pipeline.sandbox.elevenlabs.formats import FORMATS, encode, output_format
from esl_pipeline.sandbox.voices import VOICES

KEY = {"xi-api-key": "any"}
SPEAK = f"/v1/text-to-speech/{VOICES[0].voice_id}"


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return make_app(tmp_path).test_client()


def spoken(client: FlaskClient, text: str = "Good morning.", form: str = "pcm_24000", **more: object) -> TestResponse:
    answer = client.post(f"{SPEAK}?output_format={form}", json={"text": text, **more}, headers=KEY)
    assert answer.status_code == 200, answer.get_json()
    return answer


def tone(rate_hz: int, hz: int = 1000, seconds: float = 1.0) -> Utterance:
    times = np.arange(int(rate_hz * seconds)) / rate_hz
    return Utterance((0.5 * 32767 * np.sin(2 * np.pi * hz * times)).astype("<i2").tobytes(), rate_hz)


@pytest.mark.parametrize("rate_hz", [8000, 16000, 22050, 24000, 32000, 44100, 48000])
def test_resampling_keeps_length_pitch_and_level(rate_hz: int) -> None:
    samples = np.frombuffer(encode(tone(15000), output_format(f"pcm_{rate_hz}")), "<i2") / 32767
    assert abs(len(samples) - rate_hz) <= rate_hz // 500
    middle = samples[rate_hz // 10 : -rate_hz // 10]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    hz = np.fft.rfftfreq(len(middle), 1 / rate_hz)
    assert abs(hz[spectrum.argmax()] - 1000) < 5
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.02)
    far = spectrum[np.abs(hz - 1000) > 50].max() / spectrum.max()
    assert far < 10 ** (-60 / 20)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_decodes_to_the_same_duration(name: str) -> None:
    form = output_format(name)
    content = encode(tone(16000, seconds=1.5), form)
    muxer = {"pcm": "s16le"}.get(name.split("_")[0], form.container.muxer)
    options = {"sample_rate": str(form.rate_hz)} if muxer in ("s16le", "mulaw", "alaw") else {}
    with av.open(io.BytesIO(content), "r", format=muxer, options=options) as container:
        seconds = sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
    assert seconds == pytest.approx(1.5, abs=0.06)


def test_a_wav_states_its_rate_and_is_mono(client: FlaskClient) -> None:
    answer = spoken(client, form="wav_22050")
    with wave.open(io.BytesIO(answer.data)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (22050, 1, 2)
        assert file.getnframes() > 11025
    assert answer.content_type == "audio/wav"


def test_mp3_is_the_default_format(client: FlaskClient) -> None:
    answer = client.post(SPEAK, json={"text": "Hello."}, headers=KEY)
    assert answer.content_type == "audio/mpeg"
    with av.open(io.BytesIO(answer.data)) as container:
        assert container.streams.audio[0].rate == 44100


def test_the_same_request_gives_the_same_bytes(client: FlaskClient) -> None:
    assert spoken(client).data == spoken(client).data


def test_voice_text_and_speed_change_the_speech(client: FlaskClient) -> None:
    plain = spoken(client, "Shall we begin the lesson now?").data
    slow = spoken(client, "Shall we begin the lesson now?", voice_settings={"speed": 0.7}).data
    assert 1.25 < len(slow) / len(plain) < 1.6
    other = f"/v1/text-to-speech/{VOICES[1].voice_id}?output_format=pcm_24000"
    assert client.post(other, json={"text": "Shall we begin the lesson now?"}, headers=KEY).data != plain


def test_the_answer_tells_cost_ids_and_concurrency(client: FlaskClient) -> None:
    headers = spoken(client, "Twelve chars").headers
    assert headers["character-cost"] == "12"
    assert headers["request-id"]
    assert headers["history-item-id"]
    assert (headers["current-concurrent-requests"], headers["maximum-concurrent-requests"]) == ("1", "5")


def test_fast_models_cost_half_rounded_up_and_allow_twice_as_many_requests(client: FlaskClient) -> None:
    headers = spoken(client, "Three", model_id="eleven_flash_v2_5").headers
    assert (headers["character-cost"], headers["maximum-concurrent-requests"]) == ("3", "10")


def test_usage_outlives_the_server(tmp_path: Path) -> None:
    spoken(make_app(tmp_path).test_client(), "Hello")
    usage = make_app(tmp_path).test_client().get("/v1/user/subscription", headers=KEY).get_json()
    assert (usage["character_count"], usage["character_limit"]) == (5, 1_000_000)


def test_a_lost_answer_is_found_in_the_history(client: FlaskClient) -> None:
    first, second = spoken(client, "The first."), spoken(client, "The second.", form="mp3_44100_128")
    history = client.get("/v1/history?search=SECOND", headers=KEY).get_json()["history"]
    assert [(item["text"], item["request_id"]) for item in history] == [("The second.", second.headers["request-id"])]
    audio = client.get(f"/v1/history/{history[0]['history_item_id']}/audio", headers=KEY)
    assert (audio.data, audio.content_type) == (second.data, "audio/mpeg")
    assert client.get(f"/v1/history/{first.headers['history-item-id']}/audio", headers=KEY).data == first.data
    assert client.get("/v1/history/none/audio", headers=KEY).status_code == 404


def test_the_history_is_paged_newest_first(client: FlaskClient) -> None:
    for text in ("One.", "Two.", "Three."):
        spoken(client, text)
    page = client.get("/v1/history?page_size=2", headers=KEY).get_json()
    assert [item["text"] for item in page["history"]] == ["Three.", "Two."]
    assert page["has_more"] is True
    rest = client.get(f"/v1/history?start_after_history_item_id={page['last_history_item_id']}", headers=KEY).get_json()
    assert [item["text"] for item in rest["history"]] == ["One."]
    assert rest["has_more"] is False
    assert client.get("/v1/history?model_id=eleven_v3", headers=KEY).status_code == 400


def test_more_requests_at_a_time_than_allowed_are_turned_away(tmp_path: Path) -> None:
    speaking, finish = threading.Barrier(3), threading.Event()

    class Slow:
        def speak(self, text: str, manner: Manner) -> Utterance:
            if text == "wait":
                speaking.wait(10)
                finish.wait(10)
            return tone(16000, seconds=0.1)

    app = make_app(tmp_path, engine=Slow(), max_concurrent=2)

    def ask(text: str) -> TestResponse:
        return app.test_client().post(SPEAK, json={"text": text}, headers=KEY)

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(ask, "wait") for _ in range(2)]
        speaking.wait(10)
        refused = ask("now")
        finish.set()
    assert (refused.status_code, refused.get_json()["detail"]["code"]) == (429, "concurrent_limit_exceeded")
    assert refused.get_json()["detail"]["status"] == "too_many_concurrent_requests"
    assert [future.result().status_code for future in running] == [200, 200]
    assert ask("now").status_code == 200


def test_parallel_requests_are_all_billed(tmp_path: Path) -> None:
    app = make_app(tmp_path, max_concurrent=8)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: spoken(app.test_client(), f"Number {n}."), range(8)))
    assert len({answer.headers["history-item-id"] for answer in answers}) == 8
    assert app.test_client().get("/v1/user/subscription", headers=KEY).get_json()["character_count"] == 8 * len(
        "Number 0."
    )
