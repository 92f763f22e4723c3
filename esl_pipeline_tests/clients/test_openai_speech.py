from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from esl_pipeline.clients import OpenAiSpeechClient, RejectedError, UnavailableError, VendorError
from esl_pipeline.clients.faults import Outlook
from esl_pipeline.clients.openai_speech_errors import CODES
from esl_pipeline.clients.openai_speech_models import openai_speech_model
from esl_pipeline.speech import expiring, voices_from_catalogue
from esl_pipeline_tests.clients.asked import asked, dialogue
from esl_pipeline_tests.clients.openai_rules import MAX_CHARACTERS
from esl_pipeline_tests.clients.scripted import OPENAI_KEY, Reply, in_turn, openai_that
from esl_pipeline_tests.clients.sound_files import mp3, seconds_of, tone, wav

AUDIO = Reply(200, b"\x01\x00" * 100, {"Content-Type": "audio/pcm", "x-request-id": "req_1"})
MINI: dict[str, Any] = {"voice": "coral", "model": "gpt-4o-mini-tts", "options": {}}


def error(code: str | None = None, message: object = "words", kind: str = "invalid_request_error") -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def error_of(reply: Reply) -> VendorError:
    with pytest.raises(VendorError) as caught:
        openai_that(in_turn(reply)).speech.synthesize(asked(**MINI))
    return caught.value


def test_speech_is_asked_for_as_samples() -> None:
    scene = openai_that(in_turn(AUDIO))
    spoken = scene.speech.synthesize(asked(**MINI))
    assert (spoken.pcm, spoken.sample_rate_hz, spoken.request_id) == (AUDIO.body, 24_000, "req_1")
    assert (spoken.character_cost, spoken.timings) == (None, None)
    (sent,) = scene.sent
    assert sent.body == {"model": "gpt-4o-mini-tts", "input": "Hello.", "voice": "coral", "response_format": "pcm"}
    assert sent.headers["Authorization"] == f"Bearer {OPENAI_KEY}"


def test_the_pace_is_sent_where_the_model_heeds_it() -> None:
    scene = openai_that(in_turn(AUDIO))
    scene.speech.synthesize(asked(voice="nova", model="tts-1-hd", options={"speed": 0.85}))
    assert scene.sent[0].body is not None
    assert scene.sent[0].body["speed"] == 0.85


@pytest.mark.parametrize(
    "base_url", ["https://api.openai.com", "https://api.openai.com/v1", "https://api.openai.com/v1/"]
)
def test_an_address_with_or_without_its_version_is_the_same_place(base_url: str) -> None:
    engine = OpenAiSpeechClient("sk-key", base_url)
    assert engine.endpoint == "https://api.openai.com"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (asked("a" * (MAX_CHARACTERS + 1), **MINI), "string_above_max_length"),
        (dialogue(("coral", "Hello."), ("ash", "Hi."), model="gpt-4o-mini-tts"), "invalid_request_error"),
    ],
)
def test_what_can_not_be_spoken_is_refused_unasked(request_: Any, code: str) -> None:
    scene = openai_that(in_turn(AUDIO))
    with pytest.raises(RejectedError) as caught:
        scene.speech.synthesize(request_)
    assert (caught.value.code, scene.sent) == (code, [])
    assert caught.value.fix


def test_the_longest_text_is_asked() -> None:
    assert openai_that(in_turn(AUDIO)).speech.synthesize(asked("a" * MAX_CHARACTERS, **MINI)).pcm


@pytest.mark.parametrize("content_type", ["audio/wav", "audio/pcm"])
def test_a_compatible_server_that_sends_a_wav_is_understood(content_type: str) -> None:
    samples = tone(0.5, 22_050)
    spoken = openai_that(in_turn(Reply(200, wav(samples, 22_050), {"Content-Type": content_type}))).speech.synthesize(
        asked(**MINI)
    )
    assert (spoken.pcm, spoken.sample_rate_hz) == (samples, 22_050)


