"""Real processes that share a pace, on files and on a real Postgres."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from esl_pipeline.clients.pace.book import Book, from_bytes
from esl_pipeline_tests.clients.pace.simulated import most_at_once, most_in_window
from esl_pipeline_tests.stages.pace_child import EACH, LIMITS, PROCESSES, asker, pace_at, records_at

POSTGRES = pytest.mark.xdist_group("postgres")


@pytest.fixture(params=["files", pytest.param("postgres", marks=POSTGRES)])
def address(request: pytest.FixtureRequest) -> str:
    if request.param == "files":
        return ""
    engine: sa.Engine = request.getfixturevalue("postgres")
    return engine.url.render_as_string(hide_password=False)


@contextmanager
def child(address: str, folder: Path, deed: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "esl_pipeline_tests.stages.pace_child", address, str(folder), deed]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def book(address: str, folder: Path) -> Book:
    def look(content: bytes, now: float) -> tuple[bytes, Book]:
        found = from_bytes(content)
        found.open(now, LIMITS.window_s)
        return content, found

    return records_at(address, folder).change(asker().key, look)


@pytest.mark.slow
def test_processes_together_never_send_more_than_the_vendor_takes(address: str, tmp_path: Path) -> None:
    with child(address, tmp_path, "send") as process:
        assert process.wait(240) == 0
    spans = [tuple(map(float, line.split())) for line in (tmp_path / "sent").read_text().splitlines()]
    assert len(spans) == PROCESSES * EACH
    assert LIMITS.requests
    for edge in (0, 1):
        assert most_in_window([span[edge] for span in spans], LIMITS.window_s) <= LIMITS.requests
    assert most_at_once([(begin, end) for begin, end in spans]) <= (LIMITS.concurrent or 0)
    left = book(address, tmp_path)
    assert (left.running, left.waiting) == ({}, {})


def test_what_a_killed_process_held_is_free_again(address: str, tmp_path: Path) -> None:
    pace = pace_at(address, tmp_path)
    with child(address, tmp_path, "hold") as process:
        assert said(process) == "held"
        assert len(book(address, tmp_path).running) == 3
        process.kill()
        process.wait(30)
        with pace.turn(asker("heir"), 60):
            assert {turn.tenant for turn in book(address, tmp_path).running.values()} == {"heir"}


def test_a_turn_that_lasts_longer_than_a_lease_stays_with_a_process_that_lives(address: str, tmp_path: Path) -> None:
    with child(address, tmp_path, "hold") as process:
        assert said(process) == "held"
        first = {*book(address, tmp_path).running}
        until = [turn.until for turn in book(address, tmp_path).running.values()]
        while address and until == [turn.until for turn in book(address, tmp_path).running.values()]:
            assert process.poll() is None
        assert {*book(address, tmp_path).running} == first


def test_a_child_of_a_killed_process_does_not_keep_its_turns(tmp_path: Path) -> None:
    with child("", tmp_path, "leave a child") as process:
        orphan = int(said(process))
        try:
            assert {turn.tenant for turn in book("", tmp_path).running.values()} == {"parent"}
            process.kill()
            process.wait(30)
            records, left = records_at("", tmp_path), book("", tmp_path)
            assert left.drop_lost(records.is_gone)
            assert left.running == {}
        finally:
            os.kill(orphan, signal.SIGKILL)
