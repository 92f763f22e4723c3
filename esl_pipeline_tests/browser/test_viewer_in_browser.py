"""A published page as a teacher sees it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from esl_pipeline.stages.job_record import JobRecord
from esl_pipeline_tests.sandboxed import Sandboxed

pytestmark = pytest.mark.browser

DURATION = "audio => audio.readyState >= 1 ? audio.duration : null"


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser finds wrong with the page."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("response", lambda answer: found.append(answer.url) if answer.status >= 400 else None)
    return found


@pytest.fixture
def record(sandbox: Sandboxed, examples: list[Path], assignment: str, page: Page) -> JobRecord:
    """The easiest example, published and opened."""
    published = sandbox.publish(examples[0], assignment)
    page.goto(published.page.url or "")
    return published


def test_a_published_page_opens_its_toggles_plays_its_audio_and_shows_its_captions(
    page: Page, complaints: list[str], record: JobRecord
) -> None:
    toggles = page.locator("details.toggle")
    expect(toggles.first).to_be_visible()
    for toggle in toggles.all():
        folds_and_opens(toggle)
    audio = page.locator("audio")
    assert audio.get_attribute("src") == record.audio.url
    duration_s = page.wait_for_function(f"() => ({DURATION})(document.querySelector('audio'))").json_value()
    assert duration_s == pytest.approx(record.audio.duration_s, abs=0.05)
    plays(page)
    captions = page.get_by_role("link", name="Captions")
    answer = page.request.get(captions.get_attribute("href") or "")
    assert answer.text().startswith("WEBVTT")
    assert len(record.audio.segments) == answer.text().count("-->") > 1
    assert complaints == []


def folds_and_opens(toggle: Locator) -> None:
    inside = toggle.locator("> .inside")
    expect(inside).to_be_visible()
    toggle.locator("> summary").click(position={"x": 4, "y": 8})
    expect(inside).to_be_hidden()
    toggle.locator("> summary").click(position={"x": 4, "y": 8})
    expect(inside).to_be_visible()


def plays(page: Page) -> None:
    page.evaluate("() => { const audio = document.querySelector('audio'); audio.muted = true; audio.play(); }")
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2")


def test_columns_stand_side_by_side_and_tables_have_heads(page: Page, record: JobRecord) -> None:
    columns = [box for column in page.locator(".columns > *").all() if (box := column.bounding_box())]
    assert len(columns) >= 2
    assert len({round(box["y"]) for box in columns}) == 1
    for left, right in pairwise(columns):
        assert left["x"] + left["width"] <= right["x"]
    table = page.locator("table.grid")
    expect(table.locator("th").first).to_be_visible()
    rows = [row.locator("th, td").count() for row in table.locator("tr").all()]
    assert len(rows) > 2
    assert set(rows) == {rows[0]}
    fits = page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    assert fits
