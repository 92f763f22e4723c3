from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from typing import Any

import pytest

from esl_pipeline.clients import RejectedError, UnavailableError, VendorError
from esl_pipeline_tests.clients.asked import ALL_OPTIONS, asked
from esl_pipeline_tests.clients.scripted import Reply, Sent, in_turn, speech_that

AUDIO = Reply(200, b"\x01\x00" * 100, {"Content-Type": "audio/pcm", "request-id": "q-1", "character-cost": "6"})


def voices(*ids: str, after: str | None = None) -> Reply:
    listed = [{"voice_id": one, "name": one.title()} for one in ids]
    return Reply(body={"voices": listed, "has_more": after is not None, "total_count": 0, "next_page_token": after})


def error_of(reply: Reply) -> VendorError:
    with pytest.raises(VendorError) as caught:
        speech_that(in_turn(reply)).speech.synthesize(asked())
    return caught.value


def test_voices_are_listed_over_all_pages_without_the_costly_count() -> None:
    scene = speech_that(in_turn(voices("a", "b", after="t1"), voices("c")))
    assert [voice["voice_id"] for voice in scene.speech.list_voices()] == ["a", "b", "c"]
    assert [sent.path for sent in scene.sent] == [
        "/v2/voices?page_size=100&include_total_count=false",
        "/v2/voices?page_size=100&include_total_count=false&next_page_token=t1",
    ]
    assert scene.sent[0].headers["xi-api-key"].startswith("sk_")
    assert "Authorization" not in scene.sent[0].headers


@pytest.mark.parametrize("body", [{"voices": [], "has_more": True}, {"voices": ["x"]}, {"has_more": False}])
def test_a_list_of_voices_that_makes_no_sense_is_unavailable(body: Any) -> None:
    with pytest.raises(UnavailableError, match="garbled"):
        speech_that(lambda sent: Reply(body=body)).speech.list_voices()


def test_a_list_of_voices_that_goes_in_a_circle_ends() -> None:
    with pytest.raises(UnavailableError, match="circle"):
        speech_that(lambda sent: voices("a", after="t1")).speech.list_voices()


def test_speech_comes_with_its_rate_cost_and_request_id() -> None:
    scene = speech_that(in_turn(AUDIO))
    spoken = scene.speech.synthesize(asked("Hello.", "voice-1"))
    assert (spoken.pcm, spoken.sample_rate_hz, spoken.character_cost, spoken.request_id) == (
        AUDIO.body,
        24000,
        6,
        "q-1",
    )
    assert scene.sent[0].path == "/v1/text-to-speech/voice-1?output_format=pcm_24000"
    assert scene.sent[0].body == {
        "text": "Hello.",
        "model_id": "eleven_multilingual_v2",
        "voice_settings": ALL_OPTIONS,
        "apply_text_normalization": "auto",
    }


@pytest.mark.parametrize(
    ("header", "cost"), [("6", 6), ("0", 0), ("2.2", 3), ("", None), ("many", None), ("nan", None), ("-1", None)]
)
def test_the_cost_is_optional_and_rounded_up(header: str, cost: int | None) -> None:
    reply = Reply(200, b"\x00\x00", {"character-cost": header})
    assert speech_that(in_turn(reply)).speech.synthesize(asked()).character_cost == cost


@pytest.mark.parametrize(("voice_id", "path"), [("a/b?c", "a%2Fb%3Fc"), ("ü", "%C3%BC")])
def test_voice_ids_are_quoted(voice_id: str, path: str) -> None:
    scene = speech_that(in_turn(AUDIO))
    scene.speech.synthesize(asked("Hello.", voice_id))
    assert scene.sent[0].path.startswith(f"/v1/text-to-speech/{path}?")


