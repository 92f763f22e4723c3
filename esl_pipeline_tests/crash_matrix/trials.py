"""One publication that is disturbed at one request, and what became of it."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from esl_pipeline.sandbox.fault_rules import FaultRule
from esl_pipeline.sandbox.launcher import SandboxAddresses
from esl_pipeline_tests.crash_matrix.disturbances import Disturbance, storm
from esl_pipeline_tests.crash_matrix.scenes import Scene, Stand, publish, stand_of
from esl_pipeline_tests.killing import DEADLINE_S, PROCESSES
from esl_pipeline_tests.sandboxed import Sandboxed, writes

MOST_RUNS = 5
"""Of one publication that is disturbed once, the disturbed run included."""

MOST_STORMY_RUNS = 60
STORMY_REQUESTS = 150
"""So many requests of a storm go wrong by chance; then the weather is fine."""


@dataclass(frozen=True)
class Verdict:
    """What became of one trial; ``faults`` are empty where all is as if nothing had happened.

    Attributes:
        runs: how many it took, the disturbed one included.
    """

    lesson: str
    kind: str
    nth: int
    request: str
    disturbance: str
    runs: int
    faults: tuple[str, ...]

    def __str__(self) -> str:
        where = f"{self.lesson}, {self.kind}, request {self.nth} ({self.request}), {self.disturbance}"
        return f"{where}: {'; '.join(self.faults) or f'fine after {self.runs} runs'}"


def attempt(scene: Scene, nth: int, disturbance: Disturbance) -> Verdict:
    """Publishes, disturbed at the ``nth`` request to Notion, then again until it succeeds."""
    with stand_of(scene.folder) as stand:
        runs = _killed(stand, nth, disturbance) if disturbance.kills else _disturbed(stand, nth, disturbance)
        faults = _faults(scene, stand, runs)
    request = scene.requests[nth - 1]
    return Verdict(scene.lesson, scene.kind, nth, request, disturbance.name, runs, faults)


def weather(scene: Scene, seed: int) -> Verdict:
    """Publishes while requests go wrong one after the other, until a run succeeds."""
    with stand_of(scene.folder) as stand:
        rules = storm(seed, STORMY_REQUESTS)
        stand.running.controls.faults.add([FaultRule(vendor="notion", **rule) for rule in rules])
        runs = _until_it_succeeds(stand, MOST_STORMY_RUNS, impatient=False)
        stand.running.controls.faults.clear()
        faults = _faults(scene, stand, runs)
    return Verdict(scene.lesson, scene.kind, 0, "many", f"storm {seed}", runs, faults)


def _disturbed(stand: Stand, nth: int, disturbance: Disturbance) -> int:
    stand.running.controls.faults.add([FaultRule(vendor="notion", nth=nth, **disturbance.rule)])
    runs = _until_it_succeeds(stand, MOST_RUNS, impatient=disturbance.impatient)
    assert any(entry.fault for entry in stand.running.controls.log.entries()), "nothing was disturbed"
    return runs


def _until_it_succeeds(stand: Stand, most: int, *, impatient: bool) -> int:
    """Returns how many runs it took, 0 where even the last did not succeed."""
    for run in range(1, most + 1):
        if stand.publish(impatient=impatient).status == "succeeded":
            return run
        _let_late_writes_arrive(stand)
    return 0


def _let_late_writes_arrive(stand: Stand) -> None:
    """Waits until the sandbox has done what was asked of it, also by clients that went away."""
    deadline = time.monotonic() + DEADLINE_S
    while any(not entry.seconds for entry in stand.running.controls.log.entries()) and time.monotonic() < deadline:
        time.sleep(0.02)


def _killed(stand: Stand, nth: int, disturbance: Disturbance) -> int:
    ours, theirs = PROCESSES.Pipe()
    arguments = (theirs, stand.folder, stand.home, stand.running.addresses)
    child = PROCESSES.Process(target=_publish, args=arguments)
    child.start()
    theirs.close()
    rule = FaultRule(vendor="notion", nth=nth, pid=child.pid, **disturbance.rule)
    stand.running.controls.faults.add([rule])
    ours.send("go")
    child.join(DEADLINE_S)
    if child.exitcode is None:
        child.kill()
    assert child.exitcode == -signal.SIGKILL, f"the publication ended with {child.exitcode}"
    _let_late_writes_arrive(stand)
    runs = _until_it_succeeds(stand, MOST_RUNS - 1, impatient=False)
    return runs and runs + 1


def _publish(start: Any, folder: Path, home: Path, at: SandboxAddresses) -> None:
    start.recv()
    publish(folder, Sandboxed(home, at))


def _faults(scene: Scene, stand: Stand, runs: int) -> tuple[str, ...]:
    """Compares what is there with what a peaceful publication leaves, and asks for one more run, which must rest."""
    if not runs:
        return ("no run succeeded",)
    seen, peaceful = stand.state(scene.known_ids), scene.peaceful
    with stand.sandbox.watched("notion") as more:
        rested = stand.publish()
    found = {
        f"{seen.pages} pages carry the key": seen.pages == 1,
        "properties, icon or cover differ": seen.head == peaceful.head,
        f"the blocks differ: {first_difference(seen.blocks, peaceful.blocks)}": seen.blocks == peaceful.blocks,
        f"{seen.blocks_made - peaceful.blocks_made} blocks too many were made": seen.blocks_made
        == peaceful.blocks_made,
        f"a further run wrote {writes(more)}": not writes(more),
        f"a further run ended as {rested.status}": rested.status == "succeeded",
    }
    return tuple(words for words, fine in found.items() if not fine)


def first_difference(seen: tuple[Any, ...], wanted: tuple[Any, ...]) -> str:
    """Says where two trees of blocks begin to differ."""
    for one, other in zip(seen, wanted, strict=False):
        if one[:3] != other[:3]:
            return f"{one[:3]} instead of {other[:3]}"
        if one[3] != other[3]:
            return first_difference(one[3], other[3])
    return f"{len(seen)} instead of {len(wanted)} side by side" if len(seen) != len(wanted) else "nowhere"
