"""Which process works on a run: told in the run's tags, so that any process of any machine can look after it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

import dagster as dg

WORKER_TAG = ".dagster/esl_worker"
"""Dagster's pages don't show tags that begin so."""
PROC = Path("/proc")
GONE_STATES = frozenset("ZX")
"""Of a process that has ended and whose parent has not asked yet."""
TAG = re.compile(r"(?P<pid>\d+)\.(?P<started>[^@\s]+)@(?P<machine>\S+) (?P<run>\S+)")
SHORT = 8
"""So much of ids is told. The run's own is, because a run that is run again brings the tags of the one before."""


@dataclass(frozen=True)
class WorkerProcess:
    """One process.

    Attributes:
        started: when, in the system's own words; pids are given again.
        machine: where pids mean this process: host, its start, and the container.
    """

    pid: int
    started: str
    machine: str

    @classmethod
    def current(cls) -> Self:
        """Returns the process that asks."""
        return cls(os.getpid(), started_at(os.getpid()) or "", this_machine())

    @classmethod
    def of_run(cls, run: dg.DagsterRun) -> Self | None:
        """Returns the process that a run's tags name, None where they name none."""
        found = TAG.fullmatch(run.tags.get(WORKER_TAG, ""))
        if not found or found["run"] != run.run_id[:SHORT]:
            return None
        return cls(int(found["pid"]), found["started"], found["machine"])

    def tags(self, run_id: str) -> dict[str, str]:
        """Returns the tags of the run that it works on."""
        return {WORKER_TAG: f"{self.pid}.{self.started}@{self.machine} {run_id[:SHORT]}"}

    @property
    def is_here(self) -> bool:
        """True where this process can see it."""
        return self.machine == this_machine()

    @property
    def is_gone(self) -> bool:
        """True where it has certainly ended; False also for one that can't be seen from here."""
        if self.is_here:
            return started_at(self.pid) != self.started
        ours, theirs = this_machine().split("/"), self.machine.split("/")
        return ours[0] == theirs[0] and ours[1] != theirs[1]  # this machine was started anew since

    def signal(self, number: signal.Signals) -> bool:
        """Sends a signal; False where nobody is there who could get it."""
        if not self.is_here or self.is_gone:
            return False
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True


def say_who_works(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Tags a run with this process, unless that was done when it began."""
    me = WorkerProcess.current()
    if WorkerProcess.of_run(run) != me:
        instance.add_run_tags(run.run_id, me.tags(run.run_id))


@cache
def this_machine() -> str:
    """Returns the name of the place in which pids are unique: host, its start, and the container, without spaces."""
    host = f"{socket.gethostname()}-{_first(Path('/etc/machine-id'))}"
    return f"{host}/{_first(PROC / 'sys/kernel/random/boot_id')}/{_namespace()}"


def started_at(pid: int) -> str | None:
    """Returns when a process started, None where there is none, or it has ended."""
    if not PROC.joinpath("self", "stat").exists():
        return _started_at_by_ps(pid)
    try:
        # The name in parentheses may hold anything, parentheses too.
        fields = (PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in GONE_STATES else fields[19]


def _started_at_by_ps(pid: int) -> str | None:
    asked = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, started = asked.stdout.strip().partition(" ")
    return None if not state or state[0] in GONE_STATES else "-".join(started.split())


def _first(file: Path) -> str:
    """Returns the first letters of a random name that a file holds."""
    try:
        return file.read_text("ascii").strip()[:SHORT] or "0"
    except OSError:
        return "0"


def _namespace() -> str:
    try:
        return str((PROC / "self/ns/pid").readlink()).strip("pid:[]")
    except OSError:
        return "0"