@pytest.mark.parametrize("voice_id", ["", ".."])
def test_what_can_not_be_asked_is_refused_unasked(voice_id: str) -> None:
    scene = speech_that(in_turn(AUDIO))
    with pytest.raises(RejectedError) as caught:
        scene.speech.synthesize(asked("Hello.", voice_id))
    assert caught.value.fix
    assert scene.sent == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"", {"Content-Type": "audio/pcm"}),
        Reply(200, b"\x01\x00\x01", {"Content-Type": "audio/pcm"}),
        Reply(200, b"\x01\x00", {"Content-Type": "audio/pcm", "Content-Length": "4"}),
        Reply(200, b'{"a":1}', {"Content-Type": "application/json"}),
        Reply(200, b"<html>", {"Content-Type": "text/html; charset=utf-8"}),
    ],
)
def test_what_is_no_whole_speech_is_not_taken_and_may_have_been_billed(reply: Reply) -> None:
    scene = speech_that(in_turn(reply, AUDIO))
    with pytest.raises(UnavailableError) as caught:
        scene.speech.synthesize(asked())
    assert caught.value.may_have_happened
    assert len(scene.sent) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(429, {"detail": {"code": "concurrent_limit_exceeded", "status": "too_many_concurrent_requests"}}),
        Reply(429, {"detail": {"status": "too_many_concurrent_requests", "message": "x"}}),
        Reply(429, {"detail": {"type": "rate_limit_error", "code": "rate_limit_exceeded"}}),
        Reply(429, {"detail": {"code": "system_busy"}}),
        Reply(429, b"slow down"),
        Reply(503, {"detail": {"type": "service_unavailable", "code": "service_unavailable"}}),
        Reply(503, {"detail": {"code": "maintenance"}}),
        Reply(425, b""),
    ],
)
def test_speech_is_asked_again_where_no_work_was_begun(reply: Reply) -> None:
    scene = speech_that(in_turn(reply, AUDIO))
    assert scene.speech.synthesize(asked()).pcm == AUDIO.body
    assert len(scene.sent) == 2


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, {"status": "internal_server_error", "message": "x"}),
        Reply(500, {"detail": {"code": "internal_error"}}),
        Reply(502, b"<html><title>Bad Gateway</title>"),
        Reply(503, b"<html><title>Service Unavailable</title>"),
        Reply(504, b""),
    ],
)
def test_speech_that_may_have_been_made_is_not_bought_twice(reply: Reply) -> None:
    scene = speech_that(in_turn(reply, AUDIO))
    with pytest.raises(UnavailableError) as caught:
        scene.speech.synthesize(asked())
    assert caught.value.may_have_happened
    assert len(scene.sent) == 1


def test_voices_are_asked_again_after_any_outage() -> None:
    scene = speech_that(in_turn(Reply(500, b""), voices("a")))
    assert len(scene.speech.list_voices()) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"detail": {"status": "quota_exceeded", "message": "This request exceeds your quota of 10000."}},
        {"detail": {"type": "invalid_request", "code": "quota_exceeded", "message": "…exceeds your API key quota"}},
    ],
)
def test_an_exhausted_quota_is_no_bad_key_although_it_is_a_401(body: Any) -> None:
    error = error_of(Reply(401, body))
    assert isinstance(error, RejectedError)
    assert (error.code, error.status) == ("quota_exceeded", 401)
    assert "credits" in error.fix


@pytest.mark.parametrize(
    ("status", "code", "fix"),
    [
        (400, "text_too_long", "Shorten"),
        (400, "max_character_limit_exceeded", "Shorten"),
        (400, "invalid_voice_settings", "speed"),
        (400, "unsupported_model", "speech.model"),
        (401, "invalid_api_key", "ELEVENLABS_API_KEY"),
        (401, "missing_permissions", "voices_read"),
        (401, "detected_unusual_activity", "paid"),
        (402, "insufficient_credits", "credits"),
        (402, "paid_plan_required", "plan"),
        (403, "output_format_not_allowed", "plan"),
        (403, "voice_access_denied", "another voice"),
        (404, "voice_not_found", "another voice"),
    ],
)
@pytest.mark.parametrize("name", ["code", "status"])
def test_what_can_not_succeed_is_rejected_with_what_to_do(status: int, code: str, fix: str, name: str) -> None:
    error = error_of(Reply(status, {"detail": {name: code, "message": "words"}}))
    assert isinstance(error, RejectedError)
    assert (error.code, error.message, error.status) == (code, "words", status)
    assert fix in error.fix


