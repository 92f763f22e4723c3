"""Publishes in a process of its own that is killed at a chosen vendor request."""

from __future__ import annotations

import multiprocessing
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

from esl_pipeline.sandbox.launcher import SandboxAddresses
from esl_pipeline_tests.sandboxed import Sandboxed

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["esl_pipeline_tests.sandboxed", "esl_pipeline.clients", "esl_pipeline.audio"])
DEADLINE_S = 120


def publish_and_die(
    sandbox: Sandboxed,
    lesson: Path,
    assignment: str,
    *,
    vendor: str,
    nth: int,
    when: Literal["before", "after"],
    tenant: str = "school",
) -> None:
    """Publishes until the ``nth`` request of a vendor arrives (``before``) or is done but not answered (``after``)."""
    ours, theirs = PROCESSES.Pipe()
    child = PROCESSES.Process(target=_publish, args=(theirs, sandbox.home, sandbox.at, lesson, assignment, tenant))
    child.start()
    theirs.close()
    rule: dict[str, Any] = {"vendor": vendor, "nth": nth, "kind": "kill_client", "pid": child.pid, "when": when}
    with sandbox.faults(rule):
        ours.send("go")
        child.join(DEADLINE_S)
    if child.exitcode is None:
        child.kill()
        raise AssertionError("the publication neither ended nor was killed")
    sandbox.settle()
    assert child.exitcode == -signal.SIGKILL, f"the publication ended with {child.exitcode}"


def _publish(start: Connection, home: Path, at: SandboxAddresses, lesson: Path, assignment: str, tenant: str) -> None:
    start.recv()
    record = Sandboxed(home, at).publish(lesson, assignment, tenant=tenant)
    raise SystemExit(0 if record.status == "succeeded" else record.model_dump_json(indent=2))
