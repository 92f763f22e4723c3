"""When each character is heard: measured by an aligner that knows nothing of how the times were made."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from esl_pipeline.clients.local_voice.speaking import Utterance
from esl_pipeline.sandbox.elevenlabs import make_app
from esl_pipeline.sandbox.elevenlabs.alignment import Alignment, align
from esl_pipeline.sandbox.voices import VOICES
from esl_pipeline_tests.contracts import check_elevenlabs_request
from esl_pipeline_tests.sandbox.elevenlabs_contract import check_answer

pytest.importorskip("pocketsphinx", reason="it has no wheel for this Python")

from pocketsphinx import Decoder

KEY = {"xi-api-key": "any"}
TEXTS = (
    "Good morning, everyone! Today we are going to talk about the weather, and about what people wear in winter.",
    "I would like to order two pizzas, please. Do you have any with mushrooms? My sister doesn't eat meat.",
    "It was a long journey but we arrived in the evening and everybody was happy to see the lights of the village",
    "Yes. Of course!",
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return make_app(tmp_path_factory.mktemp("account")).test_client()


def timed(client: FlaskClient, text: str, voice: int = 0, form: str = "pcm_16000", **more: Any) -> dict[str, Any]:
    url = f"/v1/text-to-speech/{VOICES[voice].voice_id}/with-timestamps?output_format={form}"
    answer = client.post(url, json={"text": text, **more}, headers=KEY)
    assert answer.status_code == 200, answer.get_json()
    told: dict[str, Any] = answer.get_json()
    return told


def test_request_and_answer_fit_the_vendors_document(client: FlaskClient) -> None:
    path = "/v1/text-to-speech/{voice_id}/with-timestamps"
    check_elevenlabs_request("POST", path.format(voice_id="x") + "?output_format=pcm_16000", {"text": "Hi."})
    check_answer("post", path, timed(client, "Hi."))


def starts(told: dict[str, Any]) -> list[float]:
    found: list[float] = told["alignment"]["character_start_times_seconds"]
    return found


@cache
def aligner() -> Decoder:
    return Decoder(samprate=16_000, loglevel="FATAL", bestpath=False)


def heard_words(pcm: bytes, text: str) -> list[float]:
    """Returns when each word begins, as the aligner hears it."""
    decoder = aligner()
    decoder.set_align_text(" ".join(re.findall(r"[a-z']+", text.lower())))
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    return [segment.start_frame / 100 for segment in decoder.seg() if segment.word[0] not in "<["]


def test_words_are_told_where_a_forced_alignment_hears_them(client: FlaskClient) -> None:
    errors: list[float] = []
    for text in TEXTS:
        for voice in range(2):
            told = timed(client, text, voice)
            heard = heard_words(base64.b64decode(told["audio_base64"]), text)
            begins = [starts(told)[word.start()] for word in re.finditer(r"[A-Za-z']+", text)]
            errors += [abs(ours - theirs) for ours, theirs in zip(begins, heard, strict=True)]
    assert len(errors) > 100
    assert np.mean(errors) < 0.12
    assert max(errors) < 0.5


def test_the_alignment_is_of_the_text_as_it_was_sent(client: FlaskClient) -> None:
    text = 'It costs $12 <break time="1s"/> at the café.'
    told = timed(client, text)
    assert "".join(told["alignment"]["characters"]) == text
    assert told["normalized_alignment"] is None
    plain = timed(client, "It is cheap.")
    assert plain["normalized_alignment"] == plain["alignment"]


def test_a_break_keeps_the_next_word_waiting(client: FlaskClient) -> None:
    text = 'One <break time="1.5s"/> two'
    ends = timed(client, text)["alignment"]["character_end_times_seconds"]
    assert starts(timed(client, text))[text.index("two")] - ends[2] > 1.4


def test_stage_directions_take_no_time_where_they_are_acted(client: FlaskClient) -> None:
    text = "[whispers] Good night"
    acted, read = timed(client, text, model_id="eleven_v3"), timed(client, text)
    assert starts(acted)[text.index("Good")] < 0.3
    assert starts(read)[text.index("Good")] > 0.5


def test_the_audio_is_that_of_the_request_without_times(client: FlaskClient) -> None:
    url = f"/v1/text-to-speech/{VOICES[0].voice_id}?output_format=pcm_16000"
    plain = client.post(url, json={"text": TEXTS[3]}, headers=KEY)
    assert base64.b64decode(timed(client, TEXTS[3])["audio_base64"]) == plain.data


def test_the_history_keeps_the_times(client: FlaskClient) -> None:
    told = timed(client, "Keep this.")
    item = client.get("/v1/history?page_size=1", headers=KEY).get_json()["history"][0]
    assert item["alignments"] == {name: told[name] for name in ("alignment", "normalized_alignment")}


def is_monotonic(found: Alignment, length_s: float) -> bool:
    edges = [time for pair in zip(found.starts_s, found.ends_s, strict=True) for time in pair]
    return all(a <= b for a, b in pairwise(edges)) and all(0 <= edge <= length_s + 0.001 for edge in edges)


def test_a_long_text_is_placed_in_moments() -> None:
    rng = np.random.default_rng(0)
    bursts = [(rng.uniform(0.2, 3), rng.uniform(0.15, 0.5)) for _ in range(220)]
    samples = sound(bursts)
    text = " ".join("word," if rng.random() < 0.1 else "wordword" for _ in range(1300))
    began = time.monotonic()
    found = align(text, Utterance(samples.tobytes(), 16_000))
    assert time.monotonic() - began < 10
    assert is_monotonic(found, samples.size / 16_000)


def sound(bursts: Sequence[tuple[float, float]]) -> NDArray[np.int16]:
    """Returns stretches of sound, each with a pause after it."""
    parts = [part for on, off in bursts for part in (np.full(round(on * 16_000), 9000), np.zeros(round(off * 16_000)))]
    return np.concatenate([np.zeros(160), *parts]).astype("<i2")


@given(
    text=st.text(st.sampled_from("ab1 .,!?<>[]\n\"'é😀")) | st.text(max_size=30),
    bursts=st.lists(st.tuples(st.floats(0.01, 0.8), st.floats(0.0, 0.6)), max_size=6),
    acted=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_times_never_go_back_nor_past_the_end(text: str, bursts: list[tuple[float, float]], acted: bool) -> None:
    samples = sound(bursts)
    found = align(text, Utterance(samples.tobytes(), 16_000), acted=acted)
    assert "".join(found.characters) == text
    assert is_monotonic(found, samples.size / 16_000)
