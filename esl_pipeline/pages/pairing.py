"""Which block of the page shows which block of the lesson, among those that stand side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from esl_pipeline.pages.alignment import Pairs, align, gaps
from esl_pipeline.pages.block_map import ActualBlock, MapEntry, entry_tree_sha256, tree_sha256
from esl_pipeline.pages.fingerprint import fingerprint_node, plain_text
from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.operations import may_become

SAME_TREE = 20.0
EDITED_HERE = 18.0
SAME_CONTENT = 15.0
MADE_BY_OTHERS = 10.0
UPDATE = 3.0
"""An update is worth one request, so that even several never outweigh a block that need not be touched."""

ALIKE = 0.5
"""Share of words or of children from which two blocks are taken for versions of one."""


@dataclass(frozen=True)
class Level:
    """Blocks side by side: what the lesson wants, what the page has, and which of that the pipeline wrote."""

    desired: Sequence[BlockNode]
    actual: Sequence[ActualBlock]
    claims: Mapping[str, MapEntry]
    overwrite: bool
    children_of: Callable[[str], Sequence[ActualBlock]]

    @cached_property
    def wanted(self) -> list[str]:
        """Fingerprints of what the lesson wants."""
        return [fingerprint_node(node) for node in self.desired]

    @cached_property
    def wanted_trees(self) -> list[str]:
        """Hashes of the same with all that is inside."""
        return [tree_sha256(node) for node in self.desired]

    @cached_property
    def known_trees(self) -> dict[str, str]:
        """Hashes, by block id, of what the pipeline wrote."""
        return {block_id: entry_tree_sha256(entry) for block_id, entry in self.claims.items()}

    @cached_property
    def wanted_words(self) -> list[frozenset[str]]:
        """The words of what the lesson wants."""
        return [frozenset(plain_text(node.content).split()) for node in self.desired]

    @cached_property
    def actual_words(self) -> list[frozenset[str]]:
        """The words of what the page has."""
        return [frozenset(block.text.split()) for block in self.actual]


def pair(level: Level) -> Pairs:
    """Pairs the lesson's blocks with the page's: first what agrees, then what can be turned into one another."""
    fixed = align(len(level.desired), len(level.actual), lambda i, j: _agreement(level, i, j), best=SAME_TREE)
    pairs: Pairs = []
    for (rows, columns), found in zip(gaps(fixed, len(level.desired), len(level.actual)), [*fixed, None], strict=True):
        pairs += _pair_between(level, rows, columns)
        if found:
            pairs.append(found)
    return pairs


def _pair_between(level: Level, rows: range, columns: range) -> Pairs:
    found = align(len(rows), len(columns), lambda i, j: _likeness(level, rows[i], columns[j]), best=UPDATE + 2)
    return [(rows[i], columns[j]) for i, j in found]


def _agreement(level: Level, i: int, j: int) -> float | None:
    block, wanted = level.actual[j], level.wanted[i]
    known = level.claims.get(block.id)
    if known is None:
        return MADE_BY_OTHERS if block.sha256 == wanted and _may_adopt(level, level.desired[i], block) else None
    if block.sha256 == wanted:
        return SAME_TREE if level.known_trees[block.id] == level.wanted_trees[i] else SAME_CONTENT
    if not known.wrote(block.sha256) and known.wrote(wanted):
        return EDITED_HERE if _may_pair_edited(level, i, block) else None
    return None


def _may_pair_edited(level: Level, i: int, block: ActualBlock) -> bool:
    return not level.overwrite or may_become(block.type, block.content, level.desired[i])


def _may_adopt(level: Level, node: BlockNode, block: ActualBlock) -> bool:
    """Tells whether a block that nobody recorded shows a node; one without words must agree to the last child."""
    if not node.children or plain_text(node.content):
        return True
    inside = level.children_of(block.id) if block.has_children else ()
    return len(inside) == len(node.children) and all(
        child.type == wanted.type and child.sha256 == fingerprint_node(wanted) and _may_adopt(level, wanted, child)
        for wanted, child in zip(node.children, inside, strict=True)
    )


def _likeness(level: Level, i: int, j: int) -> float | None:
    node, block = level.desired[i], level.actual[j]
    known = level.claims.get(block.id)
    if known is None or block.type != node.type:
        return None
    words = _share(level.wanted_words[i], level.actual_words[j])
    inside = _share({fingerprint_node(child) for child in node.children}, {child.sha256 for child in known.children})
    if not known.wrote(block.sha256) and not level.overwrite:
        return UPDATE + words if words >= ALIKE else None
    if not may_become(block.type, block.content, node):
        return None
    has_inside = bool(node.children or known.children)
    return UPDATE + words + inside if max(words, inside) >= ALIKE or not has_inside else None


def _share(one: frozenset[str] | set[str], other: frozenset[str] | set[str]) -> float:
    """Returns how much two sets have in common, 0 to 1."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0
