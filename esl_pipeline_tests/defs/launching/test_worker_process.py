from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from signal import SIGKILL, SIGSTOP

import dagster as dg
import pytest

from esl_pipeline.defs.launching import worker_process
from esl_pipeline.defs.launching.worker_process import WorkerProcess, started_at, this_machine


@pytest.fixture
def sleeping() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        yield child
        child.kill()


def worker_of(child: subprocess.Popen[bytes]) -> WorkerProcess:
    return WorkerProcess(child.pid, started_at(child.pid) or "", this_machine())


def run_with(worker: WorkerProcess, run_id: str = "") -> dg.DagsterRun:
    run = dg.DagsterRun("publish_lesson", run_id=run_id or None)
    return run.with_tags(worker.tags(run.run_id))


def test_a_run_s_tags_name_its_process() -> None:
    me = WorkerProcess.current()
    assert WorkerProcess.of_run(run_with(me)) == me
    assert me.is_here
    assert not me.is_gone


def test_the_tag_of_the_run_before_names_nobody() -> None:
    before = run_with(WorkerProcess.current())
    assert WorkerProcess.of_run(dg.DagsterRun("publish_lesson", tags=before.tags)) is None


@pytest.mark.parametrize("value", ["", "1", "x.y@z w", "12.34@machine"])
def test_a_tag_that_says_nothing_names_nobody(value: str) -> None:
    assert WorkerProcess.of_run(dg.DagsterRun("publish_lesson", tags={worker_process.WORKER_TAG: value})) is None


def test_who_was_killed_is_gone_also_before_the_parent_asks(sleeping: subprocess.Popen[bytes]) -> None:
    worker = worker_of(sleeping)
    assert worker.signal(SIGKILL)
    while not worker.is_gone:
        pass
    assert sleeping.returncode is None
    assert not worker.signal(SIGKILL)


def test_who_was_stopped_is_not_gone(sleeping: subprocess.Popen[bytes]) -> None:
    worker = worker_of(sleeping)
    worker.signal(SIGSTOP)
    assert not worker.is_gone


def test_another_process_that_was_given_the_pid_is_not_taken_for_the_worker(sleeping: subprocess.Popen[bytes]) -> None:
    earlier = replace(worker_of(sleeping), started="1")
    assert earlier.is_gone
    assert not earlier.signal(SIGKILL)
    assert sleeping.poll() is None


def test_a_process_elsewhere_is_neither_here_nor_gone(sleeping: subprocess.Popen[bytes]) -> None:
    elsewhere = replace(worker_of(sleeping), machine="other-1/2/3")
    assert not elsewhere.is_here
    assert not elsewhere.is_gone
    assert not elsewhere.signal(SIGKILL)
    host, boot, _ = this_machine().split("/")
    assert not replace(elsewhere, machine=f"{host}/{boot}/other-container").is_gone


def test_all_processes_of_this_machine_before_it_was_started_anew_are_gone() -> None:
    host, _, namespace = this_machine().split("/")
    assert replace(WorkerProcess.current(), machine=f"{host}/earlier/{namespace}").is_gone
