from __future__ import annotations

from typing import Any

import pytest

from esl_pipeline.clients import RejectedError, UnavailableError
from esl_pipeline.speech import Quota
from esl_pipeline_tests.clients.scripted import Reply, in_turn, speech_that


def plan(used: object, limit: object, **more: object) -> Reply:
    return Reply(body={"tier": "creator", "character_count": used, "character_limit": limit, **more})


@pytest.mark.parametrize(
    ("reply", "quota"),
    [
        (plan(30, 100), Quota(70, 100)),
        (plan(130, 100), Quota(0, 100)),
        (plan(30, 100, max_credit_limit_extension=0), Quota(70, 100)),
        (plan(30, 100, max_credit_limit_extension=50), Quota(120, 150)),
        (plan(130, 100, max_credit_limit_extension=50), Quota(20, 150)),
        (plan(30, 100, max_credit_limit_extension=None), Quota(70, 100)),
        (plan(30, 100, max_credit_limit_extension=-5), Quota(70, 100)),
        (plan(30, 100, max_credit_limit_extension=True), Quota(70, 100)),
        (plan(30, 100, max_credit_limit_extension="unlimited"), None),
    ],
)
def test_what_is_left_is_the_plan_and_what_may_be_bought_on(reply: Reply, quota: Quota | None) -> None:
    scene = speech_that(in_turn(reply))
    assert scene.speech.quota() == quota
    assert [(sent.method, sent.path) for sent in scene.sent] == [("GET", "/v1/user/subscription")]


@pytest.mark.parametrize("code", ["missing_permissions", "insufficient_permissions"])
def test_a_key_that_may_not_ask_for_it_knows_no_quota(code: str) -> None:
    reply = Reply(401, {"detail": {"status": code, "message": "The API key is missing the permission user_read"}})
    assert speech_that(in_turn(reply)).speech.quota() is None


def test_a_bad_key_is_still_a_bad_key() -> None:
    with pytest.raises(RejectedError, match="invalid_api_key"):
        speech_that(in_turn(Reply(401, {"detail": {"code": "invalid_api_key"}}))).speech.quota()


def test_an_outage_is_waited_out() -> None:
    assert speech_that(in_turn(Reply(503, b""), plan(0, 1))).speech.quota() == Quota(1, 1)


@pytest.mark.parametrize("body", [{}, [], {"character_count": "1", "character_limit": 2}, {"character_count": True}])
def test_an_answer_that_tells_no_credits_is_unavailable(body: Any) -> None:
    with pytest.raises(UnavailableError, match="garbled"):
        speech_that(in_turn(Reply(body=body))).speech.quota()
