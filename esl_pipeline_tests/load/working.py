"""The load itself: quiet publications to compare with, then all at once, and a latecomer in the middle of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import read_environment
from esl_pipeline_tests.load.lessons import LoadedAssignment, assignments
from esl_pipeline_tests.load.scene import Scene
from esl_pipeline_tests.load.timeline import TimedRun, runs_of
from esl_pipeline_tests.load.vendors import Counted, Vendors
from esl_pipeline_tests.load.verdict import faults
from esl_pipeline_tests.load.watching import Watching

CALM, LATE = "calm", "late"
QUIET_RUNS = 2
"""Before the load, and as many after it: the machine's speed may not be the same in between."""
LATE_AFTER = 3
"""The latecomer comes when one of so many parts of the load is done."""


@dataclass(frozen=True)
class Plan:
    """How much is asked for."""

    tenants: int
    each: int

    @property
    def load(self) -> list[LoadedAssignment]:
        """The assignments of the load."""
        return list(assignments(self.tenants, self.each))

    @property
    def calm(self) -> list[LoadedAssignment]:
        """What is published in peace: one lets the sandbox load its libraries, the others are measured."""
        return [LoadedAssignment(CALM, f"week-{n}", self.tenants * self.each + n) for n in range(2 * QUIET_RUNS + 1)]

    @property
    def late(self) -> LoadedAssignment:
        """The single assignment of another tenant that comes while the others wait."""
        return LoadedAssignment(LATE, "week-1", self.tenants * self.each + len(self.calm))

    @property
    def all_tenants(self) -> list[str]:
        """Everybody who asks for something."""
        return sorted({one.tenant for one in (*self.load, *self.calm, self.late)})


@dataclass(frozen=True)
class Measured:
    """What was seen.

    Attributes:
        faults: what was lost, doubled or wrong.
        calm_cpu_s: seconds of processor of a publication while nothing else works, by part of the scene.
        load_s: from putting the load into the inbox until the last of it was done.
        cpu_s: by part, in that time.
        resident: MiB by part, a number per sample.
        traffic: what each vendor got at most.
        late_put_at: when the latecomer was put into the inbox, in seconds since 1970.
    """

    plan: Plan
    finished: bool
    faults: list[str]
    runs: list[TimedRun]
    requests: list[dict[str, object]]
    calm_cpu_s: dict[str, float]
    load_s: float
    cpu_s: dict[str, float]
    resident: dict[str, list[float]]
    traffic: dict[str, Counted]
    late_put_at: float

    @property
    def load_runs(self) -> list[TimedRun]:
        """The runs of the load alone."""
        keys = {one.key for one in self.plan.load}
        return [run for run in self.runs if run.key in keys]

    def run_of(self, one: LoadedAssignment) -> TimedRun | None:
        """Returns the run that published an assignment."""
        return next((run for run in self.runs if run.key == one.key and run.status == "SUCCESS"), None)


def work(scene: Scene, plan: Plan, watching: Watching, delays: dict[str, float]) -> Measured:
    """Publishes the plan; ends early, with what was measured until then, on Ctrl-C and when the time is up."""
    with watching.spending.sampling():
        return _work(scene, plan, watching, delays)


def _work(scene: Scene, plan: Plan, watching: Watching, delays: dict[str, float]) -> Measured:
    vendors = Vendors(scene.sandbox)
    vendors.begin(delays)
    first, *calm = plan.calm
    put(scene, [first])
    scene.turn_on_sensor()
    watching.until(1, scene.check)
    quiet_before = _quiet(scene, calm[:QUIET_RUNS], watching)
    before, began, requests_before = dict(watching.spending.seconds), time.time(), len(vendors.requests())
    late_put_at, finished, quiet = 0.0, False, QUIET_RUNS + 1
    try:
        put(scene, plan.load)
        watching.until(quiet + len(plan.load) // LATE_AFTER, scene.check)
        put(scene, [plan.late])
        late_put_at = time.time()
        finished = watching.until(quiet + len(plan.load) + 1, scene.check)
    except KeyboardInterrupt:
        watching.say("interrupted; what follows is of what was done until now")
    load_s, cpu_s, traffic = time.time() - began, watching.spending.since(before), vendors.traffic()
    requests = vendors.requests()[requests_before:]
    quiet_after = _quiet(scene, calm[QUIET_RUNS:], watching) if finished else quiet_before
    vendors.hurry()
    return Measured(
        plan=plan,
        finished=finished,
        faults=examine(scene, [*(plan.calm if finished else plan.calm[:quiet]), *plan.load, plan.late]),
        runs=runs_of(scene.instance),
        requests=requests,
        calm_cpu_s={part: (quiet_before.get(part, 0.0) + seconds) / 2 for part, seconds in quiet_after.items()},
        load_s=load_s,
        cpu_s=cpu_s,
        resident=watching.spending.resident,
        traffic=traffic,
        late_put_at=late_put_at,
    )


def examine(scene: Scene, wanted: Sequence[LoadedAssignment]) -> list[str]:
    """Returns what is lost, doubled or wrong."""
    stores = create_pipeline(environment=read_environment(scene.variables)).providers
    return faults(wanted, Vendors(scene.sandbox), stores.publications)


def _quiet(scene: Scene, some: Sequence[LoadedAssignment], watching: Watching) -> dict[str, float]:
    """Publishes a few while nothing else works, and returns what one of them costs."""
    watching.until_quiet()
    before = dict(watching.spending.seconds)
    put(scene, some)
    watching.until(watching.counts["published"] + len(some), scene.check)
    watching.until_quiet()
    return {name: seconds / len(some) for name, seconds in watching.spending.since(before).items()}


def put(scene: Scene, some: Sequence[LoadedAssignment]) -> None:
    """Writes lessons into the inbox."""
    for one in some:
        one.put(scene.inbox)
