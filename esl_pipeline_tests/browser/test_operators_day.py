"""An operator's day in Dagster's pages, at a real ``esl dev`` whose state is in Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from esl_pipeline_tests.browser.conftest import FAILED, TIMEOUT_MS
from esl_pipeline_tests.browser.dagster_ui import DagsterUi
from esl_pipeline_tests.browser.operators_day import UNITS, OperatorsDay
from esl_pipeline_tests.browser.running_dev import RunningDev
from esl_pipeline_tests.databases import empty_database

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("postgres")]


@pytest.fixture(scope="module")
def day(
    browser: Browser, postgres_server: str, four_turns: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatorsDay]:
    """The day's page and server, of which nothing is left in the evening. The tests are its hours, in their order."""
    with empty_database(postgres_server) as engine:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        dev = RunningDev(tmp_path_factory.mktemp("day"), {"ESL_DAGSTER_POSTGRES_URL": url, "ESL_STATE": url})
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(TIMEOUT_MS)
        with dev:
            yield OperatorsDay(DagsterUi(page, dev.url), dev, four_turns)
            assert dev.interrupt() == 0
        assert not list(dev.home.rglob("runs.db")), "runs are kept in SQLite"
        assert dev.leftovers() == []


@pytest.fixture(autouse=True)
def _picture_of_what_failed(day: OperatorsDay, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    yield
    if request.node.stash.get(FAILED, False):
        day.page.screenshot(path=tmp_path / "failure.png")
        print(f"\n{day.page.url} looked like {tmp_path / 'failure.png'}")


def test_three_dropped_files_become_three_runs(day: OperatorsDay) -> None:
    day.drop_three_files()
    for run in day.ui.runs():
        tags = {tag["key"]: tag["value"] for tag in run["tags"]}
        assert (tags["esl/tenant"], tags["dagster/sensor_name"]) == ("school", "manifest_sensor")


def test_the_failed_one_is_opened(day: OperatorsDay) -> None:
    day.open_the_failed_one()


def test_the_reason_is_read(day: OperatorsDay) -> None:
    day.read_why()


def test_the_mended_lesson_goes_on_from_the_failure(day: OperatorsDay) -> None:
    day.mend_and_go_on()
    assert [run["status"] for run in day.ui.runs("broken")] == ["SUCCESS", "FAILURE"]


def test_a_preset_is_changed_and_the_page_recoloured(day: OperatorsDay) -> None:
    day.recolour()


def test_a_backfill_of_fifty_is_launched(day: OperatorsDay) -> None:
    name = day.backfill_fifty()
    day.look_at_the_backfill(name)
    runs = [{tag["key"]: tag["value"] for tag in run["tags"]} for run in day.ui.runs()]
    units = [tags for tags in runs if tags.get("dagster/backfill") == name]
    assert {tags["esl/tenant"] for tags in units} == {"course"}
    assert sorted(tags["esl/assignment"] for tags in units) == [f"unit-{number + 1:02}" for number in range(UNITS)]


def test_a_run_is_cancelled_and_a_later_one_finishes_its_work(day: OperatorsDay) -> None:
    day.run_it_again(day.cancel_a_run())
