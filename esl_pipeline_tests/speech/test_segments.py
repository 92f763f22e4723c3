from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from esl_pipeline.lessons.model import Turn
from esl_pipeline.manifests.settings import SpeechSettings, VoiceSettings
from esl_pipeline.speech import Casting, CastVoice, SegmentRequest, Voice, plan_segments
from esl_pipeline.speech.models import KNOWN_MODELS, speech_model

CASTING = Casting({"Kim": CastVoice(Voice("v1", "Anna"), "auto"), "Lee": CastVoice(Voice("v2", "Ben"), "auto")})
TURNS = (Turn("Kim", ("Hello!", "How are you?")), Turn("Lee", ("Fine.",)), Turn("Kim", ("Good.",)))
ENDPOINT = "https://api.elevenlabs.io"
MODELS = [*KNOWN_MODELS, "eleven_v9_unheard_of"]


def plan(turns: Sequence[Turn] = TURNS, endpoint: str = ENDPOINT, **speech: Any) -> tuple[SegmentRequest, ...]:
    return plan_segments(turns, CASTING, SpeechSettings(**speech), endpoint=endpoint)


@pytest.fixture(scope="module")
def violations(shared: Path) -> Callable[[Any], list[str]]:
    """Tells how a body breaks the vendor's schema, unknown keys included."""
    contract = json.loads((shared / "openapi" / "elevenlabs.json").read_text())
    schema = {"$ref": "#/components/schemas/Body_text_to_speech_full", "components": contract["components"]}
    validator = Draft202012Validator(schema | {"unevaluatedProperties": False})
    return lambda body: [error.message for error in validator.iter_errors(body)]


@pytest.mark.parametrize("model", MODELS)
def test_bodies_are_what_the_vendor_takes(model: str, violations: Callable[[Any], list[str]]) -> None:
    long = Turn("Kim", tuple(f"This is sentence {n} of a long story." for n in range(90)))
    for request in plan([*TURNS, long], model=model, language_code="en"):
        assert violations(request.body) == []
        assert request.body["text"] == request.text


def test_a_schema_violation_would_be_seen(violations: Callable[[Any], list[str]]) -> None:
    assert violations({"text": "Hi", "speed": 1})
    assert violations({"text": "Hi", "voice_settings": {"stability": 2}})


def test_every_turn_is_one_request_with_all_settings_sent() -> None:
    requests = plan(seed=7, voice_settings=VoiceSettings(speed=0.85))
    assert [(r.speaker, r.voice.id, r.text) for r in requests] == [
        ("Kim", "v1", "Hello!\nHow are you?"),
        ("Lee", "v2", "Fine."),
        ("Kim", "v1", "Good."),
    ]
    assert {request.output_format for request in requests} == {"pcm_24000"}
    assert requests[0].body == {
        "text": "Hello!\nHow are you?",
        "model_id": "eleven_multilingual_v2",
        "voice_settings": {
            "stability": 0.5,
            "similarity_boost": 0.75,
            "style": 0.0,
            "use_speaker_boost": True,
            "speed": 0.85,
        },
        "seed": 7,
        "apply_text_normalization": "auto",
    }


@pytest.mark.parametrize(("model", "sent"), [("eleven_multilingual_v2", False), ("eleven_flash_v2_5", True)])
def test_the_language_goes_to_models_that_take_one(model: str, sent: bool) -> None:
    bodies = [request.body for request in plan(model=model, language_code="en")]
    assert all(("language_code" in body) is sent for body in bodies)


def test_v3_gets_stability_in_steps_and_no_settings_that_it_ignores() -> None:
    (asked, *_) = plan(model="eleven_v3", voice_settings=VoiceSettings(stability=0.4, speed=0.8, style=0.3))
    (other, *_) = plan(model="eleven_v3", voice_settings=VoiceSettings(stability=0.6, speed=1.1))
    assert asked.body["voice_settings"]["stability"] == 0.5
    assert asked.sha256 == other.sha256


def hashes(requests: Sequence[SegmentRequest]) -> list[str]:
    return [request.sha256 for request in requests]


