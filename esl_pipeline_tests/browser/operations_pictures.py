"""Takes the pictures of docs/operations.md anew: ``python -m esl_pipeline_tests.browser.operations_pictures``.

Needs Chromium and Postgres.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import FloatRect, Page

from esl_pipeline_tests.browser.chromium import HOW_TO_INSTALL, chromium, find_chromium
from esl_pipeline_tests.browser.dagster_ui import DagsterUi
from esl_pipeline_tests.browser.operators_day import OperatorsDay
from esl_pipeline_tests.browser.running_dev import RunningDev
from esl_pipeline_tests.browser.small_pictures import shrink
from esl_pipeline_tests.conftest import short_lesson
from esl_pipeline_tests.databases import empty_database
from esl_pipeline_tests.real_postgres import running_postgres

PICTURES = Path(__file__).parents[2] / "docs" / "images" / "operations"
MAX_BYTES = 120_000
HEIGHTS = {"cancelled": 352}
"""Of pictures that end above a traceback."""
SETTLE_MS = 1_500
"""For what the pages draw after all their answers are there."""


def main() -> None:
    """Lives the day once, with a camera."""
    path = find_chromium() or sys.exit(HOW_TO_INSTALL)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with running_postgres() as server, empty_database(server) as engine, tempfile.TemporaryDirectory() as folder:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        dev = RunningDev(Path(folder), {"ESL_DAGSTER_POSTGRES_URL": url, "ESL_STATE": url})
        with dev, chromium(path) as browser:
            page = browser.new_page(viewport={"width": 1400, "height": 860}, device_scale_factor=0.86)
            page.set_default_timeout(60_000)
            _live(OperatorsDay(DagsterUi(page, dev.url), dev, short_lesson(), lambda name: _take(page, name)))
            dev.interrupt()


def _live(day: OperatorsDay) -> None:
    day.drop_three_files()
    day.open_the_failed_one()
    day.read_why()
    day.mend_and_go_on()
    day.recolour()
    day.look_at_the_backfill(day.backfill_fifty())
    day.run_it_again(day.cancel_a_run())


def _take(page: Page, name: str) -> None:
    page.wait_for_timeout(SETTLE_MS)
    clip: FloatRect = {"x": 0, "y": 0, "width": 1400, "height": HEIGHTS.get(name, 860)}
    page.screenshot(path=PICTURES / f"{name}.png", clip=clip)
    size = shrink(PICTURES / f"{name}.png")
    print(f"{name}.png {size:,} bytes{' TOO LARGE' if size > MAX_BYTES else ''}")


if __name__ == "__main__":
    main()
