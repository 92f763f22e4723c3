from __future__ import annotations

import json
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from esl_pipeline_tests.sandboxed import Sandboxed, flat
from esl_pipeline_tests.shared import SHARED

CORPUS = SHARED / "lessons"
VALID = sorted(path.name for path in (CORPUS / "valid").glob("*.md"))
BROKEN = sorted(path.name for path in (CORPUS / "broken").glob("*.md"))


@cache
def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CORPUS / "expected.json").read_text("utf-8"))["files"][name]
    return found


def with_existing_blocks(sandbox: Sandboxed, name: str) -> str:
    """The lesson, its references to synced blocks turned to ones that the sandbox has."""
    text = (CORPUS / "valid" / name).read_bytes().decode("utf-8")
    for missing in expected(f"valid/{name}").get("needs_existing_blocks", []):
        original = {"type": "synced_block", "synced_block": {"synced_from": None, "children": [PARAGRAPH]}}
        made = sandbox.publish(BARE, f"holder-{missing[:8]}")
        (block,) = sandbox.notion("PATCH", f"blocks/{made.page.id}/children", {"children": [original]})["results"]
        text = text.replace(missing, block["id"])
    return text


PARAGRAPH = {"type": "paragraph", "paragraph": {"rich_text": [{"type": "text", "text": {"content": "Shared."}}]}}
BARE = (Path(__file__).parents[1] / "bench" / "four-turns.md").read_text("utf-8")


pytestmark = pytest.mark.skipif(not VALID, reason="the shared folder is absent")


@pytest.mark.parametrize("name", VALID)
def test_a_sound_lesson_is_published_whole(sandbox: Sandboxed, name: str) -> None:
    record = sandbox.publish(with_existing_blocks(sandbox, name), f"corpus-{name[:-3]}")
    assert record.status == "succeeded", record.model_dump_json(indent=2)
    turns = [speaker for speaker, _ in groupby(segment.speaker for segment in record.audio.segments)]
    assert len(turns) == expected(f"valid/{name}")["turns"]
    page = sandbox.tree(record.page.id or "")
    ours = [block for block in flat(page) if block.type == "audio" and record.audio.url == url_of(block.block)]
    assert len(ours) == 1
    assert (page_again := sandbox.publish(sandbox.home / "lessons" / f"corpus-{name[:-3]}.md", f"corpus-{name[:-3]}"))
    assert {stage.status for stage in page_again.stages} == {"skipped"}


def url_of(block: dict[str, Any]) -> str | None:
    found: str | None = block["audio"].get("external", {}).get("url")
    return found


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_lesson_is_refused_at_its_line_and_nothing_is_sent(sandbox: Sandboxed, name: str) -> None:
    with sandbox.watched() as seen:
        record = sandbox.publish(CORPUS / "broken" / name, f"broken-{name[:-3]}")
    assert record.status == "rejected"
    assert seen == []
    lines = {problem.line for problem in record.problems if problem.severity == "error"}
    for problem in expected(f"broken/{name}")["problems"]:
        assert problem.get("line_free") or lines & {problem["line"], *problem.get("also_lines", [])}, problem
