"""Headless Chromium, as the system has it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",  # for root, as in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
EXPECT_MS = 60_000
"""Pages are slow where many tests run, and Dagster's refresh themselves only every 15 s."""
HOW_TO_INSTALL = "There is no Chromium. On Debian: apt-get install chromium fonts-noto-color-emoji"


def find_chromium() -> str | None:
    """Returns the path of the system's browser, None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium(path: str, *arguments: str) -> Iterator[Browser]:
    """Runs the browser, with arguments besides its usual ones, for the length of the block."""
    expect.set_options(timeout=EXPECT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=[*ARGUMENTS, *arguments])
        try:
            yield browser
        finally:
            browser.close()