def test_hashes_depend_on_all_that_is_heard() -> None:
    base = hashes(plan())
    assert all(re.fullmatch("[0-9a-f]{64}", sha256) for sha256 in base)
    assert base == hashes(plan()) == hashes(plan(endpoint=ENDPOINT + "/"))
    changed = [
        plan(endpoint="http://127.0.0.1:1"),
        plan(model="eleven_flash_v2"),
        plan(seed=1),
        *(
            plan(voice_settings=VoiceSettings(**{name: value}))
            for name, value in {
                "stability": 0.4,
                "similarity_boost": 0.7,
                "style": 0.1,
                "use_speaker_boost": False,
                "speed": 0.9,
            }.items()
        ),
    ]
    for requests in changed:
        assert not set(hashes(requests)) & set(base)
    assert plan(model="eleven_v3", language_code="en")[0].sha256 != plan(model="eleven_v3")[0].sha256


def test_hashes_depend_on_who_says_which_line() -> None:
    # In the predecessor swapping them kept the hash, and so the stale audio (TTS-D5).
    one = plan([Turn("Kim", ("Yes.",)), Turn("Lee", ("No.",))])
    other = plan([Turn("Lee", ("Yes.",)), Turn("Kim", ("No.",))])
    assert not set(hashes(one)) & set(hashes(other))


def test_an_edited_turn_leaves_the_others_as_they_were() -> None:
    edited = plan([TURNS[0], Turn("Lee", ("Very well.",)), TURNS[2]])
    assert [a == b for a, b in zip(hashes(plan()), hashes(edited), strict=True)] == [True, False, True]


def test_a_turn_with_nothing_to_say_is_left_out() -> None:
    assert hashes(plan([Turn("Lee", ("____", "🎉")), *TURNS])) == hashes(plan())
    assert plan([Turn("Nobody", ("…",))]) == ()


SMALL = "a_model_of_tomorrow"
"""Not known, so that it gets 2,000 characters at most."""


def test_a_turn_that_the_model_takes_stays_whole() -> None:
    text = ("A sentence of ten words that says nothing at all. " * 200)[:9999] + "."
    assert [request.text for request in plan([Turn("Kim", (text,))])] == [text]


def test_a_turn_too_long_for_its_model_is_cut_at_paragraphs() -> None:
    paragraphs = tuple(f"Paragraph {n}. " + "Mr. Smith went to town again. " * 9 for n in range(8))
    requests = plan([Turn("Kim", paragraphs)], model=SMALL)
    assert len(requests) == 2
    assert all(request.text.startswith("Paragraph") for request in requests)
    assert all(request.speaker == "Kim" for request in requests)
    assert all("next_text" not in request.body for request in requests)


def test_pieces_of_a_turn_know_their_neighbours_where_the_model_takes_that() -> None:
    requests = plan([Turn("Kim", ("A sentence that says nothing at all. " * 300,))])
    assert requests[0].body["next_text"] == requests[1].text[:200]
    assert requests[1].body["previous_text"] == requests[0].text[-200:]
    assert "previous_text" not in requests[0].body


def test_a_long_paragraph_is_cut_at_sentences_and_not_behind_mr() -> None:
    sentence = "Then Mr. Smith, who had met J. Brown at 7.30 p.m. in town, said: “Hello!” "
    pieces = [request.text for request in plan([Turn("Kim", (sentence * 40,))], model=SMALL)]
    assert len(pieces) == 3
    assert all(piece.startswith("Then Mr. Smith") and piece.endswith("“Hello!”") for piece in pieces)


@pytest.mark.parametrize("unbroken", ["word " * 1000, "x" * 5000, "clause, " * 700])
def test_text_without_sentences_is_cut_all_the_same(unbroken: str) -> None:
    pieces = [request.text for request in plan([Turn("Kim", (unbroken,))], model=SMALL)]
    assert max(map(len, pieces)) <= 1200
    assert "".join("".join(pieces).split()) == "".join(unbroken.split())
    assert len(pieces) <= 6


WORDS = st.lists(st.text(st.sampled_from("abc,.!?\"'7"), min_size=1, max_size=12), min_size=1, max_size=300)


@given(st.lists(WORDS, min_size=1, max_size=8), st.sampled_from(MODELS))
def test_cutting_loses_no_word_and_keeps_the_limit(paragraphs: list[list[str]], model: str) -> None:
    turn = Turn("Kim", tuple(" ".join(words) for words in paragraphs))
    requests = plan([turn], model=model)
    said = " ".join(request.text for request in requests)
    assert re.findall("[abc7]+", said) == re.findall("[abc7]+", " ".join(turn.paragraphs))
    assert all(len(request.text) <= speech_model(model).max_characters for request in requests)