def test_a_compatible_server_that_sends_an_mp3_is_understood() -> None:
    reply = Reply(200, mp3(tone(1.0, 24_000), 24_000), {"Content-Type": "audio/mpeg"})
    assert seconds_of(openai_that(in_turn(reply)).speech.synthesize(asked(**MINI))) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("status", "code", "fix"),
    [
        (401, "invalid_api_key", "OPENAI_API_KEY"),
        (403, "account_deactivated", "OPENAI_API_KEY"),
        (429, "insufficient_quota", "credit"),
        (400, "billing_hard_limit_reached", "credit"),
        (429, "billing_not_active", "credit"),
        (404, "model_not_found", "speech.model"),
        (400, "string_above_max_length", "Shorten"),
        (400, "context_length_exceeded", "Shorten"),
        (400, "voice_not_found", "another voice"),
        (403, "unsupported_country_region_territory", "region"),
        (401, "ip_not_authorized", "may not"),
        (401, "mismatched_organization", "may not"),
        (403, "permission_denied", "may not"),
        (401, "missing_scope", "may not"),
        (400, "invalid_value", "rules"),
        (400, "unsupported_value", "rules"),
        (400, "missing_required_parameter", "rules"),
    ],
)
def test_what_can_not_succeed_is_rejected_with_what_to_do(status: int, code: str, fix: str) -> None:
    found = error_of(Reply(status, error(code), {"x-request-id": "req_2"}))
    assert isinstance(found, RejectedError)
    assert (found.vendor, found.code, found.message, found.request_id) == ("openai", code, "words", "req_2")
    assert fix in found.fix


def test_an_exhausted_credit_is_not_waited_for_although_it_is_a_429() -> None:
    scene = openai_that(in_turn(Reply(429, error("insufficient_quota", kind="insufficient_quota")), AUDIO))
    with pytest.raises(RejectedError, match="credit"):
        scene.speech.synthesize(asked(**MINI))
    assert (len(scene.sent), scene.clock.sleeps) == (1, [])


def test_the_other_429_is_waited_for_as_long_as_the_vendor_says() -> None:
    busy = Reply(429, error("rate_limit_exceeded", kind="requests"), {"Retry-After": "20"})
    scene = openai_that(in_turn(busy, AUDIO))
    assert scene.speech.synthesize(asked(**MINI)).pcm
    assert scene.clock.sleeps == [21.0]


def test_the_type_counts_where_there_is_no_code() -> None:
    assert error_of(Reply(400, error())).code == "invalid_request_error"
    assert error_of(Reply(429, error(kind="insufficient_quota"))).code == "insufficient_quota"
    down = error_of(Reply(500, error(kind="server_error")))
    assert isinstance(down, UnavailableError)
    assert (down.code, down.may_have_happened) == ("server_error", True)


def test_an_unknown_code_is_kept_and_judged_by_the_status() -> None:
    found = error_of(Reply(400, error("brand_new")))
    assert isinstance(found, RejectedError)
    assert found.code == "brand_new"


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[1]", {"error": None}, {"error": 1}, error(message=None, kind=""), {"detail": "Not Found"}],
)
def test_no_body_breaks_the_reading(body: object) -> None:
    found = error_of(Reply(502, body))
    assert isinstance(found, UnavailableError)
    assert found.message


def test_a_plain_text_as_the_error_is_its_message() -> None:
    assert error_of(Reply(400, {"error": "no such voice"})).message == "no such voice"


def test_every_rejected_code_says_what_to_do() -> None:
    assert all(meaning.fix for meaning in CODES.values() if meaning.outlook is Outlook.REJECTED)


@pytest.mark.parametrize(
    ("model_id", "heeds", "usd"),
    [
        ("gpt-4o-mini-tts", set(), 0.016),
        ("gpt-4o-mini-tts-2025-12-15", set(), 0.016),
        ("tts-1", {"speed"}, 0.015),
        ("tts-1-1106", {"speed"}, 0.015),
        ("tts-1-hd", {"speed"}, 0.03),
        ("tts-1-hd-1106", {"speed"}, 0.03),
        ("tts-of-next-year", set(), 0.03),
    ],
)
def test_each_model_takes_what_the_vendor_says(model_id: str, heeds: set[str], usd: float) -> None:
    model = openai_speech_model(model_id)
    assert (model.id, set(model.heeds), model.usd_per_1000_characters) == (model_id, heeds, usd)
    assert model.max_characters == MAX_CHARACTERS
    assert not any((model.times_characters, model.dialogue_characters, model.takes_seed, model.takes_context))


@pytest.mark.parametrize(("model", "count"), [(None, 13), ("gpt-4o-mini-tts", 13), ("tts-1", 9), ("tts-1-hd", 9)])
def test_only_voices_that_the_model_has_are_cast(model: str | None, count: int) -> None:
    engine = openai_that(in_turn(AUDIO), model).speech
    voices = voices_from_catalogue(engine.list_voices())
    assert len(voices) == count
    assert {voice.gender for voice in voices} == {"female", "male", "neutral"}
    assert all(voice.accent in ("american", "british") for voice in voices)
    assert len(engine.find_voices(["marin", "nova"])) == (2 if count == 13 else 1)


def test_the_voices_are_not_among_those_that_elevenlabs_ends() -> None:
    voices = voices_from_catalogue(openai_that(in_turn(AUDIO)).speech.list_voices())
    assert expiring(voices, date(2026, 12, 1)) == ()
