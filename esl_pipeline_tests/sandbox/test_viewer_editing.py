"""Editing a page in the viewer, as a person does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from esl_pipeline.sandbox.notion.visit import PERSON_ID
from esl_pipeline.sandbox.notion.workspace import Workspace
from esl_pipeline.sandbox.request_log import RequestLog
from esl_pipeline.sandbox.viewer import make_viewer
from esl_pipeline.sandbox.viewer.retyping import LONGEST_RUN, retyped
from esl_pipeline.sandbox.viewer.rich_text import plain
from esl_pipeline_tests.sandbox.notion_asker import Asker, Json, block, paragraph, rich, text_of
from esl_pipeline_tests.sandbox.written_pages import text

BASE = "http://127.0.0.1:8770"


@pytest.fixture
def viewer(workspace: Workspace) -> Iterator[FlaskClient]:
    with make_viewer(workspace, RequestLog()).test_client() as client:
        yield client


def bare(any_id: str) -> str:
    return any_id.replace("-", "")


def send(viewer: FlaskClient, page_id: str, block_id: str, origin: str = BASE, **form: str) -> TestResponse:
    path = f"/pages/{bare(page_id)}/blocks/{bare(block_id)}"
    return viewer.post(path, base_url=BASE, data=form, headers={"Origin": origin})


def test_a_changed_text_is_saved_as_a_persons_edit(notion: Asker, viewer: FlaskClient) -> None:
    page_id = notion.page(paragraph("Good morning."))
    (before,) = notion.children(page_id)
    answer = send(viewer, page_id, before["id"], what="save", text="Good evening.\r\nAnd good night.")
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/pages/{bare(page_id)}/edit#b-{bare(before['id'])}",
    )
    (after,) = notion.children(page_id)
    assert text_of(after) == "Good evening.\nAnd good night."
    assert after["last_edited_by"]["id"] == PERSON_ID


def test_a_task_is_ticked_and_unticked(notion: Asker, viewer: FlaskClient) -> None:
    page_id = notion.page(block("to_do", "Listen"))
    (task,) = notion.children(page_id)
    for form, checked in (({"checked": "on"}, True), ({}, False)):
        send(viewer, page_id, task["id"], what="save", text="Listen", **form)
        assert notion.children(page_id)[0]["to_do"]["checked"] is checked


def test_a_paragraph_is_added_below_a_block_at_any_depth(notion: Asker, viewer: FlaskClient) -> None:
    page_id = notion.page(block("toggle", "t", paragraph("one"), paragraph("two")), paragraph("end"))
    toggle, _ = notion.children(page_id)
    one, _ = notion.children(toggle["id"])
    send(viewer, page_id, one["id"], what="add", text="between")
    send(viewer, page_id, toggle["id"], what="add", text="below")
    assert notion.texts(toggle["id"]) == ["one", "between", "two"]
    assert notion.texts(page_id) == ["t", "below", "end"]


def test_a_block_is_deleted(notion: Asker, viewer: FlaskClient) -> None:
    page_id = notion.page(paragraph("stays"), paragraph("goes"))
    send(viewer, page_id, notion.children(page_id)[1]["id"], what="delete")
    assert notion.texts(page_id) == ["stays"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999"])
def test_no_other_site_can_edit_a_page(notion: Asker, viewer: FlaskClient, origin: str) -> None:
    page_id = notion.page(paragraph("mine"))
    block_id = notion.children(page_id)[0]["id"]
    assert send(viewer, page_id, block_id, origin, what="delete").status_code == 403
    assert notion.texts(page_id) == ["mine"]


def test_a_name_that_leads_to_this_machine_is_no_way_in(notion: Asker, viewer: FlaskClient) -> None:
    page_id = notion.page(paragraph("mine"))
    path = f"/pages/{bare(page_id)}/blocks/{bare(notion.children(page_id)[0]['id'])}"
    attack = viewer.post(path, base_url="http://evil.example:8770", data={"what": "delete"})
    assert attack.status_code == 403
    assert notion.texts(page_id) == ["mine"]


def test_an_edit_of_a_block_that_is_gone_is_said_in_words(notion: Asker, viewer: FlaskClient) -> None:
    page_id = notion.page(paragraph("a"))
    block_id = notion.children(page_id)[0]["id"]
    notion("DELETE", f"blocks/{block_id}")
    answer = send(viewer, page_id, block_id, what="save", text="b")
    assert answer.status_code == 404
    assert "no longer there" in answer.text


def test_what_notion_refuses_is_said_in_its_words(notion: Asker, viewer: FlaskClient) -> None:
    page_id = notion.page(paragraph("a"))
    answer = send(viewer, page_id, notion.children(page_id)[0]["id"], what="save", text="x" * LONGEST_RUN * 101)
    assert answer.status_code == 400
    assert "≤ `100`" in answer.text


def test_a_page_that_is_read_has_no_forms(notion: Asker, viewer: FlaskClient) -> None:
    page_id = notion.page(paragraph("<b>a</b>"), block("heading_2", "h"), block("to_do", "t"), {"divider": {}})
    assert "<form" not in viewer.get(f"/pages/{page_id}").text
    edited = viewer.get(f"/pages/{page_id}/edit").text
    assert edited.count("<details") == 3
    assert "&lt;b&gt;a&lt;/b&gt;</textarea>" in edited


def test_an_edit_keeps_the_styles_of_what_it_leaves_alone() -> None:
    runs = [text("Say "), text("yes", bold=True), text(" or "), text("no", link="https://a.example"), text(".")]
    changed = retyped(runs, "Say yes or maybe no.")
    assert [(run["text"]["content"], bool(run["text"].get("link"))) for run in changed] == [
        ("Say ", False),
        ("yes", False),
        (" or ", False),
        ("maybe ", False),
        ("no", True),
        (".", False),
    ]
    assert changed[1]["annotations"]["bold"] is True


def test_an_equation_that_is_typed_over_goes_as_a_whole() -> None:
    equation: Json = {"type": "equation", "equation": {"expression": "x^2"}, "plain_text": "x^2"}
    assert [run["type"] for run in retyped([text("so "), equation], "so x^2!")] == ["text", "equation", "text"]
    assert [run["type"] for run in retyped([text("so "), equation], "so x^3")] == ["text", "text"]


@given(st.lists(st.text("ab ", max_size=5), max_size=4), st.text("ab c", max_size=12))
def test_what_is_typed_is_what_is_saved(parts: list[str], typed: str) -> None:
    made = retyped([run for part in parts for run in rich(part)], typed)
    assert plain(made) == typed
