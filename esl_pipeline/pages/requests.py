"""Cuts a tree of blocks into requests within Notion's limits, as few as they allow."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from esl_pipeline.pages.inlining import MAX_ITEMS, Shape, Shaper
from esl_pipeline.pages.nodes import BlockNode

Json = dict[str, Any]
Path = tuple[int, ...]


class Size(NamedTuple):
    """How much of a request something takes: blocks, and bytes of the body."""

    blocks: int
    body_bytes: int

    def fits(self, room: Size) -> bool:
        """Tells whether it is not more than there is room for."""
        return self.blocks <= room.blocks and self.body_bytes <= room.body_bytes

    def plus(self, other: Size) -> Size:
        """Returns the size of both together."""
        return Size(self.blocks + other.blocks, self.body_bytes + other.body_bytes)

    def minus(self, other: Size) -> Size:
        """Returns what is left without the other; below 0 where that is more."""
        return Size(self.blocks - other.blocks, self.body_bytes - other.body_bytes)


NOTHING = Size(0, 0)
WHOLE = Size(1000, 440_000)
"""What one request takes, with 72,000 bytes kept for a page's properties.

Notion takes 1000 blocks and 512,000 bytes. Source: developers.notion.com/reference/request-limits, read 2026-11-23.
"""

_AROUND_CHILDREN = len(', "children": [], ')


@dataclass(frozen=True)
class Request:
    """Blocks that are sent together, to the end of their parent.

    Attributes:
        parent: indexes from the root down to the parent; empty for the root itself.
        indexes: which of the parent's children they are: consecutive, 1 to 100.
        children: the blocks as the API takes them.
    """

    parent: Path
    indexes: range
    children: list[Json]


@dataclass(frozen=True)
class RequestPlan:
    """Requests in the order in which they must be sent: a parent before what is put into it, siblings in order."""

    requests: tuple[Request, ...]


class _Later(NamedTuple):
    """Children of a block, from one on, that are not sent yet."""

    parent: Path
    children: Sequence[BlockNode]
    start: int


def plan_requests(nodes: Sequence[BlockNode]) -> RequestPlan:
    """Plans how to write blocks side by side into one parent; those at the root come first."""
    planner = _Planner()
    waiting = deque([_Later((), nodes, 0)])
    requests: list[Request] = []
    while waiting:
        later = waiting.popleft()
        for first, shapes in planner.batches(later):
            indexes = range(first, first + len(shapes))
            requests.append(Request(later.parent, indexes, [_as_json(shape) for shape in shapes]))
            for index, shape in zip(indexes, shapes, strict=True):
                waiting.extend(_left_over(shape, (*later.parent, index)))
    return RequestPlan(tuple(requests))


def _left_over(shape: Shape, path: Path) -> Iterator[_Later]:
    if len(shape.inside) < len(shape.node.children):
        yield _Later(path, shape.node.children, len(shape.inside))
    for index, child in enumerate(shape.inside):
        yield from _left_over(child, (*path, index))


def _as_json(shape: Shape) -> Json:
    content = dict(shape.node.content)
    if shape.inside or shape.node.type == "column":
        content["children"] = [_as_json(child) for child in shape.inside]
    return {"type": shape.node.type, shape.node.type: content}


class _Planner:
    def __init__(self) -> None:
        self._shaper = Shaper()
        self._own: dict[int, int] = {}

    def batches(self, later: _Later) -> Iterator[tuple[int, list[Shape]]]:
        """Fills requests in order; gives the index of each one's first block.

        A block that fits into a request of its own is not cut; one that does not takes what room there is.
        """
        batch: list[Shape] = []
        room = WHOLE
        for index in range(later.start, len(later.children)):
            shape = self._shaper.shape(later.children[index])
            if batch and (len(batch) == MAX_ITEMS or not self._may_join(shape, room)):
                yield index - len(batch), batch
                batch, room = [], WHOLE
            if not self._size(shape).fits(room):
                shape = self._cut(shape, room)
            batch.append(shape)
            room = room.minus(self._size(shape))
        if batch:
            yield len(later.children) - len(batch), batch

    def _may_join(self, shape: Shape, room: Size) -> bool:
        size = self._size(shape)
        return size.fits(room) if size.fits(WHOLE) else self._least(shape).fits(room)

    def _size(self, shape: Shape) -> Size:
        size = Size(1, self._own_bytes(shape.node))
        for child in shape.inside:
            size = size.plus(self._size(child))
        return size

    def _least(self, shape: Shape) -> Size:
        """Returns the size of a block with no more inside than it needs."""
        size = Size(1, self._own_bytes(shape.node))
        for child in shape.inside[: shape.least]:
            size = size.plus(self._least(child))
        return size

    def _cut(self, shape: Shape, room: Size) -> Shape:
        """Returns a block with as many of its first children as there is room for."""
        room = room.minus(Size(1, self._own_bytes(shape.node)))
        needed = [self._least(child) for child in shape.inside[: shape.least]]
        inside: list[Shape] = []
        for index, child in enumerate(shape.inside):
            kept_free = NOTHING
            for size in needed[index + 1 :]:
                kept_free = kept_free.plus(size)
            free = room.minus(kept_free)
            if not self._size(child).fits(free):
                if index >= shape.least:
                    break
                child = self._cut(child, free)
            inside.append(child)
            room = room.minus(self._size(child))
        return replace(shape, inside=tuple(inside))

    def _own_bytes(self, node: BlockNode) -> int:
        """Returns the length of a block without its children as JSON, escaped and spaced, which is the longest form."""
        key = id(node)
        if key not in self._own:
            alone = {"type": node.type, node.type: dict(node.content)}
            self._own[key] = len(json.dumps(alone)) + _AROUND_CHILDREN
        return self._own[key]
