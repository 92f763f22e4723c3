"""Writes docs/notion.md and takes its pictures: ``python -m esl_pipeline_tests.browser.notion_pictures``.

Needs Chromium, and a font with emoji such as Noto Color Emoji.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Page, Route, sync_playwright

from esl_pipeline.pages.preset_names import preset_names
from esl_pipeline.sandbox.server import start
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stages.stage import Stage
from esl_pipeline_tests.browser.constructs import CONSTRUCTS, REFERENCED
from esl_pipeline_tests.browser.notion_page import (
    LEAD,
    MAX_PICTURE_BYTES,
    PAGE,
    PICTURES,
    PRESET_SAMPLE,
    page_text,
    picture_of_preset,
    shown_markdown,
)
from esl_pipeline_tests.browser.small_pictures import shrink
from esl_pipeline_tests.lessons.lesson_text import lesson_text
from esl_pipeline_tests.sandboxed import Sandboxed

ONLY_SECTIONS = """(shown) => {
  const [sections, withHeading, lead] = shown;
  document.querySelectorAll("nav, header").forEach((element) => { element.style.display = "none"; });
  document.querySelector("main").style.padding = "0";
  const article = document.querySelector("article");
  article.style.padding = "10px 16px 14px";
  let section = 0;
  for (const block of article.children) {
    const isHeading = block.matches("h3.heading_2");
    section = isHeading ? parseInt(block.textContent) : section;
    const isShown = sections.includes(section) && (withHeading || !isHeading) && block.textContent.trim() !== lead;
    block.style.display = isShown ? "" : "none";
  }
}"""

HARBOUR = """<svg xmlns="http://www.w3.org/2000/svg" width="420" height="160">
<rect width="420" height="160" fill="#f6c79a"/><circle cx="300" cy="96" r="34" fill="#f08a5d"/>
<rect y="96" width="420" height="64" fill="#3d6b8c"/><path d="M60 104h90l-14 22H74z" fill="#5b3a29"/>
<path d="M104 30v70h-4V30z" fill="#5b3a29"/><path d="M106 34l40 62h-40z" fill="#fff8ec"/>
</svg>"""


def _published(sandbox: Sandboxed, text: str, assignment: str, preset: str = "b1-default") -> str:
    """Publishes a page without speech; returns its id."""
    pipeline = sandbox.pipeline()
    options = JobOptions(overrides=(f"notion.preset={preset}",))
    job = pipeline.open_job("docs", assignment, manifest_file(sandbox.write(text, assignment)), options)
    for stage in (Stage.MANIFEST, Stage.PAGE):
        pipeline.run_stage(stage, job)
    return str(pipeline.assignment_status("docs", assignment).page.id)


def _with_real_reference(sandbox: Sandboxed, text: str) -> str:
    if REFERENCED not in text:
        return text
    holder = _published(sandbox, lesson_text(extra=":::synced-block\nThis stands on another page.\n:::"), "holder")
    block = next(block["id"] for block in sandbox.children(holder) if block["type"] == "synced_block")
    return text.replace(REFERENCED, block)


def _answer(route: Route) -> None:
    if route.request.url.startswith("http://127.0.0.1"):
        route.continue_()
    elif route.request.url.endswith(".svg"):
        route.fulfill(body=HARBOUR, content_type="image/svg+xml")
    else:
        route.abort()


def _take(browser: Page, url: str, slug: str, sections: Iterable[int], *, with_heading: bool = False) -> None:
    browser.goto(url)
    browser.evaluate(ONLY_SECTIONS, [list(sections), with_heading, LEAD])
    picture = PICTURES / f"{slug}.png"
    browser.locator("article").screenshot(path=picture)
    size = shrink(picture)
    print(f"{slug}.png {size:,} bytes{' TOO LARGE' if size > MAX_PICTURE_BYTES else ''}")


def _take_all(sandbox: Sandboxed, browser: Page) -> None:
    viewer = f"{sandbox.at.viewer_url}/pages"
    for construct in CONSTRUCTS:
        text = _with_real_reference(sandbox, shown_markdown(construct))
        page = _published(sandbox, text, construct.slug)
        _take(browser, f"{viewer}/{page}", construct.slug, [3] if construct.study else [4])
    for name in preset_names():
        page = _published(sandbox, PRESET_SAMPLE, picture_of_preset(name), name)
        _take(browser, f"{viewer}/{page}", picture_of_preset(name), [4, 7, 8], with_heading=True)


def main() -> None:
    """Takes the pictures and writes the page."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as home, start(Path(home), 0) as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-lcd-text"])
        page = browser.new_page(viewport={"width": 680, "height": 800}, device_scale_factor=1.5)
        page.route(re.compile(".*"), _answer)
        _take_all(Sandboxed(Path(home), running.addresses), page)
        browser.close()
    PAGE.write_text(page_text(), "utf-8")


if __name__ == "__main__":
    main()