def test_a_known_legacy_status_counts_where_the_new_code_is_unknown() -> None:
    error = error_of(Reply(402, {"detail": {"code": "paid_plan_required", "status": "payment_required"}}))
    assert error.code == "paid_plan_required"
    assert error_of(Reply(401, {"detail": {"code": "new_word", "status": "quota_exceeded"}})).code == "quota_exceeded"


def test_all_four_forms_of_a_body_are_read() -> None:
    violation = {"loc": ["body", "text"], "msg": "Field required", "type": "missing"}
    detailed = error_of(Reply(400, {"detail": {"code": "empty_text", "message": "no text", "request_id": "q-7"}}))
    assert (detailed.code, detailed.message, detailed.request_id) == ("empty_text", "no text", "q-7")
    legacy = error_of(Reply(400, {"detail": {"status": "voice_not_found", "message": "m"}}, {"request-id": "q-8"}))
    assert (legacy.code, legacy.request_id) == ("voice_not_found", "q-8")
    listed = error_of(Reply(422, {"detail": [violation, violation]}))
    assert isinstance(listed, RejectedError)
    assert listed.message == "body.text: Field required; body.text: Field required"
    plain = error_of(Reply(404, {"detail": "Not Found"}))
    assert (plain.code, plain.message) == ("not_found", "Not Found")


@pytest.mark.parametrize(
    "body", [b"", b"null", {"detail": None}, {"detail": [1]}, {"detail": [{"loc": "x"}]}, {"detail": {"code": 1}}, [1]]
)
def test_no_body_breaks_the_reading(body: object) -> None:
    assert error_of(Reply(500, body)).code == "internal_server_error"


def test_a_crowded_account_is_asked_again_only_when_one_of_our_own_requests_is_done() -> None:
    order: list[str] = []
    lock, first_is_in, refused = Lock(), Event(), Event()

    def answer(sent: Sent) -> Reply:
        text = (sent.body or {})["text"]
        if text == "first":
            first_is_in.set()
            assert refused.wait(5)
            Event().wait(0.1)
            with lock:
                order.append("first done")
            return AUDIO
        if not refused.is_set():
            refused.set()
            return Reply(429, {"detail": {"code": "concurrent_limit_exceeded"}})
        with lock:
            order.append("second again")
        return AUDIO

    scene = speech_that(answer, max_concurrent=2)
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(scene.speech.synthesize, asked("first"))
        first_is_in.wait(5)
        scene.speech.synthesize(asked("second"))
        one.result(5)
    assert order == ["first done", "second again"]


def test_no_more_requests_are_under_way_than_the_plan_allows() -> None:
    lock, now, most = Lock(), 0, 0

    def answer(_: Sent) -> Reply:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        Event().wait(0.01)
        with lock:
            now -= 1
        return AUDIO

    scene = speech_that(answer, max_concurrent=2)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: scene.speech.synthesize(asked()), range(16)))
    assert most == 2


def test_a_crowded_account_is_waited_for_longer_than_a_failing_one() -> None:
    crowded = Reply(429, {"detail": {"code": "concurrent_limit_exceeded"}})
    scene = speech_that(in_turn(*[crowded] * 12, AUDIO))
    assert scene.speech.synthesize(asked()).pcm == AUDIO.body
    assert len(scene.sent) == 13


def test_a_crowded_account_is_not_waited_for_beyond_the_deadline() -> None:
    crowded = Reply(429, {"detail": {"code": "concurrent_limit_exceeded"}})
    scene = speech_that(lambda _: crowded)
    with pytest.raises(UnavailableError, match="concurrent_limit_exceeded") as caught:
        scene.speech.synthesize(asked())
    assert not caught.value.may_have_happened
