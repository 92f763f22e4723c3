"""An operator's day, step by step; each step leaves the browser where a picture of it is worth taking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from esl_pipeline_tests.browser.dagster_ui import JOBS, SENSOR, DagsterUi
from esl_pipeline_tests.browser.running_dev import RunningDev

Camera = Callable[[str], None]
"""Takes a picture under a name."""

DROPPED = {"moving-out": "The Last Evening", "pizza": "Pizza for Two", "broken": "A Broken Promise"}
"""The lessons of the morning, with their titles."""
UNITS = 50
FIRST_ONES = 2
"""How many of a backfill's runs are waited for."""
PRESET = """\
resources:
  asking:
    config:
      preset: c1-default
"""
SLOW = """\
resources:
  asking:
    config:
      settings: [audio.pause_ms=900]
"""
SPEECH_S = 20


def no_picture(name: str) -> None:
    """Takes none."""


@dataclass(frozen=True)
class OperatorsDay:
    """One day at one ``esl dev``."""

    ui: DagsterUi
    dev: RunningDev
    lesson: str
    picture: Camera = no_picture

    @property
    def page(self) -> Page:
        """The browser's page."""
        return self.ui.page

    def put(self, key: str, lesson: str) -> None:
        """Drops a lesson into the inbox."""
        file = self.dev.home / "inbox" / f"{key}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(lesson, "utf-8")

    def titled(self, name: str) -> str:
        """Returns a lesson of the morning without errors."""
        return self.lesson.replace("The Last Evening", DROPPED[name])

    def drop_three_files(self) -> None:
        """Two good lessons and one with two errors; they are watched till they are done."""
        for name in DROPPED:
            lesson = self.titled(name)
            broken = lesson.replace("level: B1\n", "").replace("## 4.", "## 44.")
            self.put(f"school/{name}", broken if name == "broken" else lesson)
        self.ui.let_sensor_look("broken")
        self.ui.open(SENSOR)
        expect(self.page.get_by_text("3 runs requested").first).to_be_visible()
        self.picture("sensor")
        self.ui.open("/runs")
        expect(self.page.get_by_text("partition: school/")).to_have_count(3)
        for name in DROPPED:
            self.ui.wait_for_run(name, 1, "FAILURE" if name == "broken" else "SUCCESS")
        expect(self.page.get_by_text("Success", exact=True)).to_have_count(2)
        self.picture("runs")

    def open_the_failed_one(self) -> None:
        """From the list of runs to the reason."""
        self.ui.open("/runs")
        self.page.get_by_role("tab", name="Failed").or_(self.page.get_by_role("link", name="Failed")).click()
        expect(self.page.get_by_text("partition: school/")).to_have_count(1)
        self.page.get_by_role("link", name="View", exact=True).click()
        expect(self.page.get_by_text("Errored (1)")).to_be_visible()
        self.page.get_by_text("validated_manifest", exact=True).last.click()
        expect(self.page.get_by_text("Mend each of these where it stands").first).to_be_visible()
        self.picture("failed-run")

    def read_why(self) -> None:
        """The check tells every error, where it is and how to mend it."""
        self.ui.open("/assets/validated_manifest?view=checks")
        expect(self.page.get_by_text("2 errors, the first in line")).to_be_visible()
        expect(self.page.get_by_role("row").filter(has_text="V-H2M").last).to_contain_text("Write “## 4.")
        self.picture("problems")

    def mend_and_go_on(self) -> None:
        """The lesson is mended, and the failed run goes on from where it stopped."""
        self.put("school/broken", self.titled("broken"))
        failed = self.ui.wait_for_run("broken", 1, "FAILURE")
        self.ui.reexecute_from_failure(failed)
        again = self.ui.wait_for_run("broken", 2, "SUCCESS")
        self.ui.open("/assets/notion_page?view=partitions&partition=school%2Fbroken")
        expect(self.page.get_by_text(again[:8])).to_be_visible()
        expect(self.page.get_by_text("notion/page_url")).to_be_visible()
        self.picture("published")

    def recolour(self) -> None:
        """Another preset of heading colours for one page."""
        self.ui.launch("school/moving-out", PRESET, job="recolour", new=False)
        self.ui.wait_for_run("moving-out", 2, "SUCCESS")
        self.ui.open("/assets/notion_page?view=partitions&partition=school%2Fmoving-out")
        expect(self.page.get_by_text("c1-default").first).to_be_visible()
        self.picture("recoloured")

    def backfill_fifty(self) -> str:
        """Launches the pages of fifty lessons at once; returns the id of the backfill when all runs are there."""
        for number in range(UNITS):
            lesson = self.lesson.replace("The Last Evening", f"Unit {number + 1}")
            self.put(f"course/unit-{number + 1:02}", lesson)
            self.ui.add_partition(f"course/unit-{number + 1:02}")
        self.ui.choose("course/", UNITS, job="republish_text")
        self.picture("backfill-dialog")
        name = self.ui.launch_backfill()
        self.ui.wait_for_runs("course", UNITS, FIRST_ONES)
        return name

    def look_at_the_backfill(self, name: str) -> None:
        """How far it is."""
        self.ui.open(f"/runs/b/{name}")
        self.picture("backfill")

    def cancel_a_run(self) -> str:
        """Cancels a run in the middle of its speech; returns the run's id."""
        self.dev.slow_speech(SPEECH_S)
        self.put("college/slow", self.lesson.replace("I have packed", "Well now, I have packed"))
        self.ui.launch("college/slow", SLOW)
        run_id = self.ui.wait_for_run("slow", 1, "STARTED")
        self.ui.wait_for_step(run_id, "audio_segments", "IN_PROGRESS")
        self.ui.terminate(run_id)
        self.ui.wait_for_run("slow", 1, "CANCELED")
        expect(self.page.get_by_text("Canceled", exact=True).first).to_be_visible()
        self.picture("cancelled")
        return run_id

    def run_it_again(self, run_id: str) -> None:
        """What was cancelled is finished."""
        self.dev.slow_speech(0)
        self.ui.open(f"/runs/{run_id}")
        self.page.get_by_role("button", name="Re-execute").first.click()
        self.ui.wait_for_run("slow", 2, "SUCCESS")
        self.ui.open(f"{JOBS}/publish_lesson/runs")
        expect(self.page.get_by_text("Canceled", exact=True).first).to_be_visible()
