from __future__ import annotations

from typing import Any

import pytest

from esl_pipeline.clients import RejectedError, UnavailableError, VendorError
from esl_pipeline.clients.elevenlabs_errors import CODES
from esl_pipeline.clients.faults import Outlook
from esl_pipeline_tests.clients.asked import asked
from esl_pipeline_tests.clients.scripted import Reply, in_turn, speech_that

ROWS = [
    (400, "invalid_parameters", "rules"),
    (400, "invalid_argument", "rules"),
    (400, "invalid_output_format", "rules"),
    (400, "empty_text", "words"),
    (400, "text_too_long", "Shorten"),
    (400, "max_character_limit_exceeded", "Shorten"),
    (400, "invalid_voice_id", "another voice"),
    (400, "invalid_voice_settings", "speed"),
    (400, "invalid_ttd_stability", "stability"),
    (400, "unsupported_model", "speech.model"),
    (400, "model_not_found", "speech.model"),
    (401, "invalid_api_key", "ELEVENLABS_API_KEY"),
    (401, "missing_api_key", "ELEVENLABS_API_KEY"),
    (401, "missing_permissions", "voices_read"),
    (401, "detected_unusual_activity", "paid"),
    (401, "quota_exceeded", "credits"),
    (402, "insufficient_credits", "credits"),
    (402, "paid_plan_required", "plan"),
    (402, "payment_required", "plan"),
    (403, "feature_not_available", "plan"),
    (403, "subscription_required", "plan"),
    (403, "output_format_not_allowed", "plan"),
    (403, "insufficient_permissions", "voices_read"),
    (403, "model_access_denied", "speech.model"),
    (403, "voice_access_denied", "another voice"),
    (404, "voice_not_found", "another voice"),
    (404, "model_not_found", "speech.model"),
]
"""Status, code, and a word of what to do.

**Source**: elevenlabs.io/docs/eleven-api/resources/errors, read 2026-11-23.
"""


def error_of(reply: Reply) -> VendorError:
    with pytest.raises(VendorError) as caught:
        speech_that(in_turn(reply)).speech.synthesize(asked())
    return caught.value


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


@pytest.mark.parametrize(("status", "code", "fix"), ROWS)
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


def test_every_code_that_can_not_succeed_has_a_row() -> None:
    rejected = {code for code, meaning in CODES.items() if meaning.outlook is Outlook.REJECTED}
    assert rejected == {code for _, code, _ in ROWS}


def test_a_conflict_is_not_expected_and_not_repeated() -> None:
    error = error_of(Reply(409, {"detail": {"type": "conflict", "message": "words"}}))
    assert isinstance(error, RejectedError)
    assert (error.code, error.message) == ("http_409", "words")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(429, {"detail": {"code": "rate_limit_exceeded", "message": "m"}}), "rate_limit_exceeded"),
        (Reply(429, {"detail": {"code": "system_busy", "message": "m"}}), "system_busy"),
        (Reply(429, {"detail": {"code": "concurrent_limit_exceeded"}}), "concurrent_limit_exceeded"),
        (Reply(429, {"detail": {"status": "too_many_concurrent_requests"}}), "too_many_concurrent_requests"),
        (Reply(503, {"detail": {"code": "maintenance"}}), "maintenance"),
        (Reply(425, b""), "too_early"),
    ],
)
def test_where_no_work_was_begun_nothing_was_billed(reply: Reply, code: str) -> None:
    error = error_of(reply)
    assert isinstance(error, UnavailableError)
    assert (error.code, error.may_have_happened) == (code, False)


def test_the_wait_that_the_vendor_asks_for_is_kept() -> None:
    busy = Reply(429, {"detail": {"code": "rate_limit_exceeded"}}, {"Retry-After": "7"})
    scene = speech_that(in_turn(busy, Reply(200, b"\x01\x00")))
    scene.speech.synthesize(asked())
    assert scene.clock.sleeps == [8.0]
