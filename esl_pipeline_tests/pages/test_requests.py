from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.requests import plan_requests
from esl_pipeline_tests.pages.planned import check_plan

Nodes = tuple[BlockNode, ...]


def rich(text: str, count: int = 1) -> dict[str, Any]:
    run = {"type": "text", "text": {"content": text, "link": None}, "annotations": {"bold": False}}
    return {"rich_text": [run] * count}


def paragraph(text: str = "x") -> BlockNode:
    return BlockNode("paragraph", rich(text))


HEAVY = BlockNode("paragraph", rich("ж" * 2000, 15))
"""About 180,000 bytes as escaped JSON, the most that one block may have."""


def toggle(*children: BlockNode) -> BlockNode:
    return BlockNode("toggle", rich("t"), children)


def table(rows: int) -> BlockNode:
    row = BlockNode("table_row", {"cells": [rich("a")["rich_text"], []]})
    return BlockNode("table", {"table_width": 2, "has_column_header": True, "has_row_header": False}, (row,) * rows)


def columns(*sides: Nodes) -> BlockNode:
    return BlockNode("column_list", {}, tuple(BlockNode("column", {}, side) for side in sides))


def nested(depth: int, inner: BlockNode) -> BlockNode:
    return inner if depth == 0 else toggle(nested(depth - 1, inner))


NO_SHRINKING = tuple(phase for phase in Phase if phase not in {Phase.shrink, Phase.explain})
"""Trees of thousands of blocks take minutes to shrink."""

LEAVES = {
    "paragraph": paragraph(),
    "divider": BlockNode("divider", {}),
    "image": BlockNode("image", {"type": "external", "external": {"url": "https://example.org/a.png"}}),
    "code": BlockNode("code", {**rich("c"), "language": "python"}),
    "heavy": HEAVY,
    "small table": table(1),
    "long table": table(120),
}
HOLDERS = {
    "toggle": rich("t"),
    "heading_2": {**rich("h"), "is_toggleable": True},
    "bulleted_list_item": rich("b"),
    "to_do": {**rich("d"), "checked": True},
    "quote": rich("q"),
    "callout": {**rich("c"), "icon": {"type": "emoji", "emoji": "💡"}},
    "synced_block": {"synced_from": None},
}
TIMES = st.sampled_from([1, 1, 1, 1, 1, 1, 2, 3, 40, 101])


def leaf(name: str) -> BlockNode:
    return LEAVES[name]


def forests(inner: st.SearchStrategy[BlockNode], least: int, most: int) -> st.SearchStrategy[Nodes]:
    parts = st.lists(st.tuples(inner, TIMES), min_size=least, max_size=most)
    return parts.map(lambda parts: tuple(node for node, times in parts for _ in range(times)))


def grow(inner: st.SearchStrategy[BlockNode]) -> st.SearchStrategy[BlockNode]:
    sides = st.lists(forests(inner, 1, 2).filter(lambda side: side[0].type != "column_list"), min_size=2, max_size=3)
    kinds = st.sampled_from(sorted(HOLDERS))
    holders = st.builds(lambda kind, inside: BlockNode(kind, HOLDERS[kind], inside), kinds, forests(inner, 0, 3))
    return st.one_of(holders, sides.map(lambda sides: columns(*sides)))


def size(node: BlockNode) -> int:
    return (200 if node is HEAVY else 1) + sum(size(child) for child in node.children)


LEAF = st.sampled_from(sorted(LEAVES)).map(leaf)
TREES = forests(st.recursive(LEAF, grow, max_leaves=6), 0, 4).filter(lambda nodes: sum(map(size, nodes)) < 2000)


@given(TREES)
@settings(max_examples=60, deadline=None, phases=NO_SHRINKING, suppress_health_check=list(HealthCheck))
def test_planned_requests_stay_within_the_limits_and_rebuild_any_tree(nodes: Nodes) -> None:
    check_plan(nodes)


CASES = {
    "nothing": ((), 0),
    "one block": ((paragraph(),), 1),
    "a hundred blocks": ((paragraph(),) * 100, 1),
    "a hundred and one blocks": ((paragraph(),) * 101, 2),
    "a long toggle": ((toggle(*[paragraph()] * 250), paragraph()), 3),
    "a table of a hundred rows": ((table(100),), 1),
    "a table of two hundred and one rows": ((table(201),), 3),
    "a table inside a toggle": ((toggle(table(3)),), 1),
    "a table two toggles deep": ((nested(2, table(3)),), 2),
    "blocks three deep": ((nested(2, paragraph()),), 1),
    "blocks four deep": ((nested(3, paragraph()),), 2),
    "blocks seven deep": ((nested(6, paragraph()),), 3),
    "columns on the page": ((columns((toggle(paragraph()),), (paragraph(),)),), 1),
    "columns inside a toggle": ((toggle(columns((paragraph(),), (paragraph(),))),), 2),
    "what follows columns inside a toggle": ((toggle(columns((paragraph(),), (paragraph(),)), paragraph()),), 2),
    "ten deep items in one toggle go together": ((toggle(*[nested(2, paragraph())] * 10),), 2),
    "more than a thousand blocks": ((toggle(*[paragraph()] * 99),) * 11, 2),
    "a toggle of more than a thousand blocks": ((toggle(*[toggle(*[paragraph()] * 99)] * 11),), 2),
    "three heavy blocks": ((HEAVY, HEAVY, HEAVY), 2),
    "three heavy blocks in one toggle": ((toggle(HEAVY, HEAVY, HEAVY, paragraph()),), 2),
    "two columns that begin with heavy blocks": ((columns((HEAVY,), (HEAVY,)),), 1),
    "three heavy blocks in columns": ((columns((paragraph(), HEAVY, HEAVY), (paragraph(), HEAVY)),), 2),
    "a hundred and one columns": ((columns(*[(paragraph(),)] * 101),), 2),
}


@pytest.mark.parametrize(("nodes", "count"), CASES.values(), ids=CASES)
def test_a_tree_takes_as_few_requests_as_the_limits_allow(nodes: Nodes, count: int) -> None:
    assert len(check_plan(nodes)) == count


SMALL = st.recursive(
    st.builds(paragraph),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda inside: toggle(*inside)),
    max_leaves=5,
).filter(lambda node: len(list(_holders(node))) <= 7)


def _holders(node: BlockNode) -> Iterator[BlockNode]:
    if node.children:
        yield node
    for child in node.children:
        yield from _holders(child)


def fewest(node: BlockNode) -> int:
    """Tries every way to leave children for later."""
    holders = list(_holders(node))
    counts = []
    for choice in product(*(range(len(holder.children) + 1) for holder in holders)):
        along = iter(choice)
        if _deep_enough(node, along, 1):
            later = sum(count < len(holder.children) for count, holder in zip(choice, holders, strict=True))
            counts.append(1 + later)
    return min(counts)


def _deep_enough(node: BlockNode, along: Iterator[int], level: int) -> bool:
    if not node.children:
        return level <= 3
    count = next(along)
    fits = [_deep_enough(child, along, level + 1 if i < count else 1) for i, child in enumerate(node.children)]
    return level <= 3 and all(fits)


@given(SMALL)
@settings(max_examples=100, deadline=None)
def test_no_other_way_to_cut_a_small_tree_takes_fewer_requests(node: BlockNode) -> None:
    assert len(plan_requests((node,)).requests) == fewest(node)
