"""Planned requests as Notion sees them: checked one by one, and put together again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.requests import Request, plan_requests
from esl_pipeline_tests.contracts import check_notion_request

Nodes = tuple[BlockNode, ...]

ROOM_FOR_PROPERTIES = 60_000


def check_plan(nodes: Nodes) -> tuple[Request, ...]:
    """Plans blocks; every request must be allowed, and all together must give the blocks again."""
    requests = plan_requests(nodes).requests
    for request in requests:
        check_notion_request("PATCH", "/v1/blocks/b/children", {"children": request.children})
        assert len(json.dumps({"children": request.children})) <= 512_000 - ROOM_FOR_PROPERTIES
        assert all(_has_full_columns(child) for child in request.children)
    parents = [request.parent for request in requests]
    assert not any(parents[: parents.count(())]), "the root's requests come first"
    assert replay(requests) == _without_lines(nodes)
    return requests


def _has_full_columns(block: dict[str, Any]) -> bool:
    inside = block[block["type"]].get("children", [])
    return bool(block["type"] != "column" or inside) and all(_has_full_columns(child) for child in inside)


def _without_lines(nodes: Nodes) -> Nodes:
    return tuple(BlockNode(node.type, node.content, _without_lines(node.children)) for node in nodes)


def replay(requests: Sequence[Request]) -> Nodes:
    """Does what Notion does with planned requests: puts each to the end of its parent, which must be there."""
    root: list[Any] = []
    for request in requests:
        level = root
        for index in request.parent:
            level = level[index][2]
        assert list(request.indexes) == list(range(len(level), len(level) + len(request.children)))
        level.extend(_made(child) for child in request.children)
    return tuple(_node(made) for made in root)


def _made(block: dict[str, Any]) -> tuple[str, dict[str, Any], list[Any]]:
    content = dict(block[block["type"]])
    return block["type"], content, [_made(child) for child in content.pop("children", [])]


def _node(made: tuple[str, dict[str, Any], list[Any]]) -> BlockNode:
    return BlockNode(made[0], made[1], tuple(_node(child) for child in made[2]))
