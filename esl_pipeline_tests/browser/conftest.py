"""A browser, and a page in it whose picture is kept where a test fails."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from esl_pipeline_tests.browser.chromium import HOW_TO_INSTALL, chromium, find_chromium

FAILED = pytest.StashKey[bool]()
TIMEOUT_MS = 30_000


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remembers for the fixtures of a test whether it failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium; tests skip where there is none, but in CI that is a failure.

    It ends with its module: while it runs, its event loop does too, and Dagster can't begin one of its own.
    """
    path = find_chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(HOW_TO_INSTALL)
        pytest.skip(HOW_TO_INSTALL)
    with chromium(path) as found:
        yield found


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """An empty page; of a failed test a picture of it is left in ``tmp_path``."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    yield page
    if request.node.stash.get(FAILED, False):
        picture = tmp_path / "failure.png"
        page.screenshot(path=picture)
        print(f"\n{page.url} looked like {picture}")
    context.close()
