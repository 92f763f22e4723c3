"""Waiting for a turn: how it begins, ends, and is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event
from typing import TypeVar

import pytest

from esl_pipeline.clients.pace import (
    Asker,
    EnduringPace,
    MemoryRecords,
    NoTurnError,
    PaceLimits,
    SharedPace,
    Waiter,
    fingerprint,
    waiter,
    waiting_as,
)
from esl_pipeline.clients.pace.book import Book, from_bytes
from esl_pipeline_tests.clients.scripted import FakeClock

T = TypeVar("T")

ONE = PaceLimits(concurrent=1)


class DownError(Exception):
    pass


class ShakyRecords(MemoryRecords):
    """Records that can be out of reach, and that show what is in them."""

    is_down = False
    asked = 0

    def change(self, key: str, change: Callable[[bytes, float], tuple[bytes, T]]) -> T:
        self.asked += 1
        if self.is_down:
            raise DownError("no answer")
        return super().change(key, change)

    def book(self, who: Asker) -> Book:
        return from_bytes(self._records.get(who.key, b""))


def asker(limits: PaceLimits = ONE, tenant: str = "school") -> Asker:
    return Asker("notion", "credential", tenant, limits)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def records(clock: FakeClock) -> ShakyRecords:
    return ShakyRecords(clock.monotonic)


@pytest.fixture
def pace(records: ShakyRecords, clock: FakeClock) -> SharedPace:
    return SharedPace(records, (DownError,), clock)


def test_requests_over_the_limit_wait_until_the_window_has_room_again(pace: SharedPace, clock: FakeClock) -> None:
    who = asker(PaceLimits(requests=1))
    with pace.turn(who, 300) as turn:
        assert turn.waited_s == 0
    with pace.turn(who, 300) as turn:
        assert turn.waited_s == clock.passed_s
    assert 60 <= clock.passed_s <= 61.1


def test_a_wait_ends_with_its_time(pace: SharedPace, records: ShakyRecords, clock: FakeClock) -> None:
    with pace.turn(asker(), 300):
        with pytest.raises(NoTurnError) as none, pace.turn(asker(), 5):
            raise AssertionError("there was no turn")
        assert records.book(asker()).waiting == {}
    assert none.value.retry_after_s > 0
    assert clock.passed_s == pytest.approx(5)


def test_who_would_wait_longer_than_there_is_time_is_told_so_at_once(pace: SharedPace, clock: FakeClock) -> None:
    with pace.turn(asker(), 300) as turn:
        turn.hold_s = 900
    with pytest.raises(NoTurnError) as none, pace.turn(asker(), 220):
        raise AssertionError("there was no turn")
    assert (none.value.retry_after_s, clock.passed_s) == (900, 0)


def test_what_the_vendor_asks_for_holds_back_all_who_share_the_credential(
    records: ShakyRecords, clock: FakeClock
) -> None:
    one, other = (SharedPace(records, (DownError,), clock) for _ in range(2))
    with one.turn(asker(tenant="a"), 300) as turn:
        turn.hold_s = 20
    with other.turn(asker(tenant="b"), 300) as turn:
        assert turn.waited_s >= 20
    another = Asker("notion", "another", "c", ONE)
    with one.turn(another, 300) as turn:
        assert turn.waited_s == 0


def test_a_plan_that_allows_less_than_the_setting_is_kept(pace: SharedPace) -> None:
    who = asker(PaceLimits(concurrent=5))
    with pace.turn(who, 300) as turn:
        turn.most_at_once = 1
    with pace.turn(who, 300), pytest.raises(NoTurnError), pace.turn(who, 1):
        raise AssertionError("there was no turn")


def test_whoever_is_to_stop_stops_waiting_and_leaves_the_queue(
    pace: SharedPace, records: ShakyRecords, clock: FakeClock
) -> None:
    def stop() -> None:
        if clock.passed_s >= 2:
            raise KeyboardInterrupt

    with pace.turn(asker(), 300), waiting_as(Waiter(stop)):
        with pytest.raises(KeyboardInterrupt), pace.turn(asker(), 300):
            raise AssertionError("there was no turn")
        assert records.book(asker()).waiting == {}
    assert 2 <= clock.passed_s <= 3


def test_waits_are_told_to_whoever_has_the_work_done(pace: SharedPace) -> None:
    told: list[tuple[str, float]] = []
    who = asker(PaceLimits(requests=1))
    with waiting_as(Waiter(told=lambda vendor, seconds: told.append((vendor, seconds)))):
        for _ in range(2):
            with pace.turn(who, 300):
                pass
    with pace.turn(who, 300):
        pass
    assert [vendor for vendor, _ in told] == ["notion", "notion"]
    assert told[0][1] == 0
    assert told[1][1] >= 60
    assert waiter() == Waiter()


def test_a_turn_ends_with_its_block_whatever_happens(pace: SharedPace) -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), pace.turn(asker(), 1):
            raise ZeroDivisionError


def test_the_end_of_one_request_wakes_the_next_of_the_same_process() -> None:
    pace, inside, leave = SharedPace(MemoryRecords()), Event(), Event()

    def hold() -> None:
        with pace.turn(asker(), 60):
            inside.set()
            leave.wait(30)

    with ThreadPoolExecutor(2) as pool:
        holding = pool.submit(hold)
        assert inside.wait(30)
        waiting = pool.submit(lambda: pace.turn(asker(), 60).__enter__())
        leave.set()
        holding.result(30)
        waiting.result(30)


def test_an_end_that_could_not_be_written_is_written_later(pace: SharedPace, records: ShakyRecords) -> None:
    with pace.turn(asker(), 300) as turn:
        records.is_down = True
        turn.hold_s = 3
    records.is_down = False
    assert len(records.book(asker()).running) == 1
    with pace.turn(asker(), 300) as turn:
        assert turn.waited_s >= 3


@pytest.fixture
def enduring(pace: SharedPace, clock: FakeClock) -> EnduringPace:
    return EnduringPace(pace, SharedPace(MemoryRecords(clock.monotonic), clock=clock), (DownError,), clock)


def test_without_the_records_a_process_keeps_to_a_quarter_of_the_limits(
    enduring: EnduringPace, records: ShakyRecords, caplog: pytest.LogCaptureFixture
) -> None:
    records.is_down = True
    who = asker(PaceLimits(requests=100, concurrent=8))
    with ExitStack() as stack:
        for _ in range(2):
            assert stack.enter_context(enduring.turn(who, 5)).waited_s == 0
        with pytest.raises(NoTurnError):
            stack.enter_context(enduring.turn(who, 5))
    waits = [_waited(enduring, asker(PaceLimits(requests=100), tenant)) for tenant in "abc" for _ in range(9)]
    assert sum(waits) >= 60
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
        "the shared pace is out of reach, so this process keeps to a share of it alone: no answer"
    ]


def test_records_that_are_out_of_reach_are_not_asked_each_time_but_again_soon(
    enduring: EnduringPace, records: ShakyRecords, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    records.is_down = True
    _waited(enduring, asker())
    asked = records.asked
    for _ in range(10):
        _waited(enduring, asker())
    assert records.asked == asked
    records.is_down = False
    clock.sleep(6)
    _waited(enduring, asker())
    assert records.asked > asked
    assert caplog.records[-1].message == "the shared pace is back"


def test_records_that_fail_while_somebody_waits_let_him_go_on(
    enduring: EnduringPace, pace: SharedPace, records: ShakyRecords, clock: FakeClock
) -> None:
    def stop() -> None:
        records.is_down = clock.passed_s > 1

    with pace.turn(asker(), 300), waiting_as(Waiter(stop)):
        assert _waited(enduring, asker()) == 0
    assert 1 < clock.passed_s < 5


def _waited(pace: EnduringPace, who: Asker) -> float:
    with pace.turn(who, 300) as turn:
        return turn.waited_s


def test_a_fingerprint_stands_for_a_credential_and_does_not_show_it() -> None:
    secret = "ntn_marked-4f9c27d1"
    assert fingerprint("notion", secret) == fingerprint("notion", secret)
    assert len({fingerprint("notion", secret), fingerprint("notion", secret + "1"), fingerprint("openai", secret)}) == 3
    assert secret not in fingerprint("notion", secret)


@pytest.fixture(autouse=True)
def nobody_is_left_waiting() -> Iterator[None]:
    yield
    assert waiter() == Waiter()
