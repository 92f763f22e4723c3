"""Who gets the next turn, and when."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esl_pipeline.clients.pace import Asker, PaceLimits
from esl_pipeline.clients.pace.book import FORGOTTEN_S, Book, from_bytes, to_bytes
from esl_pipeline_tests.clients.pace.simulated import Load, World, most_at_once, most_in_window

NOTION = PaceLimits(requests=180)


def book(now: float = 100.0, window_s: float = 60.0) -> Book:
    made = Book()
    made.open(now, window_s)
    return made


def asker(tenant: str = "school", requests: int | None = None, concurrent: int | None = None) -> Asker:
    return Asker("vendor", "credential", tenant, PaceLimits(requests, concurrent))


def ask(of: Book, ticket: str, who: Asker, process: str = "p") -> bool:
    return of.ask(ticket, who, process).due_s == 0


SEEDS = st.integers(0, 2**32)
LOADS = st.lists(
    st.builds(
        Load,
        tenant=st.sampled_from("abcd"),
        requests=st.integers(1, 15),
        parallel=st.integers(1, 6),
        start_s=st.floats(0, 100),
        takes_s=st.floats(0.01, 20),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda load: load.tenant,
)


@settings(max_examples=30, deadline=None)
@given(LOADS, st.integers(4, 40), st.none() | st.integers(1, 6), SEEDS)
def test_whatever_comes_no_window_gets_too_much_and_nothing_is_lost(
    loads: list[Load], requests: int, concurrent: int | None, seed: int
) -> None:
    chance = random.Random(seed)
    limits = PaceLimits(requests, concurrent, window_s=30.0)
    world = World(limits, lambda: chance.uniform(0, 0.3), is_stored=True).run(loads)
    # The vendor may count a request at any time between its turn and its end.
    for _ in range(3):
        counted = [chance.uniform(sent.given, sent.done) for sent in world.sent]
        assert most_in_window(counted, 30.0) <= requests
    for edge in ([sent.given for sent in world.sent], [sent.done for sent in world.sent]):
        assert most_in_window(edge, 30.0) <= requests
    if concurrent is not None:
        assert most_at_once([(sent.given, sent.done) for sent in world.sent]) <= concurrent
    assert len(world.sent) == sum(load.requests for load in loads)
    assert (world.book.running, world.book.waiting) == ({}, {})


def test_a_lesson_is_not_slowed_down_where_the_window_is_free() -> None:
    world = World(NOTION).run([Load("school", 30)])
    assert all(sent.given == sent.asked for sent in world.sent)


@pytest.mark.parametrize(("limit", "parallel"), [(180, 1), (180, 12), (600, 2)])
def test_a_backlog_gets_nearly_all_that_the_vendor_gives(limit: int, parallel: int) -> None:
    takes_s = 0.05
    world = World(PaceLimits(limit)).run([Load("school", 10**6, parallel, takes_s=takes_s)], until_s=240)
    assert len(world.sent) >= 0.95 * limit * 4


@pytest.mark.parametrize("tenants", [2, 12])
def test_several_backlogs_get_nearly_all_that_the_vendor_gives_in_equal_parts(tenants: int) -> None:
    chance = random.Random(tenants)
    world = World(NOTION, lambda: chance.uniform(0, 0.05)).run(
        [Load(f"school-{number}", 10**6, parallel=2) for number in range(tenants)], until_s=240
    )
    assert len(world.sent) >= 0.95 * 720
    each = [len(world.of(f"school-{number}")) for number in range(tenants)]
    assert max(each) - min(each) <= 3


@settings(max_examples=20, deadline=None)
@given(start_s=st.floats(0, 130), parallel=st.integers(1, 20), limit=st.sampled_from([180, 300]), seed=SEEDS)
def test_a_thousand_assignments_of_one_tenant_delay_one_of_another_by_a_few_seconds(
    start_s: float, parallel: int, limit: int, seed: int
) -> None:
    chance = random.Random(seed)
    world = World(PaceLimits(limit), lambda: chance.uniform(0, 0.05)).run(
        [Load("big", 30_000, parallel), Load("small", 30, start_s=start_s)], until_s=start_s + 20
    )
    small = world.of("small")
    assert len(small) == 30
    assert sum(sent.given - sent.asked for sent in small) < 3


def test_a_newcomer_goes_before_whoever_waited_longer_but_had_more() -> None:
    full = book()
    for number in range(4):
        assert ask(full, f"big {number}", asker("big", concurrent=4))
    assert not ask(full, "big next", asker("big", concurrent=4))
    assert not ask(full, "small", asker("small", concurrent=4))
    full.end("big 0")
    assert not ask(full, "big next", asker("big", concurrent=4))
    assert ask(full, "small", asker("small", concurrent=4))


def test_requests_of_one_tenant_go_in_the_order_in_which_they_came() -> None:
    full, who = book(), asker(concurrent=1)
    assert ask(full, "now", who)
    assert not ask(full, "first", who)
    full.open(100.5, 60)
    assert not ask(full, "second", who)
    full.end("now")
    assert not ask(full, "second", who)
    assert ask(full, "first", who)


def test_nobody_waits_for_a_waiter_who_does_not_come_back() -> None:
    full = book()
    assert ask(full, "now", asker("big", concurrent=1))
    assert not ask(full, "lost", asker("small", concurrent=1))
    assert not ask(full, "patient", asker("big", concurrent=1))
    full.end("now")
    full.open(103.0, 60)
    assert ask(full, "patient", asker("big", concurrent=1))
    full.open(103.0 + FORGOTTEN_S, 60)
    assert full.waiting == {}


def test_what_a_lost_process_held_is_free_and_counts_for_one_more_window() -> None:
    full, who = book(), asker(requests=1, concurrent=1)
    assert ask(full, "theirs", who, "dead")
    assert not full.drop_lost(lambda process: process != "dead")
    assert full.drop_lost(lambda process: process == "dead")
    assert full.running == {}
    assert not ask(full, "mine", who)
    assert ask(full, "only at once", asker(concurrent=1)) is False
    full.open(162.0, 60)
    assert ask(full, "mine", who)


def test_a_turn_that_nobody_renews_ends() -> None:
    leased = book()
    leased.ask("a", asker(concurrent=2), "p", until=112.0)
    leased.ask("b", asker(concurrent=2), "p", until=112.0)
    leased.open(111.0, 60)
    leased.renew(["a", "gone long ago"], 123.0)
    leased.open(113.0, 60)
    assert [*leased.running] == ["a"]


def test_what_the_vendor_asked_for_holds_for_everybody() -> None:
    held = book()
    held.hold(30)
    held.hold(10)
    verdict = held.ask("a", asker("one"), "p")
    assert (verdict.due_s, verdict.held_s) == (2.0, 30.0)
    held.open(130.1, 60)
    assert ask(held, "b", asker("two"))


def test_the_vendor_may_allow_less_than_the_setting_and_later_more_again() -> None:
    plan, who = book(), asker(concurrent=5)
    plan.learn(2)
    assert [ask(plan, str(number), who) for number in range(3)] == [True, True, False]
    plan.learn(4)
    assert plan.concurrent == 2
    plan.open(161.0, 60)
    plan.learn(4)
    assert plan.concurrent == 4
    plan.learn(0)
    assert plan.concurrent == 4


def test_no_tenant_raises_the_limits_of_a_credential_that_others_use_too() -> None:
    shared = book()
    shared.ask("a", asker("modest", requests=180, concurrent=2), "p")
    shared.ask("b", asker("greedy", requests=6000, concurrent=50), "p")
    assert (shared.requests, shared.concurrent) == (180, 2)
    shared.end("a")
    shared.end("b")
    shared.open(200.0, 60)
    shared.ask("c", asker("greedy", requests=6000, concurrent=50), "p")
    assert (shared.requests, shared.concurrent) == (6000, 50)


def test_a_book_is_the_same_after_it_was_stored() -> None:
    used = book()
    for number in range(3):
        used.ask(str(number), asker(requests=3, concurrent=2), "p", until=120.0)
    used.end("0")
    used.hold(5)
    used.learn(7)
    assert from_bytes(to_bytes(used)) == used


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"at": 1}', b"\xff", to_bytes(Book()).replace(b"{}", b"[1]", 1)]
)
def test_a_damaged_book_is_an_empty_one(content: bytes) -> None:
    assert from_bytes(content) == Book()


def test_a_book_of_a_clock_that_began_anew_is_an_empty_one() -> None:
    old, who = book(50_000.0), asker(requests=1)
    assert ask(old, "before", who)
    old.open(12.0, 60)
    assert ask(old, "after", who)
    assert old.at == 12.0


def test_a_clock_that_goes_back_a_little_stands_still() -> None:
    steady = book(100.0)
    steady.open(99.0, 60)
    assert steady.at == 100.0
