from __future__ import annotations

import pytest

from esl_pipeline.clients import RejectedError, UnavailableError
from esl_pipeline.clients.breaker import CircuitBreaker
from esl_pipeline_tests.clients.scripted import (
    PAGE,
    FakeClock,
    NotionScene,
    Reply,
    in_turn,
    notion_error,
    notion_that,
    page,
)


def opened() -> tuple[CircuitBreaker, FakeClock]:
    clock = FakeClock()
    breaker = CircuitBreaker(clock.monotonic, outages_to_open=3, open_s=30)
    for _ in range(3):
        breaker.note(outage=True)
    return breaker, clock


def test_it_opens_after_outages_in_a_row_only() -> None:
    breaker = CircuitBreaker(FakeClock().monotonic, outages_to_open=2, open_s=30)
    for outage in (True, False, True):
        breaker.note(outage=outage)
    assert breaker.enter() == 0
    breaker.note(outage=True)
    assert breaker.enter() == 30


def test_after_a_while_one_request_may_go_and_the_others_wait_for_it() -> None:
    breaker, clock = opened()
    clock.sleep(31)
    assert breaker.enter() == 0
    assert breaker.enter() == 30


def test_a_success_closes_it() -> None:
    breaker, clock = opened()
    clock.sleep(31)
    breaker.enter()
    breaker.note(outage=False)
    assert breaker.enter() == breaker.enter() == 0


def test_another_outage_opens_it_again_at_once() -> None:
    breaker, clock = opened()
    clock.sleep(31)
    breaker.enter()
    clock.sleep(10)
    breaker.note(outage=True)
    assert breaker.enter() == 30


def test_a_trial_whose_outcome_is_never_noted_holds_nobody_back_for_ever() -> None:
    breaker, clock = opened()
    clock.sleep(31)
    breaker.enter()
    clock.sleep(31)
    assert breaker.enter() == 0


def down_after(scene: NotionScene, calls: int = 1) -> UnavailableError:
    for _ in range(calls):
        with pytest.raises(UnavailableError) as caught:
            scene.notion.retrieve_page(PAGE)
    return caught.value


def test_a_vendor_that_is_down_is_left_alone_for_a_while() -> None:
    scene = notion_that(in_turn(Reply(503, b"")))
    first = down_after(scene)
    assert (first.code, first.retry_after_s) == ("service_unavailable", 30)
    second = down_after(scene)
    assert (second.code, second.retry_after_s, second.may_have_happened) == ("circuit_open", 30, False)
    assert len(scene.sent) == 5


def test_a_vendor_that_is_back_is_asked_as_before() -> None:
    scene = notion_that(in_turn(*[Reply(503, b"")] * 5, page()))
    down_after(scene)
    scene.clock.sleep(31)
    assert scene.notion.retrieve_page(PAGE)["id"] == PAGE
    assert scene.notion.retrieve_page(PAGE)["id"] == PAGE


def test_rules_and_limits_are_no_outage() -> None:
    scene = notion_that(in_turn(notion_error(429, "rate_limited")))
    down_after(scene, calls=3)
    assert len(scene.sent) == 15
    rejecting = notion_that(in_turn(notion_error(404, "object_not_found")))
    for _ in range(8):
        with pytest.raises(RejectedError):
            rejecting.notion.retrieve_page(PAGE)
    assert len(rejecting.sent) == 8


def test_one_tenants_outage_is_not_anothers() -> None:
    down, other = notion_that(in_turn(Reply(503, b""))), notion_that(lambda sent: page())
    down_after(down)
    assert other.notion.retrieve_page(PAGE)["id"] == PAGE
