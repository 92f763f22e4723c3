"""What an operator does in Dagster's web pages."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

GROUP = "/locations/esl_pipeline.definitions/asset-groups/publication/lineage"
JOBS = "/locations/esl_pipeline.definitions/jobs"
SENSOR = "/locations/esl_pipeline.definitions/sensors/manifest_sensor"
RUNS = """
query Runs($tags: [ExecutionTag!]) {
  runsOrError(filter: {tags: $tags}) { ... on Runs { results { runId status tags { key value } } } }
}
"""
SENSOR_STATE = """
query Sensor($sensor: SensorSelector!) {
  sensorOrError(sensorSelector: $sensor) { ... on Sensor { sensorState { status ticks(limit: 1) { status } } } }
}
"""
STEPS = """
query Steps($run: ID!) { runOrError(runId: $run) { ... on Run { stepStats { stepKey status } } } }
"""
ADD = """
mutation Add($key: String!) {
  addDynamicPartition(
    repositorySelector: {repositoryName: "__repository__", repositoryLocationName: "esl_pipeline.definitions"}
    partitionsDefName: "assignments"
    partitionKey: $key
  ) { __typename }
}
"""
RUN_S = 90


@dataclass(frozen=True)
class DagsterUi:
    """One browser page at one web server."""

    page: Page
    url: str

    def open(self, path: str) -> None:
        """Goes to a page."""
        self.page.goto(f"{self.url}{path}")

    def asset_graph(self) -> list[str]:
        """The names in the picture of the assets."""
        self.open(GROUP)
        nodes = self.page.locator("svg foreignObject")
        expect(nodes).to_have_count(6)
        return sorted(nodes.all_text_contents())

    def partitions(self, asset: str) -> Page:
        """Opens the list of an asset's partitions."""
        self.open(f"/assets/{asset}?view=partitions")
        return self.page

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Asks the web server as its pages do."""
        answer = self.page.request.post(f"{self.url}/graphql", data={"query": query, "variables": variables})
        found: dict[str, Any] = answer.json()["data"]
        return found

    def runs(self, assignment: str | None = None) -> list[dict[str, Any]]:
        """The runs of an assignment by its tag, or all, newest first."""
        tags = [{"key": "esl/assignment", "value": assignment}] if assignment else []
        found: list[dict[str, Any]] = self.ask(RUNS, tags=tags)["runsOrError"]["results"]
        return found

    def runs_by_assignment(self) -> list[tuple[str, str]]:
        """All runs as assignment and status, in alphabetical order."""
        return sorted((_tag(run, "esl/assignment"), run["status"]) for run in self.runs())

    def wait_for_run(self, assignment: str, number: int, status: str) -> str:
        """Waits until the assignment's run of that number, counted from 1, has the status; returns its id."""
        end = time.monotonic() + RUN_S
        while True:
            found = self.runs(assignment)
            if len(found) >= number and found[-number]["status"] == status:
                return str(found[-number]["runId"])
            assert time.monotonic() < end, f"{assignment} has the runs {found}"
            self.page.wait_for_timeout(200)

    def let_sensor_look(self, assignment: str) -> None:
        """Turns the sensor on, and off again when it has started a run and is done.

        Switched off in the middle of a tick it may stay on: Dagster writes its state right after the end of the tick.
        """
        self.open(SENSOR)
        switch = self.page.locator("label:has(input[type=checkbox])")
        expect(switch.locator("input")).not_to_be_checked()
        switch.click()
        end = time.monotonic() + RUN_S
        while not self.runs(assignment) or self._sensor()["ticks"][0]["status"] == "STARTED":
            assert time.monotonic() < end, f"{assignment} has no run"
            self.page.wait_for_timeout(200)
        self.page.wait_for_timeout(1000)
        switch.click()
        expect(switch.locator("input")).not_to_be_checked()
        assert self._sensor()["status"] == "STOPPED"

    def _sensor(self) -> dict[str, Any]:
        sensor = {
            "repositoryName": "__repository__",
            "repositoryLocationName": "esl_pipeline.definitions",
            "sensorName": "manifest_sensor",
        }
        state: dict[str, Any] = self.ask(SENSOR_STATE, sensor=sensor)["sensorOrError"]["sensorState"]
        return state

    def launch(self, partition: str, config: str, *, job: str = "publish_lesson", new: bool = True) -> None:
        """Starts a job for one partition with a configuration."""
        self._open_launch(job)
        if new:
            self.page.get_by_text("Add a partition").click()
            self.page.get_by_placeholder("name").press_sequentially(partition)
            self.page.get_by_role("button", name="Save").click()
        else:
            self._select(partition)
        launch = self.page.get_by_role("button", name="Launch 1 run")
        if new and self._forgot(launch):
            self._select(partition)
        expect(launch).to_be_enabled()
        self.page.get_by_text("Config", exact=True).click()
        self._configure(config)
        launch.click()
        expect(self.page.get_by_text("Launched run")).to_be_visible()

    def choose(self, partitions: str, count: int, *, job: str) -> None:
        """Opens the dialog of a job and chooses all partitions whose key has this in it."""
        self._open_launch(job)
        self._select(partitions)
        expect(self.page.get_by_text(f"{count} partitions selected")).to_be_visible()

    def launch_backfill(self) -> str:
        """Launches what was chosen; returns the id of the backfill."""
        self.page.get_by_role("button", name="Launch backfill").click()
        told = self.page.get_by_text("Created backfill")
        return told.inner_text().split()[2]

    def _open_launch(self, job: str) -> None:
        self.open(f"{JOBS}/{job}")
        self.page.get_by_role("button", name="Materialize").first.click()
        expect(self.page.get_by_text("Add a partition")).to_be_visible()

    def _forgot(self, launch: Locator) -> bool:
        """Whether the dialog lost the new partition: it does where the page reads its assets anew in that moment."""
        try:
            launch.wait_for(timeout=5000)
        except PlaywrightTimeoutError:
            return True
        return False

    def _select(self, partitions: str) -> None:
        self.page.get_by_text("Select a partition").click()
        expect(self.page.get_by_text("Select all")).to_be_visible()
        self.page.keyboard.type(partitions)
        self.page.get_by_text("Select all").click()
        self.page.keyboard.press("Escape")

    def _configure(self, config: str) -> None:
        self.page.get_by_role("button", name="Add config").click()
        self.page.locator(".CodeMirror").last.click()
        self.page.keyboard.insert_text(config)
        expect(self.page.locator(".CodeMirror").last).to_contain_text(config.split()[-1])
        expect(self.page.get_by_text("No errors")).to_be_visible()
        self.page.get_by_role("button", name="Save config").click()

    def terminate(self, run_id: str) -> None:
        """Cancels a run that works."""
        self.open(f"/runs/{run_id}")
        self.page.get_by_role("button", name="Terminate").click()
        self.page.get_by_role("dialog").get_by_role("button", name="Terminate").click()

    def add_partition(self, partition: str) -> None:
        """Adds a partition, as the sensor does for a file."""
        self.ask(ADD, key=partition)

    def wait_for_step(self, run_id: str, name: str, status: str) -> None:
        """Waits until a step of a run has the status."""
        end = time.monotonic() + RUN_S
        while True:
            stats: list[dict[str, str]] = self.ask(STEPS, run=run_id)["runOrError"]["stepStats"]
            if {"stepKey": name, "status": status} in stats:
                return
            assert time.monotonic() < end, f"{name} is not {status} in {stats}"
            self.page.wait_for_timeout(200)

    def wait_for_runs(self, tenant: str, number: int, done: int) -> None:
        """Waits until a tenant has so many runs, and so many of them have succeeded."""
        end = time.monotonic() + 2 * RUN_S
        while True:
            found = self.ask(RUNS, tags=[{"key": "esl/tenant", "value": tenant}])["runsOrError"]["results"]
            states = [run["status"] for run in found]
            if len(states) >= number and states.count("SUCCESS") >= done:
                return
            assert time.monotonic() < end, f"{tenant} has {len(states)} runs, {states.count('SUCCESS')} succeeded"
            self.page.wait_for_timeout(500)

    def reexecute_from_failure(self, run_id: str) -> None:
        """Goes on with a failed run."""
        self.open(f"/runs/{run_id}")
        expect(self.page.get_by_text("Failure", exact=True).first).to_be_visible()
        button = self.page.get_by_role("button", name="Re-execute")
        button.locator("xpath=following-sibling::*").first.click()
        self.page.get_by_role("menuitem", name="From failure").click()


def _tag(run: dict[str, Any], key: str) -> str:
    return next((tag["value"] for tag in run["tags"] if tag["key"] == key), "")
