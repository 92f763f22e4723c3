from __future__ import annotations

import base64
from typing import Any

import pytest

from esl_pipeline.clients import RejectedError, UnavailableError
from esl_pipeline_tests.clients.asked import ALL_OPTIONS, asked, dialogue
from esl_pipeline_tests.clients.scripted import Reply, Sent, in_turn, speech_that
from esl_pipeline_tests.clients.timed import even, sound, timed

AUDIO = Reply(200, b"\x01\x00" * 100, {"Content-Type": "audio/pcm", "request-id": "q-1", "character-cost": "6"})
UNSUPPORTED = Reply(400, {"detail": {"code": "unsupported_model", "message": "eleven_v4 speaks dialogues only"}})
V4: dict[str, Any] = {"model": "eleven_v4", "options": {"stability": 0.5, "similarity_boost": 0.75}}
LINES = (("anna", "Hello, Ben."), ("ben", "Hi!"), ("anna", "How are you?"))
TEXT = "Hello, Ben.Hi!How are you?"


def test_context_seed_and_language_are_sent_where_they_are_asked_for() -> None:
    scene = speech_that(in_turn(AUDIO))
    scene.speech.synthesize(
        asked(
            model="eleven_flash_v2_5",
            options=ALL_OPTIONS | {"speed": 0.85, "style": 0.2},
            seed=0,
            language_code="en",
            previous_text="Before.",
            next_text="After.",
        )
    )
    assert scene.sent[0].body == {
        "text": "Hello.",
        "model_id": "eleven_flash_v2_5",
        "voice_settings": {
            "stability": 0.5, "similarity_boost": 0.75, "style": 0.2, "use_speaker_boost": True, "speed": 0.85,
        },
        "seed": 0,
        "language_code": "en",
        "previous_text": "Before.",
        "next_text": "After.",
        "apply_text_normalization": "auto",
    }  # fmt: skip


def test_times_come_with_the_speech_where_they_are_asked_for() -> None:
    scene = speech_that(in_turn(timed("Hello.")))
    spoken = scene.speech.synthesize(asked(with_timings=True))
    assert scene.sent[0].path == "/v1/text-to-speech/voice/with-timestamps?output_format=pcm_24000"
    assert (spoken.pcm, spoken.sample_rate_hz, spoken.character_cost, spoken.request_id) == (
        sound("Hello."), 24_000, 3, "q-9",
    )  # fmt: skip
    assert spoken.timings is not None
    assert "".join(spoken.timings.characters) == "Hello."
    assert spoken.timings.starts_s[:3] == (0.0, 0.06, 0.12)
    assert spoken.timings.ends_s[-1] == 0.36


def test_speech_without_times_is_speech_all_the_same() -> None:
    scene = speech_that(in_turn(timed("Hello.", alignment="none")))
    spoken = scene.speech.synthesize(asked(with_timings=True))
    assert spoken.pcm == sound("Hello.")
    assert spoken.timings is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"speech"',
        {},
        {"audio_base64": None},
        {"audio_base64": 7},
        {"audio_base64": ""},
        {"audio_base64": "not base64!"},
        {"audio_base64": "AQA"},
        {"audio_base64": base64.b64encode(b"\x01\x00\x01").decode()},
        {"audio_base64": "AQABAA==" * 3},
        {"alignment": even("Hello.")},
    ],
)
def test_a_timed_answer_without_whole_speech_may_have_been_billed(body: Any) -> None:
    scene = speech_that(in_turn(Reply(200, body), timed("Hello.")))
    with pytest.raises(UnavailableError, match="garbled") as caught:
        scene.speech.synthesize(asked(with_timings=True))
    assert caught.value.may_have_happened
    assert len(scene.sent) == 1


def test_a_dialogue_is_one_request_always_with_times() -> None:
    scene = speech_that(in_turn(timed(TEXT, voice_segments=[{"voice_id": "anna", "start_time_seconds": 99}])))
    request = dialogue(*LINES, seed=7, language_code="en", options={"stability": 0.5, "similarity_boost": 0.75})
    spoken = scene.speech.synthesize(request)
    assert spoken.timings is not None
    assert "".join(spoken.timings.characters) == TEXT
    (sent,) = scene.sent
    assert sent.path == "/v1/text-to-dialogue/with-timestamps?output_format=pcm_24000"
    assert sent.body == {
        "model_id": "eleven_v3",
        "inputs": [{"voice_id": voice, "text": text} for voice, text in LINES],
        "settings": {"stability": 0.5},
        "seed": 7,
        "language_code": "en",
        "apply_text_normalization": "auto",
    }


