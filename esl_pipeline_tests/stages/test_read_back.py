"""A page as the vendor gives it back is the lesson's tree of blocks."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from esl_pipeline.lessons import read_lesson
from esl_pipeline.pages.blocks import build_blocks
from esl_pipeline.pages.fingerprint import fingerprint_block, fingerprint_node, plain_text
from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.preset import load_preset
from esl_pipeline.pages.preset_names import preset_names
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stages.stage import Stage
from esl_pipeline_tests.lessons.lesson_text import lesson_text
from esl_pipeline_tests.pages.bodies import bodies
from esl_pipeline_tests.pages.planned import check_plan
from esl_pipeline_tests.sandboxed import Sandboxed, Tree
from esl_pipeline_tests.shared import SHARED

PROJECT = Path(__file__).parents[2]
EVERY_CONSTRUCT = PROJECT / "esl_pipeline_tests" / "pages" / "every_construct.md"
LESSONS = [
    EVERY_CONSTRUCT,
    *sorted((PROJECT / "examples").glob("*.md")),
    *sorted((SHARED / "lessons" / "valid").glob("*.md")),
]
PROPERTIES = re.compile(r"^properties:.*\n(?:[ ]+.*\n)*", re.MULTILINE)
REFERENCE = re.compile(r"(?<=:::synced-block )[0-9a-f-]{36}")

Outline = tuple[str, str, str, tuple[Any, ...]]


def outline_of_nodes(nodes: Sequence[BlockNode]) -> tuple[Outline, ...]:
    return tuple(
        (node.type, plain_text(node.content), fingerprint_node(node), outline_of_nodes(node.children)) for node in nodes
    )


def outline_of_page(trees: Iterable[Tree]) -> tuple[Outline, ...]:
    return tuple(
        (
            tree.type,
            plain_text(tree.block[tree.type]),
            fingerprint_block(tree.block),
            # What a copy of a synced block shows is the original's.
            () if tree.block[tree.type].get("synced_from") else outline_of_page(tree.children),
        )
        for tree in trees
    )


def text_of(sandbox: Sandboxed, path: Path) -> str:
    """The lesson, without columns that the sandbox does not have, its references turned to blocks that it has."""
    text = PROPERTIES.sub("", path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    return REFERENCE.sub(lambda _: _existing_block(sandbox), text)


def _existing_block(sandbox: Sandboxed) -> str:
    page = published_page(sandbox, (PROJECT / "esl_pipeline_tests" / "bench" / "four-turns.md").read_text(), "holder")
    paragraph = {"type": "paragraph", "paragraph": {"rich_text": [{"type": "text", "text": {"content": "Shared."}}]}}
    original = {"type": "synced_block", "synced_block": {"synced_from": None, "children": [paragraph]}}
    made = sandbox.notion("PATCH", f"blocks/{page}/children", {"children": [original]})["results"]
    return str(made[0]["id"])


def published_page(sandbox: Sandboxed, text: str, assignment: str, preset: str = "b1-default") -> str:
    """Publishes the page alone, without speech; returns its id."""
    pipeline = sandbox.pipeline()
    options = JobOptions(overrides=(f"notion.preset={preset}",))
    job = pipeline.open_job("readers", assignment, manifest_file(sandbox.write(text, assignment)), options)
    for stage in (Stage.MANIFEST, Stage.PAGE):
        outcome = pipeline.run_stage(stage, job)
        assert not outcome.rejected, outcome
    return str(pipeline.assignment_status("readers", assignment).page.id)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_page_that_is_read_back_is_the_lesson(sandbox: Sandboxed, path: Path) -> None:
    text = text_of(sandbox, path)
    lesson = read_lesson(text).lesson
    assert lesson is not None
    page = published_page(sandbox, text, f"read-{path.stem.replace('_', '-')}")
    assert outline_of_page(sandbox.tree(page)) == outline_of_nodes(build_blocks(lesson, load_preset("b1-default")))


@pytest.mark.parametrize("preset", preset_names())
def test_the_colours_of_a_preset_are_on_the_page(sandbox: Sandboxed, preset: str) -> None:
    text = text_of(sandbox, EVERY_CONSTRUCT)
    lesson = read_lesson(text).lesson
    assert lesson is not None
    page = published_page(sandbox, text, f"preset-{preset}", preset)
    assert outline_of_page(sandbox.tree(page)) == outline_of_nodes(build_blocks(lesson, load_preset(preset)))


def test_the_lesson_with_every_construct_makes_every_block_that_a_lesson_can_make() -> None:
    reading = read_lesson(EVERY_CONSTRUCT.read_text("utf-8"))
    assert reading.lesson is not None
    assert reading.ok, reading.problems
    kinds = Counter(_kinds(build_blocks(reading.lesson, load_preset("b1-default"))))
    assert set(kinds) == {
        *("paragraph", "heading_1", "heading_2", "heading_3", "heading_4", "quote", "callout", "toggle", "to_do"),
        *("bulleted_list_item", "numbered_list_item", "table", "table_row", "column_list", "column", "synced_block"),
        *("code", "equation", "image", "audio", "video", "table_of_contents", "divider"),
    }
    assert kinds["table_row"] > 130


def _kinds(nodes: Iterable[BlockNode]) -> Iterable[str]:
    for node in nodes:
        yield node.type
        yield from _kinds(node.children)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_vendors_contract_allows_every_request(path: Path) -> None:
    lesson = read_lesson(path.read_bytes().decode("utf-8-sig")).lesson
    assert lesson is not None
    for preset in preset_names():
        check_plan(build_blocks(lesson, load_preset(preset)))


@given(bodies)
@settings(max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_whatever_an_author_combines_is_read_back(sandbox: Sandboxed, body: str) -> None:
    text = lesson_text(extra=body, fence="````")
    lesson = read_lesson(text).lesson
    assert lesson is not None
    page = published_page(sandbox, text, f"any-{hashlib.sha256(text.encode()).hexdigest()[:16]}")
    assert outline_of_page(sandbox.tree(page)) == outline_of_nodes(build_blocks(lesson, load_preset("b1-default")))
