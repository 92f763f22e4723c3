"""A Notion page before it has ids: a tree of blocks as the API takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class BlockNode:
    """One block to be written.

    Attributes:
        type: Notion's block type, such as ``heading_2``.
        content: the value under that type in a request, without ``children``; colours included.
        children: blocks inside this one, table rows and columns included.
        line: line of the lesson that it comes from, 0 where it comes from none.
    """

    type: str
    content: Mapping[str, Any]
    children: tuple[BlockNode, ...] = ()
    line: int = 0