def test_similarity_goes_with_a_dialogue_where_the_model_heeds_it() -> None:
    scene = speech_that(in_turn(timed(TEXT)))
    scene.speech.synthesize(dialogue(*LINES, model="eleven_v4", options=ALL_OPTIONS))
    assert scene.sent[0].body is not None
    assert scene.sent[0].body["settings"] == {"stability": 0.5, "similarity": 0.75}


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([("anna", "a" * 1000), ("ben", "b" * 1001)], "text_too_long"),
        ([(f"voice-{number}", "Hi.") for number in range(11)], "invalid_parameters"),
        ([("anna", "Hi."), ("..", "Hi.")], "invalid_voice_id"),
    ],
)
def test_a_dialogue_beyond_its_limits_is_refused_unasked(lines: list[tuple[str, str]], code: str) -> None:
    scene = speech_that(in_turn(AUDIO))
    with pytest.raises(RejectedError) as caught:
        scene.speech.synthesize(dialogue(*lines))
    assert (caught.value.code, scene.sent) == (code, [])
    assert caught.value.fix


def test_a_dialogue_within_its_limits_is_asked() -> None:
    lines = [(f"voice-{number}", "a" * 200) for number in range(10)]
    scene = speech_that(in_turn(timed("a" * 2000)))
    assert scene.speech.synthesize(dialogue(*lines)).pcm


def dialogues_only(sent: Sent) -> Reply:
    """Answers as the vendor does where it speaks no single texts with a model."""
    if "/text-to-speech/" in sent.path:
        return UNSUPPORTED
    return timed("Hello.") if "/with-timestamps" in sent.path else AUDIO


def test_a_model_that_speaks_dialogues_only_speaks_a_dialogue_of_one_and_that_is_remembered() -> None:
    scene = speech_that(dialogues_only)
    assert scene.speech.synthesize(asked(**V4)).pcm == AUDIO.body
    assert scene.speech.synthesize(asked("Bye.", **V4)).pcm == AUDIO.body
    assert [sent.path.partition("?")[0] for sent in scene.sent] == [
        "/v1/text-to-speech/voice",
        "/v1/text-to-dialogue",
        "/v1/text-to-dialogue",
    ]
    body = scene.sent[1].body or {}
    assert body["inputs"] == [{"text": "Hello.", "voice_id": "voice"}]
    assert body["settings"] == {"stability": 0.5, "similarity": 0.75}


def test_a_dialogue_of_one_has_times_only_where_they_are_asked_for() -> None:
    scene = speech_that(dialogues_only)
    assert scene.speech.synthesize(asked(with_timings=True, **V4)).timings is not None
    assert scene.sent[1].path.startswith("/v1/text-to-dialogue/with-timestamps?")


def test_other_models_go_on_as_they_did_beside_one_that_speaks_dialogues_only() -> None:
    scene = speech_that(lambda sent: dialogues_only(sent) if (sent.body or {})["model_id"] == "eleven_v4" else AUDIO)
    scene.speech.synthesize(asked(**V4))
    scene.speech.synthesize(asked())
    assert scene.sent[-1].path.startswith("/v1/text-to-speech/")


def test_a_model_that_speaks_no_dialogue_either_is_rejected_as_unsupported() -> None:
    scene = speech_that(in_turn(UNSUPPORTED))
    with pytest.raises(RejectedError, match="unsupported_model"):
        scene.speech.synthesize(asked())
    assert len(scene.sent) == 1


def test_a_dialogue_that_fails_too_is_not_remembered() -> None:
    refusal = Reply(400, {"detail": {"code": "invalid_parameters", "message": "no"}})
    scene = speech_that(in_turn(UNSUPPORTED, refusal, AUDIO))
    with pytest.raises(RejectedError, match="invalid_parameters"):
        scene.speech.synthesize(asked(**V4))
    scene.speech.synthesize(asked(**V4))
    assert scene.sent[2].path.startswith("/v1/text-to-speech/")


def test_a_dialogue_of_one_whose_answer_is_lost_may_have_been_billed() -> None:
    scene = speech_that(in_turn(UNSUPPORTED, Reply(500, b""), AUDIO))
    with pytest.raises(UnavailableError) as caught:
        scene.speech.synthesize(asked(**V4))
    assert caught.value.may_have_happened
    assert len(scene.sent) == 2


def test_a_text_that_a_dialogue_would_break_off_is_not_spoken_as_one() -> None:
    scene = speech_that(in_turn(UNSUPPORTED, AUDIO))
    with pytest.raises(RejectedError, match="text_too_long"):
        scene.speech.synthesize(asked("a" * 2001, **V4))
    assert len(scene.sent) == 1
