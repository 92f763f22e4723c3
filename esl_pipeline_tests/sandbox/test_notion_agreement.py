"""Any tree of blocks, right or wrong: the sandbox and Notion's contract say the same of its shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from esl_pipeline.sandbox.notion.block_requests import check_blocks
from esl_pipeline.sandbox.notion.block_types import BLOCK_TYPES
from esl_pipeline.sandbox.notion.refusals import Refusal
from esl_pipeline_tests.contracts import check_notion_request

PATH = "/v1/blocks/5eed0000-0000-4000-8000-000000000001/children"
SHAPE = "body failed validation"

texts = st.lists(
    st.one_of(
        st.sampled_from(["", "a", "x" * 2000, "x" * 2001]).map(lambda text: {"text": {"content": text}}),
        st.just({"equation": {"expression": "x"}}),
        st.just({"text": {"content": "a", "link": {"url": "https://example.com"}}, "annotations": {"color": "red"}}),
        st.just({"text": {"content": "a"}, "annotations": {"color": "mauve"}}),
    ),
    max_size=2,
)
members: dict[str, st.SearchStrategy[Any]] = {
    "rich_text": texts,
    "caption": texts,
    "color": st.sampled_from(["default", "blue_background", "mauve"]),
    "is_toggleable": st.sampled_from([True, False, "yes"]),
    "checked": st.booleans(),
    "icon": st.sampled_from([{"emoji": "💡"}, {"type": "emoji", "emoji": "💡"}]),
    "language": st.sampled_from(["python", "js"]),
    "expression": st.sampled_from(["x", ""]),
    "table_width": st.sampled_from([0, 1, 2]),
    "has_column_header": st.booleans(),
    "cells": st.lists(texts, max_size=2),
    "width_ratio": st.just(0.5),
    "url": st.just("https://example.com"),
    "external": st.sampled_from([{"url": "https://example.com/a.mp3"}, {"url": ""}]),
    "type": st.just("external"),
    "surprise": st.just(1),
}
LIKELY = {
    name: [member for member in members if member in rule.required or member in rule.optional]
    for name, rule in BLOCK_TYPES.items()
}
KINDS = sorted(set(BLOCK_TYPES) - {"link_to_page", "synced_block", "embed"})


@st.composite
def blocks(draw: st.DrawFn, depth: int = 4, only: str | None = None) -> dict[str, Any]:
    """A block that is right more often than not, at least at the top."""
    kind = only if only and draw(st.integers(0, 9)) else draw(st.sampled_from(KINDS))
    rule = BLOCK_TYPES[kind]
    wanted = [name for name in LIKELY[kind] if name in rule.required or draw(st.booleans())]
    if not draw(st.integers(0, 19)):
        wanted = draw(st.lists(st.sampled_from(sorted(members)), max_size=2, unique=True))
    content = {name: draw(members[name]) for name in wanted}
    if rule.holds and depth and (rule.least_children is not None or draw(st.booleans())):
        inner = blocks(depth - 1, None if rule.holds == "any" else rule.holds)
        fewest = rule.least_children or 0
        content["children"] = draw(st.lists(inner, min_size=max(0, fewest - (not draw(st.integers(0, 9)))), max_size=2))
    return {kind: content, **({"object": "block", "type": kind} if draw(st.booleans()) else {})}


@settings(max_examples=150, deadline=None)
@given(st.lists(blocks(), min_size=1, max_size=2))
def _agree(children: list[dict[str, Any]]) -> None:
    body = {"children": children}
    allowed = _allowed(body)
    try:
        check_blocks(children, "body.children")
        refusal = ""
    except Refusal as refused:
        refusal = refused.message
    if refusal:
        assert not (allowed and refusal.startswith(SHAPE)), refusal
    else:
        assert allowed, body


def _allowed(body: dict[str, Any]) -> bool:
    try:
        check_notion_request("PATCH", PATH, body)
    except AssertionError:
        return False
    return True


def test_the_sandbox_and_the_contract_agree_on_the_shape_of_blocks(shared: Path) -> None:
    _agree()
