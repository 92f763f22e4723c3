from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from esl_pipeline_tests.killing import publish_and_die
from esl_pipeline_tests.page_stage import child_pages, lesson, make_top_page
from esl_pipeline_tests.sandboxed import Sandboxed, flat

REQUESTS = {1: "GET the page above", 2: "GET its children", 3: "POST the page", 4: "GET its blocks"}
"""What Notion gets for a new page under a page, up to the last block."""


def manifest_under(sandbox: Sandboxed, above: str, assignment: str) -> Path:
    """A manifest whose lesson goes under a page."""
    path = sandbox.write(lesson(), assignment).with_suffix(".yaml")
    settings = f"settings:\n  notion:\n    parent_page_id: {above}\n"
    path.write_text(f"schema_version: 2\nlesson: {assignment}.md\n{settings}", "utf-8")
    return path


def test_these_are_the_requests_for_a_page_under_a_page(sandbox: Sandboxed, assignment: str) -> None:
    above = make_top_page(sandbox, assignment)
    with sandbox.watched("notion") as seen:
        record = sandbox.publish(manifest_under(sandbox, above, assignment), assignment)
    assert record.status == "succeeded", record.model_dump_json(indent=2)
    page = record.page.id
    assert [(entry["method"], entry["path"].partition("?")[0]) for entry in seen][: len(REQUESTS)] == [
        ("GET", f"/v1/pages/{above}"),
        ("GET", f"/v1/blocks/{above}/children"),
        ("POST", "/v1/pages"),
        ("GET", f"/v1/blocks/{page}/children"),
    ]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", REQUESTS, ids=REQUESTS.get)
def test_a_run_that_was_killed_leaves_one_whole_page_under_the_page_after_the_next(
    sandbox: Sandboxed, assignment: str, nth: int, when: Literal["before", "after"]
) -> None:
    above = make_top_page(sandbox, assignment)
    path = manifest_under(sandbox, above, assignment)
    publish_and_die(sandbox, path, assignment, vendor="notion", nth=nth, when=when)
    record = sandbox.publish(path, assignment)
    assert record.status == "succeeded", record.model_dump_json(indent=2)
    (child,) = child_pages(sandbox, above)
    assert child["id"] == record.page.id
    texts = [tree.text for tree in flat(sandbox.tree(child["id"]))]
    assert len([text for text in texts if text == "study-text"]) == 1
    assert texts.count("Phrases.") == 1
