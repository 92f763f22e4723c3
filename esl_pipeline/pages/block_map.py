"""Which block of a page came from which block of the lesson."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from esl_pipeline.pages.alignment import align, gaps
from esl_pipeline.pages.fingerprint import fingerprint_block, fingerprint_node, normal_id, plain_text
from esl_pipeline.pages.nodes import BlockNode

STUDY_TEXT = "study-text"
"""Title of the toggle that holds the study text."""


@dataclass
class MapEntry:
    """One block that the pipeline wrote, or means to write.

    Attributes:
        id: empty while it is not known.
        sha256: fingerprint of what the page holds of it; empty until that is sure.
        intended_sha256: fingerprint of what is being written, so that a run that died half-way is understood.
        study_text: True for the toggle with the study text.
    """

    type: str
    sha256: str = ""
    intended_sha256: str = ""
    id: str = ""
    study_text: bool = False
    children: list[MapEntry] = field(default_factory=list)

    def wrote(self, sha256: str) -> bool:
        """Tells whether the pipeline may have written this content."""
        return bool(sha256) and sha256 in (self.sha256, self.intended_sha256)

    def settle_own(self) -> None:
        """Makes what was intended what the page holds, children apart."""
        self.sha256, self.intended_sha256 = self.intended_sha256 or self.sha256, ""

    def settle(self) -> None:
        """Makes what was intended what the page holds, children included."""
        self.settle_own()
        for child in self.children:
            child.settle()


@dataclass(frozen=True)
class ActualBlock:
    """A block as it was read from the page, without its children; who made it and who edited it last, by id."""

    id: str
    type: str
    sha256: str
    text: str
    has_children: bool
    content: Mapping[str, Any]
    maker_id: str = ""
    editor_id: str = ""

    @property
    def is_copy(self) -> bool:
        """True for a copy of a synced block, whose children belong to the original."""
        return self.type == "synced_block" and bool(self.content.get("synced_from"))


def actual_block(block: Mapping[str, Any]) -> ActualBlock:
    """Makes it from the API's JSON."""
    content = block.get(block["type"]) or {}
    return ActualBlock(
        id=block["id"],
        type=block["type"],
        sha256=fingerprint_block(block),
        text=plain_text(content),
        has_children=bool(block.get("has_children")),
        content=content,
        maker_id=_who(block, "created_by"),
        editor_id=_who(block, "last_edited_by"),
    )


def _who(block: Mapping[str, Any], did: str) -> str:
    return str((block.get(did) or {}).get("id", ""))


def intended_entry(node: BlockNode) -> MapEntry:
    """Returns the entry of a block that is not written yet."""
    return MapEntry(
        type=node.type,
        intended_sha256=fingerprint_node(node),
        study_text=is_study_text(node),
        children=[intended_entry(child) for child in node.children],
    )


def is_study_text(node: BlockNode) -> bool:
    """Tells whether a block is the toggle with the study text."""
    return node.type == "toggle" and plain_text(node.content) == STUDY_TEXT


def tree_sha256(node: BlockNode) -> str:
    """Returns the hash of a block with all that is inside it."""
    return _combine(fingerprint_node(node), (tree_sha256(child) for child in node.children))


def entry_tree_sha256(entry: MapEntry) -> str:
    """Returns the same hash of what the page is known to hold."""
    return _combine(entry.sha256, (entry_tree_sha256(child) for child in entry.children))


def _combine(sha256: str, children: Iterable[str]) -> str:
    return hashlib.sha256("\n".join((sha256, *children)).encode()).hexdigest()


def claim(entries: Sequence[MapEntry], actual: Sequence[ActualBlock]) -> dict[str, MapEntry]:
    """Finds the entries of blocks that stand side by side.

    An id decides. Without one, equal content does; and what then remains between the same found neighbours is taken for
    the same block, edited by a person, where the type agrees and the entry is known to have been written. Blocks are
    written in order, so one that stands there shows that those before it were written as well.

    Returns:
        Entry by block id; a block that is missing was made by a person.
    """
    by_id = {normal_id(entry.id): index for index, entry in enumerate(entries) if entry.id}
    places = {by_id[normal_id(block.id)]: at for at, block in enumerate(actual) if normal_id(block.id) in by_id}
    taken = set(places.values())
    unknown = [index for index, entry in enumerate(entries) if not entry.id]
    free = [at for at in range(len(actual)) if at not in taken]

    def equal(i: int, j: int) -> float | None:
        return 1.0 if entries[unknown[i]].wrote(actual[free[j]].sha256) else None

    pairs = align(len(unknown), len(free), equal, best=1.0)
    places |= {unknown[i]: free[j] for i, j in pairs}
    written = max((unknown[i] for i, _ in pairs), default=0)
    rooms = _rooms(len(entries), places, len(actual))

    def edited(index: int, at: int) -> float | None:
        entry, block = entries[index], actual[at]
        was_written = bool(entry.sha256) or index < written
        return 1.0 if was_written and entry.type == block.type and at in rooms[index] else None

    for rows, columns in gaps(pairs, len(unknown), len(free)):
        own, others = [unknown[row] for row in rows], [free[column] for column in columns]
        found = align(len(own), len(others), lambda i, j: edited(own[i], others[j]), best=1.0)  # noqa: B023 used at once
        places |= {own[i]: others[j] for i, j in found}
    return {actual[at].id: entries[index] for index, at in places.items()}


def _rooms(count: int, places: Mapping[int, int], end: int) -> list[range]:
    """Returns for each entry where its block may stand: between the blocks of its nearest neighbours."""
    after, before = [0] * count, [end] * count
    for index in range(1, count):
        after[index] = places[index - 1] + 1 if index - 1 in places else after[index - 1]
    for index in reversed(range(count - 1)):
        before[index] = places.get(index + 1, before[index + 1])
    return [range(*bounds) for bounds in zip(after, before, strict=True)]
