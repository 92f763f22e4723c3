"""How much of a block goes into the request that makes it, and how much into later ones."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from esl_pipeline.pages.nodes import BlockNode

MAX_ITEMS = 100
"""Blocks side by side in one request. Source: developers.notion.com/reference/request-limits, read 2026-11-23."""

LEAF_LEVEL = 3
"""Depth at which blocks of a request have nothing inside. A column list and a table hold theirs on their own level.

Source: OpenAPI of 2026-03-11, ``blockObjectRequest`` and what it refers to, read 2026-11-24.
"""

_DEEPEST = {"column_list": 1, "column": 1, "table": 2}
_AT_LEAST = {"column_list": 2, "column": 1, "table": 1}
"""Children without which Notion makes no such block. Source: developers.notion.com/reference/block, read 2026-11-23."""

Cost = tuple[int, int]
"""Requests, and requests to learn the ids that they go to."""


@dataclass(frozen=True)
class Shape:
    """A block as one request has it: with the first of its children, which are shapes themselves.

    Attributes:
        cost: of all that is left for later.
    """

    node: BlockNode
    inside: tuple[Shape, ...]
    cost: Cost

    @property
    def least(self) -> int:
        """The number of children that it can't be made without, so far as they may stand in one request with it."""
        return min(_AT_LEAST.get(self.node.type, 0), len(self.inside))


class Shaper:
    """Finds the shapes that leave the fewest requests; remembers them, for blocks that must not change meanwhile."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], Shape] = {}

    def shape(self, node: BlockNode, level: int = 1) -> Shape:
        """Returns a block's best shape at a depth of 1 to 3."""
        key = id(node), level
        if key not in self._known:
            self._known[key] = self._best(node, level)
        return self._known[key]

    def _best(self, node: BlockNode, level: int) -> Shape:
        inside = self._inline(node, level)
        least = min(_AT_LEAST.get(node.type, 0), len(inside))
        given = list(accumulate((shape.cost for shape in inside), _add, initial=(0, 0)))
        rest = self._costs_later(node, level)
        count = min(range(len(inside), least - 1, -1), key=lambda count: _add(given[count], rest[count]))
        return Shape(node, tuple(inside[:count]), _add(given[count], rest[count]))

    def _inline(self, node: BlockNode, level: int) -> list[Shape]:
        """Returns the children that may go into the same request: none after one that may not, for order's sake."""
        below = level if node.type in {"column_list", "table"} else level + 1
        shapes: list[Shape] = []
        for child in node.children[:MAX_ITEMS]:
            if below > _DEEPEST.get(child.type, LEAF_LEVEL):
                break
            shapes.append(self.shape(child, below))
        return shapes

    def _costs_later(self, node: BlockNode, level: int) -> list[Cost]:
        """Returns, for each number of children that went along, what the others cost on their own."""
        costs: list[Cost] = [(0, 0)]
        alone: Cost = (0, 0)
        for count, child in enumerate(reversed(node.children), start=1):
            alone = _add(alone, self.shape(child).cost)
            costs.append(_add(alone, (-(-count // MAX_ITEMS), level - 1)))
        return costs[::-1]


def _add(one: Cost, other: Cost) -> Cost:
    return one[0] + other[0], one[1] + other[1]
