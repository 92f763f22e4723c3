"""Takes the pictures of the README anew: ``python -m esl_pipeline_tests.browser.pictures``.

Needs Chromium, and a font with emoji such as Noto Color Emoji.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from esl_pipeline_tests.browser.chromium import HOW_TO_INSTALL, chromium, find_chromium
from esl_pipeline_tests.browser.dagster_ui import GROUP, DagsterUi
from esl_pipeline_tests.browser.running_dev import RunningDev
from esl_pipeline_tests.browser.small_pictures import shrink

PICTURES = Path(__file__).parents[2] / "docs" / "images"
MAX_BYTES = 300_000
LOADED_MS = 30_000
MARGIN = 24


def main() -> None:
    """Publishes the examples into a sandbox, and takes a picture of the assets and of a page."""
    path = find_chromium() or sys.exit(HOW_TO_INSTALL)
    with tempfile.TemporaryDirectory() as folder, chromium(path) as browser:
        dev = RunningDev(Path(folder))
        dev.demo()
        with dev:
            _asset_graph(browser, dev)
            _page(browser, dev)
            dev.interrupt()


def _asset_graph(browser: Browser, dev: RunningDev) -> None:
    """Many CSS pixels on few of the picture's, because Dagster shows details only where there is room."""
    page = browser.new_page(viewport={"width": 2300, "height": 900}, device_scale_factor=0.72)
    DagsterUi(page, dev.url).open(GROUP)
    page.get_by_text("Hide navigation").click()
    page.reload()
    expect(page.get_by_text("1 / 1 Passed")).to_have_count(4, timeout=LOADED_MS)
    expect(page.get_by_text("100% filled")).to_have_count(6)
    page.screenshot(path=PICTURES / "asset-graph.png", clip=_around(page.locator("svg foreignObject")))
    _say(PICTURES / "asset-graph.png")


def _around(nodes: Locator) -> FloatRect:
    boxes = [box for node in nodes.all() if (box := node.bounding_box())]
    left, top = min(box["x"] for box in boxes) - MARGIN, min(box["y"] for box in boxes) - MARGIN
    right = max(box["x"] + box["width"] for box in boxes) + MARGIN
    bottom = max(box["y"] + box["height"] for box in boxes) + MARGIN
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def _page(browser: Browser, dev: RunningDev) -> None:
    page = browser.new_page(viewport={"width": 980, "height": 1200})
    page.goto(dev.viewer_url)
    page.get_by_role("row").filter(has_text="demo/a2-station").get_by_role("link").first.click()
    _wait_for_audio(page)
    page.screenshot(path=PICTURES / "page.png")
    _say(PICTURES / "page.png")


def _wait_for_audio(page: Page) -> None:
    page.wait_for_function("() => document.querySelector('audio').readyState >= 1")


def _say(picture: Path) -> None:
    size = shrink(picture)
    print(f"{picture.name} {size:,} bytes{' TOO LARGE' if size > MAX_BYTES else ''}")


if __name__ == "__main__":
    main()
