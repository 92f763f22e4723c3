from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest

from esl_pipeline.clients.in_flight import InFlight


def test_no_more_are_under_way_than_the_limit() -> None:
    in_flight, lock, now, most = InFlight(3), Lock(), 0, 0

    def work(_: int) -> None:
        nonlocal now, most
        with in_flight.slot():
            with lock:
                now += 1
                most = max(most, now)
            Event().wait(0.002)
            with lock:
                now -= 1

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(work, range(60)))
    assert most == 3


def test_a_slot_is_free_again_after_an_error() -> None:
    in_flight = InFlight(1)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), in_flight.slot():
            raise ZeroDivisionError


def test_waiting_for_a_departure_ends_when_one_leaves() -> None:
    in_flight, leave, inside, left = InFlight(2), Event(), Event(), Event()

    def hold() -> None:
        with in_flight.slot():
            inside.set()
            leave.wait(5)

    def wait() -> None:
        in_flight.wait_for_departure(5)
        left.set()

    with ThreadPoolExecutor(2) as pool:
        pool.submit(hold)
        inside.wait(5)
        waiting = pool.submit(wait)
        assert not left.wait(0.05)
        leave.set()
        waiting.result(5)
    assert left.is_set()


def test_there_is_nothing_to_wait_for_where_nothing_is_under_way() -> None:
    InFlight(2).wait_for_departure(60)


def test_waiting_for_a_departure_ends_in_time() -> None:
    in_flight = InFlight(2)
    with in_flight.slot():
        in_flight.wait_for_departure(0.01)
