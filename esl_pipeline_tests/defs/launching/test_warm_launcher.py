from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import dagster as dg
import pytest
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._core.events import DagsterEvent, DagsterEventType
from dagster._core.launcher import LaunchRunContext
from dagster._core.storage.dagster_run import DagsterRunStatus
from dagster._daemon.monitoring import execute_run_monitoring_iteration

from esl_pipeline.commands.instance import open_instance
from esl_pipeline.definitions import define
from esl_pipeline.defs.launching.warm_launcher import WarmRunLauncher
from esl_pipeline.defs.launching.worker_process import WorkerProcess
from esl_pipeline.defs.partitions import add_assignments, tags_of
from esl_pipeline_tests.defs.queued import MODULE, ORIGIN
from esl_pipeline_tests.sandboxed import Sandboxed

pytestmark = pytest.mark.slow
WAIT_S = 90
JOB = ReconstructableRepository.for_module(MODULE, "defs").get_reconstructable_job("publish_lesson")


@dataclass
class Launching:
    """An instance with the project's own configuration, and its launcher."""

    instance: dg.DagsterInstance
    sandbox: Sandboxed

    @property
    def launcher(self) -> WarmRunLauncher:
        return cast("WarmRunLauncher", self.instance.run_launcher)

    def launch(self, key: str, lesson: str) -> str:
        """Launches a run, as the queue's daemon does."""
        add_assignments(self.instance, [key])
        path = str(self.sandbox.write(lesson, key.split("/")[1]))
        run = self.instance.create_run_for_job(
            define().resolve_job_def("publish_lesson"),
            tags={"dagster/partition": key, **tags_of(key)},
            run_config={"resources": {"asking": {"config": {"manifest_path": path}}}},
            remote_job_origin=ORIGIN,
            job_code_origin=JOB.get_python_origin(),
        )
        starting = DagsterEvent(DagsterEventType.PIPELINE_STARTING.value, job_name="publish_lesson")
        self.instance.report_dagster_event(starting, run_id=run.run_id)
        self.launcher.launch_run(LaunchRunContext(run, None))
        return run.run_id

    def run(self, run_id: str) -> dg.DagsterRun:
        found = self.instance.get_run_by_id(run_id)
        assert found is not None
        return found

    def worker(self, run_id: str) -> WorkerProcess:
        """Waits until the run's tags name its process."""
        wait_until(lambda: WorkerProcess.of_run(self.run(run_id)) is not None)
        return cast("WorkerProcess", WorkerProcess.of_run(self.run(run_id)))

    def wait(self, run_id: str) -> DagsterRunStatus:
        """Waits until the run has ended and its process is gone."""
        wait_until(lambda: self.run(run_id).is_finished)
        wait_until(lambda: self.worker(run_id).is_gone)
        return self.run(run_id).status

    @contextmanager
    def waiting_for_notion(self, key: str, lesson: str, slow_s: float = 20) -> Iterator[str]:
        """Launches a run and gives it when it waits for Notion, which is slow during the block."""
        before = len(self.sandbox.requests("notion"))
        with self.sandbox.faults({"vendor": "notion", "every": 1, "slow_s": slow_s}):
            run_id = self.launch(key, lesson)
            wait_until(lambda: len(self.sandbox.requests("notion")) > before or self.run(run_id).is_finished)
            assert not self.run(run_id).is_finished
            yield run_id

    def monitor(self) -> None:
        """Lets Dagster's monitoring look once."""
        context: Any = self
        assert [error for error in execute_run_monitoring_iteration(context, LOGGER) if error] == []

    def create_request_context(self) -> None:
        """The monitoring asks for one, to resume runs."""


LOGGER = dg.get_dagster_logger("monitoring")


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def _undisturbed(sandbox: Sandboxed) -> None:
    """Delays of one test are over in the next."""


@pytest.fixture(scope="module")
def launching(sandbox_server: Sandboxed) -> Iterator[Launching]:
    sandbox = sandbox_server
    with pytest.MonkeyPatch.context() as patch, open_instance(sandbox.home) as instance:
        patch.setenv("ESL_HOME", str(sandbox.home))
        patch.setenv("ESL_SANDBOX_PORT", str(sandbox.at.base_port))
        patch.setenv("DAGSTER_HOME", str(sandbox.home / "dagster"))
        assert isinstance(instance.run_launcher, WarmRunLauncher)
        yield Launching(instance, sandbox)


def test_each_run_has_a_process_of_its_own_that_ends_with_it(
    launching: Launching, four_turns: str, assignment: str
) -> None:
    runs = [launching.launch(f"school/{assignment}-{number}", four_turns) for number in range(2)]
    pids = {launching.worker(run_id).pid for run_id in runs}
    assert len(pids | {os.getpid()}) == 3
    assert [launching.wait(run_id) for run_id in runs] == [DagsterRunStatus.SUCCESS] * 2


def test_a_run_that_is_cancelled_stops_at_once_and_a_new_one_completes_it(
    launching: Launching, four_turns: str, assignment: str
) -> None:
    with launching.waiting_for_notion(f"school/{assignment}", four_turns) as run_id:
        assert launching.launcher.terminate(run_id)
        assert launching.wait(run_id) is DagsterRunStatus.CANCELED
    assert not launching.launcher.terminate(run_id)
    again = launching.launch(f"school/{assignment}", four_turns)
    assert launching.wait(again) is DagsterRunStatus.SUCCESS
    assert len(launching.sandbox.pages(f"school/{assignment}")) == 1


def test_a_run_that_was_cancelled_or_failed_on_another_machine_stops(
    launching: Launching, four_turns: str, assignment: str
) -> None:
    with launching.waiting_for_notion(f"school/{assignment}", four_turns) as run_id:
        launching.instance.report_run_canceling(launching.run(run_id))
        assert launching.wait(run_id) is DagsterRunStatus.CANCELED


def test_a_killed_worker_s_run_fails_at_the_next_look_and_is_to_be_tried_again(
    launching: Launching, four_turns: str, assignment: str
) -> None:
    with launching.waiting_for_notion(f"school/{assignment}", four_turns) as run_id:
        launching.monitor()
        assert launching.run(run_id).status is DagsterRunStatus.STARTED
        launching.worker(run_id).signal(signal.SIGKILL)
        wait_until(lambda: launching.worker(run_id).is_gone)
        launching.monitor()
    assert launching.run(run_id).status is DagsterRunStatus.FAILURE
    assert launching.run(run_id).tags["dagster/will_retry"] == "true"


def test_workers_outlive_the_launcher_and_a_new_one_knows_of_them(
    launching: Launching, four_turns: str, assignment: str
) -> None:
    with launching.waiting_for_notion(f"school/{assignment}", four_turns, slow_s=2) as run_id:
        launching.launcher.dispose()
        with open_instance(launching.sandbox.home) as instance:
            health = instance.run_launcher.check_run_worker_health(launching.run(run_id))
    assert health.status.value == "RUNNING"
    assert launching.wait(run_id) is DagsterRunStatus.SUCCESS
