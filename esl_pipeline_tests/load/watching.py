"""Looks at a load while it works: what is done, what it uses, and whether anything still happens."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import dagster as dg
import sqlalchemy as sa
from dagster._core.storage.dagster_run import DagsterRunStatus, RunsFilter
from dagster_postgres.utils import DagsterPostgresException

from esl_pipeline_tests.load.scene import Scene
from esl_pipeline_tests.load.spending import Spending

UNREACHABLE = (sa.exc.SQLAlchemyError, dg.DagsterError, DagsterPostgresException)
"""What Dagster's storage raises while its Postgres is down."""
QUEUED = (DagsterRunStatus.QUEUED, DagsterRunStatus.NOT_STARTED)
WORKING = (DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING)
LOOK_S = 2.0
TELL_S = 15.0
STALL_S = 150.0
"""Longer than a lease of the dead, and than the daemon takes to see that a worker is gone."""


@dataclass
class Watching:
    """What was seen of a scene so far.

    Args:
        scene: is looked at.
        limit_s: how long at most.
        say: takes a line about the progress.
    """

    scene: Scene
    limit_s: float
    say: Callable[[str], None] = print
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.spending = Spending(self.scene.parts)
        self._began = time.monotonic()
        self._told = self._changed = self._began

    @property
    def over(self) -> bool:
        """True where the time is up."""
        return time.monotonic() > self._began + self.limit_s

    def until(self, published: int, act: Callable[[], object] = lambda: None) -> bool:
        """Waits until so many runs have succeeded; False where the time is up before, or nothing happens any more.

        Args:
            published: since the scene began.
            act: called at every look.
        """
        self._changed = time.monotonic()
        while self.counts["published"] < published:
            if self.over or self._stalled():
                return False
            act()
            time.sleep(LOOK_S)
            self.look()
        return True

    def until_quiet(self) -> bool:
        """Waits until no run is queued or working; False where the time is up before."""
        while self.counts["queued"] + self.counts["working"]:
            if self.over:
                return False
            time.sleep(LOOK_S)
            self.look()
        return True

    def look(self) -> None:
        """Counts, and tells of it now and then."""
        try:
            now = self._count()
        except UNREACHABLE:
            return
        if now != self.counts:
            self.counts, self._changed = now, time.monotonic()
        if time.monotonic() > self._told + TELL_S:
            self._tell()

    def _count(self) -> Counter[str]:
        def count(*statuses: DagsterRunStatus) -> int:
            return self.scene.instance.get_runs_count(RunsFilter(statuses=list(statuses)))

        return Counter(
            queued=count(*QUEUED),
            working=count(*WORKING),
            published=count(DagsterRunStatus.SUCCESS),
            failed=count(DagsterRunStatus.FAILURE),
        )

    def _stalled(self) -> bool:
        return time.monotonic() > self._changed + STALL_S

    def _tell(self) -> None:
        self._told = time.monotonic()
        runs = ", ".join(f"{number} {name}" for name, number in self.counts.items())
        memory = ", ".join(f"{name} {sizes[-1]:.0f} MiB" for name, sizes in self.spending.resident.items() if sizes)
        self.say(f"{(self._told - self._began) / 60:5.1f} min: {runs}; {memory}")
