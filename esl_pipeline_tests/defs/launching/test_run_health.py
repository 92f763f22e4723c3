from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from signal import SIGSTOP

import dagster as dg
import pytest
from dagster._core.launcher import WorkerStatus

from esl_pipeline.defs.launching.run_health import GONE, HANGS, UNHEARD, RunHealth
from esl_pipeline.defs.launching.worker_process import WorkerProcess, started_at, this_machine
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.memory import MemoryPublicationStore
from esl_pipeline.stores.protocols import Held

ELSEWHERE = WorkerProcess(4711, "1", "other-1/2/3")
MINUTE_S = 60


@dataclass
class Watched:
    """A run, its lease as a test sets it, and a clock that the test moves."""

    run: dg.DagsterRun
    held: Held | None = None
    down: bool = False
    now: float = 0.0
    freed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        store = MemoryPublicationStore()
        store.held = self._held  # type: ignore[method-assign]
        store.free = self._free  # type: ignore[method-assign]
        self.health = RunHealth(lambda: store, lambda: self.now)

    def _held(self, tenant: str, assignment: str) -> Held | None:
        if self.down:
            raise StoreUnavailableError("out of reach")
        return self.held

    def _free(self, tenant: str, assignment: str, run_id: str) -> None:
        self.freed.append(run_id)

    def after(self, seconds: float, every: float = 5) -> str | None:
        """Looks all the time, and returns why the run has failed by then, None where it has not."""
        end = self.now + seconds
        while self.now < end:
            self.now += every
            if (found := self.health.check(self.run)).status is WorkerStatus.FAILED:
                return found.msg
        return None

    def beat(self, sign: str) -> None:
        self.held = Held(self.run.run_id, sign)


def run_of(worker: WorkerProcess | None, **tags: str) -> dg.DagsterRun:
    run = dg.DagsterRun("publish_lesson", tags={"esl/tenant": "school", "esl/assignment": "week-1"} | tags)
    return run.with_tags({**run.tags, **(worker.tags(run.run_id) if worker else {})})


@pytest.fixture
def alive() -> Watched:
    return Watched(run_of(WorkerProcess.current()))


@pytest.fixture
def sleeping() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        yield child
        child.kill()


def test_a_run_whose_process_is_gone_has_failed_at_the_first_look() -> None:
    watched = Watched(run_of(replace(WorkerProcess.current(), started="1")))
    assert watched.after(1) == GONE
    assert watched.health.end_worker(watched.run) is None
    assert watched.freed == [watched.run.run_id]


def test_a_run_whose_lease_has_a_heartbeat_goes_on(alive: Watched) -> None:
    for beat in range(40):
        alive.beat(str(beat))
        assert alive.after(15) is None


def test_a_run_whose_lease_lost_its_heartbeat_hangs(alive: Watched) -> None:
    alive.beat("the last")
    assert alive.after(MINUTE_S + 10) is None
    assert alive.after(MINUTE_S / 2) == HANGS


def test_a_run_of_a_live_process_may_hold_no_lease_for_long(alive: Watched) -> None:
    assert alive.after(30 * MINUTE_S) is None


def test_the_lease_of_another_run_says_nothing_of_this_one(alive: Watched) -> None:
    alive.held = Held("another run", "silent")
    assert alive.after(30 * MINUTE_S) is None


@pytest.mark.parametrize("worker", [ELSEWHERE, None])
def test_a_run_whose_process_is_not_seen_from_here_must_be_heard_of(worker: WorkerProcess | None) -> None:
    watched = Watched(run_of(worker))
    watched.beat("1")
    assert watched.after(MINUTE_S) is None
    watched.held = None
    assert watched.after(3 * MINUTE_S) is None
    watched.beat("2")
    assert watched.after(MINUTE_S) is None
    watched.held = None
    assert watched.after(6 * MINUTE_S) == UNHEARD


def test_a_run_of_no_assignment_on_another_machine_is_left_to_the_limit_of_its_time() -> None:
    watched = Watched(dg.DagsterRun("prune_artifacts"))
    assert watched.after(30 * MINUTE_S) is None


def test_while_the_store_is_down_nobody_is_silent(alive: Watched) -> None:
    alive.beat("1")
    assert alive.after(MINUTE_S) is None
    alive.down = True
    assert alive.after(10 * MINUTE_S) is None
    alive.down = False
    assert alive.after(MINUTE_S) is None


def test_a_machine_that_slept_takes_no_worker_for_hanging(alive: Watched) -> None:
    alive.beat("before")
    assert alive.after(10) is None
    alive.now += 8 * 60 * MINUTE_S
    assert alive.after(15) is None


def test_a_worker_that_hangs_is_killed_and_its_lease_ended(sleeping: subprocess.Popen[bytes]) -> None:
    worker = WorkerProcess(sleeping.pid, started_at(sleeping.pid) or "", this_machine())
    worker.signal(SIGSTOP)
    watched = Watched(run_of(worker))
    said = watched.health.end_worker(watched.run)
    assert said == f"Its process {sleeping.pid} was still there, and was killed."
    assert sleeping.wait(10) < 0
    assert watched.freed == [watched.run.run_id]


def test_a_worker_elsewhere_is_left_alone() -> None:
    watched = Watched(run_of(ELSEWHERE))
    assert watched.health.end_worker(watched.run) is None
    assert watched.freed == []
