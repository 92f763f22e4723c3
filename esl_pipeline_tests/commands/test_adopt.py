from __future__ import annotations

import json
from pathlib import Path

import pytest

from esl_pipeline.sandbox.notion import HOMEWORK_DATA_SOURCE_ID
from esl_pipeline_tests.commands.test_cli import Shell
from esl_pipeline_tests.predecessor import OldPage, import_as_the_predecessor
from esl_pipeline_tests.sandboxed import Sandboxed


@pytest.fixture
def shell(sandbox: Sandboxed) -> Shell:
    return Shell(sandbox)


@pytest.fixture
def old(sandbox: Sandboxed, four_turns: str) -> OldPage:
    """A page of the predecessor's in the place that the sandbox's settings name."""
    return import_as_the_predecessor(sandbox, four_turns, HOMEWORK_DATA_SOURCE_ID)


def manifest(sandbox: Sandboxed, old: OldPage, assignment: str, **changes: object) -> Path:
    path = sandbox.write("", assignment).with_name(f"{assignment}.manifest.json")
    path.write_text(old.manifest(**changes), "utf-8")
    return path


def test_a_manifest_of_the_predecessor_is_imported_and_its_page_published_again(
    shell: Shell, sandbox: Sandboxed, old: OldPage, four_turns: str, assignment: str
) -> None:
    path = manifest(sandbox, old, assignment)
    code, planned = shell.json("import-manifest", path, "--tenant", "school", "--dry-run")
    assert (code, planned["status"], planned["assignment"]) == (0, "planned", f"school/{assignment}")
    code, answer = shell.json("import-manifest", path, "--tenant", "school")
    assert (code, answer["status"], answer["page"]["id"]) == (0, "adopted", old.id)
    assert answer["audio_block_id"] in old.ids
    code, record = shell.json(
        "publish", sandbox.write(four_turns, assignment), "--tenant", "school", "--assignment", assignment
    )
    assert (code, record["page"]["id"]) == (0, old.id)
    assert [page["id"] for page in sandbox.pages(f"school/{assignment}")] == [old.id]
    code, again = shell.json("import-manifest", path, "--tenant", "school")
    assert (code, again["status"]) == (0, "unchanged")


def test_a_page_is_adopted_by_its_address_and_the_next_step_is_told(
    shell: Shell, sandbox: Sandboxed, old: OldPage, assignment: str
) -> None:
    done = shell("pages", "adopt", f"school/{assignment}", "--page", old.url)
    assert done.exit_code == 0, done.output
    assert f"esl publish LESSON --tenant school --assignment {assignment}" in done.output


def test_a_refusal_is_one_json_object_with_what_to_do(
    shell: Shell, sandbox: Sandboxed, old: OldPage, assignment: str
) -> None:
    sandbox.notion("PATCH", f"pages/{old.id}", {"in_trash": True})
    code, answer = shell.json("pages", "adopt", f"school/{assignment}", "--page", old.id)
    assert (code, answer["status"], answer["error"]["code"]) == (1, "rejected", "page_in_trash")
    assert answer["error"]["fix"]


def test_a_vendor_out_of_reach_exits_with_3(shell: Shell, sandbox: Sandboxed, old: OldPage, assignment: str) -> None:
    busy = {"vendor": "notion", "path": f"pages/{old.id}", "kind": "429", "retry_after": 300, "every": 1}
    with sandbox.faults(busy):
        code, answer = shell.json("pages", "adopt", f"school/{assignment}", "--page", old.id)
    assert (code, answer["status"]) == (3, "unavailable")


@pytest.mark.parametrize("page", ["nothing", "https://www.notion.so/school/Homework"])
def test_a_page_without_an_id_is_wrong_usage(shell: Shell, page: str) -> None:
    done = shell("pages", "adopt", "school/week-1", "--page", page)
    assert done.exit_code == 2
    assert "neither an id of a page nor its address" in done.output


def test_a_manifest_without_a_page_is_refused(shell: Shell, sandbox: Sandboxed, old: OldPage, assignment: str) -> None:
    path = manifest(sandbox, old, assignment, pageId=None, pageUrl=None)
    assert json.loads(path.read_text("utf-8"))["pageId"] is None
    code, answer = shell.json("import-manifest", path, "--tenant", "school")
    assert (code, answer["status"]) == (1, "rejected")
    assert "names no page" in answer["reason"]
