"""``esl dev`` on files: the demo is there, and what Ctrl-C interrupts goes on by itself at the next start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from esl_pipeline_tests.browser.dagster_ui import DagsterUi
from esl_pipeline_tests.browser.running_dev import RunningDev

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ASSETS = ["audio_segments", "audio_upload", "merged_mp3", "notion_audio", "notion_page", "validated_manifest"]
RUNS = [
    ("a2-station", "SUCCESS"),
    ("b1-phone-free-sunday", "SUCCESS"),
    ("b2-borrowed-memory", "SUCCESS"),
    ("slow", "FAILURE"),
    ("slow", "SUCCESS"),
]
CONFIG = """\
resources:
  asking:
    config:
      manifest_path: school/slow.md
      settings:
        - audio.pause_ms=900
"""


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[RunningDev]:
    """A home of its own, of which nothing is left afterwards."""
    found = RunningDev(tmp_path)
    yield found
    assert found.leftovers() == []


def test_an_interrupted_run_is_finished_at_the_next_start(page: Page, dev: RunningDev, four_turns: str) -> None:
    ui = DagsterUi(page, dev.url)
    dev.demo()
    with dev:
        assert ui.asset_graph() == ASSETS
        expect(page.get_by_role("dialog")).to_have_count(0)
        the_demo_is_there(ui)
        start_a_slow_one(ui, dev, four_turns)
        assert dev.interrupt() == 0
    assert dev.leftovers() == []
    assert "Traceback" not in dev.said.partition("stopping")[0]
    with dev:
        what_was_interrupted_goes_on_by_itself(ui)
        pages_and_audio_are_there_again(page, dev)


def the_demo_is_there(ui: DagsterUi) -> None:
    page = ui.partitions("notion_audio")
    expect(page.get_by_text("Materialized (3)")).to_be_visible()
    for name in ("a2-station", "b1-phone-free-sunday", "b2-borrowed-memory"):
        expect(page.get_by_text(f"demo/{name}").first).to_be_visible()
    ui.open("/locations/esl_pipeline.definitions/jobs/publish_lesson/runs")
    expect(page.get_by_text("Success", exact=True)).to_have_count(3)


def start_a_slow_one(ui: DagsterUi, dev: RunningDev, four_turns: str) -> None:
    put(dev, "slow", four_turns.replace("I have packed", "Well now, I have packed"))
    dev.slow_speech(5)
    ui.launch("school/slow", CONFIG)
    dev.wait_for("stage started .*assignment=slow stage=audio_segments")


def what_was_interrupted_goes_on_by_itself(ui: DagsterUi) -> None:
    ui.wait_for_run("slow", 1, "FAILURE")
    ui.wait_for_run("slow", 2, "SUCCESS")
    assert ui.runs_by_assignment() == RUNS
    ui.open("/runs")
    expect(ui.page.get_by_text("Success", exact=True)).to_have_count(4)
    expect(ui.page.get_by_text("Failure", exact=True)).to_have_count(1)
    ui.open("/assets/validated_manifest?view=partitions&partition=school%2Fslow")
    expect(ui.page.get_by_role("row").filter(has_text="audio.pause_ms").last).to_contain_text("run config")


def pages_and_audio_are_there_again(page: Page, dev: RunningDev) -> None:
    page.goto(dev.viewer_url)
    page.get_by_role("row").filter(has_text="demo/a2-station").get_by_role("link").first.click()
    source = page.locator("audio").get_attribute("src") or ""
    answer = page.request.get(source)
    assert answer.ok
    assert answer.headers["content-type"] == "audio/mpeg"


def put(dev: RunningDev, assignment: str, lesson: str) -> None:
    folder = dev.home / "inbox" / "school"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{assignment}.md").write_text(lesson, "utf-8")
