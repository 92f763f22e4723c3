from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest

from esl_pipeline.clients import RejectedError, UnavailableError
from esl_pipeline_tests.clients.asked import ALL_OPTIONS, asked
from esl_pipeline_tests.clients.scripted import Reply, Sent, in_turn, speech_that

AUDIO = Reply(200, b"\x01\x00" * 100, {"Content-Type": "audio/pcm", "request-id": "q-1", "character-cost": "6"})


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
