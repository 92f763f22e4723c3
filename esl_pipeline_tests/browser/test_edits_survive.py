"""A student works on a page in the browser; the lesson changes; both are there afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from esl_pipeline_tests.sandboxed import Sandboxed, flat

pytestmark = pytest.mark.browser


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Page]:
    """A page that runs no scripts."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def edit(browser_page: Page, text: str) -> Locator:
    """Opens the form of the block that has a text and returns it."""
    tools = browser_page.locator("details.tools", has=browser_page.get_by_label(f"Edit: {text}"))
    tools.locator("summary").click()
    return tools


def test_what_a_student_did_in_the_browser_survives_a_new_version_of_the_lesson(
    sandbox: Sandboxed, four_turns: str, assignment: str, browser_page: Page
) -> None:
    first = sandbox.publish(four_turns, assignment)
    assert first.page.id is not None
    address = f"{sandbox.at.viewer_url}/pages/{first.page.id.replace('-', '')}"
    browser_page.goto(address)
    browser_page.get_by_role("link", name="Edit").click()

    question = next(block for block in flat(sandbox.tree(first.page.id)) if block.type == "numbered_list_item")
    form = edit(browser_page, question.text[:40])
    form.get_by_label("Text", exact=True).fill(f"{question.text} My answer!")
    form.get_by_role("button", name="Save").click()
    form = edit(browser_page, f"{question.text} My answer!"[:40])
    form.get_by_label("New paragraph").fill("I have a question about this.")
    form.get_by_role("button", name="Add").click()
    browser_page.get_by_role("link", name="Done").click()
    assert browser_page.get_by_text("My answer!").is_visible()

    changed = four_turns.replace("two pizzas", "three pizzas")
    assert changed != four_turns
    second = sandbox.publish(changed, assignment)
    assert second.status == "succeeded"
    assert second.page.id == first.page.id
    browser_page.goto(address)
    assert browser_page.get_by_text(f"{question.text} My answer!").is_visible()
    assert browser_page.get_by_text("I have a question about this.").count() == 1
    assert browser_page.get_by_text("three pizzas").count() > 0
    assert browser_page.get_by_text("two pizzas").count() == 0
