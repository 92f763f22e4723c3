"""A real queue: Dagster's daemon over an instance in memory, and a launcher that only records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Any, cast

import dagster as dg
import yaml
from dagster._core.instance import InstanceType
from dagster._core.launcher import LaunchRunContext, RunLauncher
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.run_coordinator import SubmitRunContext
from dagster._core.storage.event_log import InMemoryEventLogStorage
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from dagster._core.storage.root import LocalArtifactStorage
from dagster._core.storage.runs import InMemoryRunStorage
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon

from esl_pipeline.commands.instance import instance_config
from esl_pipeline.defs.run_coordinator import TaggingRunCoordinator


@dg.job
def publish_lesson() -> None:
    pass


MODULE = "esl_pipeline.definitions"
CODE = ManagedGrpcPythonEnvCodeLocationOrigin(LoadableTargetOrigin(module_name=MODULE), location_name=MODULE)
ORIGIN = RemoteJobOrigin(RemoteRepositoryOrigin(CODE, "__repository__"), "publish_lesson")


class TimedCoordinator(TaggingRunCoordinator):
    """Queues runs at times that a test sets."""

    moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


class RecordingLauncher(RunLauncher[dg.DagsterInstance]):
    """Launches nothing."""

    def __init__(self) -> None:
        self.launched: list[str] = []
        self.order: list[str] = []
        super().__init__()  # type: ignore[no-untyped-call]

    def launch_run(self, context: LaunchRunContext) -> None:
        self.launched.append(context.dagster_run.tags.get("dagster/partition", ""))
        self.order.append(context.dagster_run.run_id)

    def terminate(self, run_id: str) -> bool:
        return False


@dataclass
class Queue:
    """The queue, and what was launched from it, in order: partitions, and ids of runs."""

    instance: dg.DagsterInstance
    _coordinator: TimedCoordinator
    launched: list[str]
    order: list[str]

    def submit(self, key: str | None, **tags: str) -> dg.DagsterRun:
        """Queues a run, as whoever launches one does."""
        named = {"dagster/partition": key} if key else {}
        if key:
            self.instance.add_dynamic_partitions("assignments", [key])
        run = self.instance.create_run_for_job(publish_lesson, tags=named | tags, remote_job_origin=ORIGIN)
        # Nothing of the workspace is needed to queue a run.
        context = SubmitRunContext(dagster_run=run, workspace=cast("Any", None))
        return self._coordinator.submit_run(context)

    def wait(self, minutes: float) -> None:
        """Lets time pass."""
        self._coordinator.moment += timedelta(minutes=minutes)

    def look(self) -> None:
        """Lets the daemon look once."""
        with QueuedRunCoordinatorDaemon(interval_seconds=1) as daemon:
            for _ in daemon.run_iteration(cast("Any", self)):
                pass

    def create_request_context(self) -> None:
        """The daemon asks for one to hand on to the launcher."""

    def end_all(self) -> None:
        """Ends the runs that were launched."""
        for run in self.instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTING])):
            self.instance.report_run_failed(run)

    def drain(self) -> None:
        """Looks, and lets what was launched end, until the queue is empty."""
        waiting = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])
        while self.instance.get_runs_count(waiting):
            self.look()
            self.end_all()


@contextmanager
def queue() -> Iterator[Queue]:
    """Opens an instance in memory with the queue that the project's ``dagster.yaml`` describes."""
    config = yaml.safe_load(instance_config())["run_coordinator"]["config"]
    coordinator, launcher = TimedCoordinator(**config), RecordingLauncher()
    with TemporaryDirectory() as folder:
        instance = dg.DagsterInstance(
            instance_type=InstanceType.EPHEMERAL,
            local_artifact_storage=LocalArtifactStorage(folder),
            run_storage=InMemoryRunStorage(),
            event_storage=InMemoryEventLogStorage(),
            compute_log_manager=NoOpComputeLogManager(),
            run_coordinator=coordinator,
            run_launcher=launcher,
        )
        with instance:
            yield Queue(instance, coordinator, launcher.launched, launcher.order)
