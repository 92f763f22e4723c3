"""Brings a page up to date with its lesson: what to write so that little is written and no person's work is lost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from esl_pipeline.pages.block_map import (
    ActualBlock,
    MapEntry,
    claim,
    entry_tree_sha256,
    intended_entry,
    is_study_text,
    tree_sha256,
)
from esl_pipeline.pages.fingerprint import fingerprint_node, normal_id
from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.operations import Delete, Insert, KeptEdit, Operation, Reconciliation, Update, may_hold
from esl_pipeline.pages.pairing import Level, pair

ChildrenOf = Callable[[str], Sequence[ActualBlock]]
"""Reads the blocks inside a block; asked at most once per block, and only where it matters."""

EDITED = "a person edited it"
CONFLICT = "a person edited it, and the lesson changed here too"
REMOVED = "a person edited it; the lesson no longer has it"
HOLDS = "it holds what a person wrote; the lesson no longer has it"


def reconcile(
    page_id: str,
    desired: Sequence[BlockNode],
    written: Sequence[MapEntry],
    children_of: ChildrenOf,
    *,
    verify: bool = False,
    overwrite_edits: bool = False,
    ignored: Collection[str] = (),
) -> Reconciliation:
    """Compares a lesson with its page.

    Blocks that a person made stay where they are. A block that a person edited is neither overwritten nor deleted, nor
    is one that holds such a block; it is reported. A block that a person deleted comes back.

    Args:
        page_id: the page.
        desired: the lesson's blocks.
        written: the block map that was recorded last.
        children_of: reads the page; what is inside a block that the lesson left alone is not read.
        verify: read everything all the same, for a page that may not be complete.
        overwrite_edits: treat what a person edited as if nobody had; blocks that a person made stay, unless they are
            inside one that the lesson no longer has.
        ignored: ids of the pipeline's blocks that are not of the lesson, such as the audio block.
    """
    run = _Run(children_of, verify, overwrite_edits, frozenset(normal_id(block) for block in ignored))
    entries = run.level(page_id, desired, written, children_of(page_id))
    return Reconciliation((*run.writes, *run.deletes), tuple(run.kept), entries)


@dataclass
class _Run:
    children_of: ChildrenOf
    verify: bool
    overwrite: bool
    ignored: frozenset[str]
    writes: list[Operation] = field(default_factory=list)
    deletes: list[Operation] = field(default_factory=list)
    kept: list[KeptEdit] = field(default_factory=list)

    def level(
        self,
        parent_id: str,
        desired: Sequence[BlockNode],
        written: Sequence[MapEntry],
        present: Sequence[ActualBlock],
    ) -> list[MapEntry]:
        """Reconciles blocks that stand side by side; returns their entries, those to be deleted included."""
        actual = [block for block in present if normal_id(block.id) not in self.ignored]
        level = Level(desired, actual, claim(written, actual), self.overwrite, self.children_of)
        siblings = frozenset(block.id for block in present)
        entries: list[MapEntry] = []
        done_desired = done_actual = 0
        after: str | None = None
        for i, j in [*pair(level), (len(desired), len(actual))]:
            missing = tuple(desired[done_desired:i])
            if missing:
                made = tuple(intended_entry(node) for node in missing)
                entries += made
                below = _below_answers(after, actual[done_actual:j], level.claims)
                self.writes.append(Insert(parent_id, below, not present, missing, made, siblings))
            for block in actual[done_actual:j]:
                self._unwanted(block, level.claims.get(block.id), entries)
            if j < len(actual):
                entries.append(self._paired(desired[i], actual[j], level.claims.get(actual[j].id)))
                after = actual[j].id
            done_desired, done_actual = i + 1, j + 1
        return entries

    def _paired(self, node: BlockNode, block: ActualBlock, known: MapEntry | None) -> MapEntry:
        wanted = fingerprint_node(node)
        entry = MapEntry(node.type, block.sha256, "", block.id, is_study_text(node))
        if block.sha256 != wanted:
            edited = known is not None and not known.wrote(block.sha256)
            if known is not None and edited:
                entry.type, entry.sha256, entry.intended_sha256 = known.type, known.sha256, known.intended_sha256
            if known is not None and edited and not self.overwrite:
                agrees = known.wrote(wanted) and (
                    _same_inside(node, known.children) or may_hold(block.type, block.content, node)
                )
                self._keep(block, EDITED if agrees else CONFLICT, node.line)
            else:
                entry.intended_sha256 = wanted
                self.writes.append(Update(entry, node, block.sha256))
        entry.children = self._children(node, block, known)
        return entry

    def _children(self, node: BlockNode, block: ActualBlock, known: MapEntry | None) -> list[MapEntry]:
        if block.is_copy:
            return []
        written = known.children if known else []
        same = _same_inside(node, written)
        if same and not (self.verify and (node.children or written)):
            return written
        if node.children and not may_hold(block.type, block.content, node):
            return written
        present = self.children_of(block.id) if block.has_children else ()
        return self.level(block.id, node.children, written, present)

    def _unwanted(self, block: ActualBlock, known: MapEntry | None, entries: list[MapEntry]) -> None:
        if known is None:
            return
        if not self.overwrite and not known.wrote(block.sha256):
            self._leave(block, known, entries, REMOVED)
        elif not self.overwrite and not self._untouched(block, known):
            self._leave(block, known, entries, HOLDS)
        else:
            entry = replace(known, id=block.id)
            entries.append(entry)
            self.deletes.append(Delete(entry, entries, block))

    def _leave(self, block: ActualBlock, known: MapEntry, entries: list[MapEntry], why: str) -> None:
        """Leaves a block that the lesson no longer has; it stays one of ours, so that a later run may drop it."""
        entries.append(replace(known, id=block.id, study_text=False))
        self._keep(block, why)

    def _untouched(self, block: ActualBlock, known: MapEntry) -> bool:
        """Tells whether nobody but the pipeline wrote anything inside a block."""
        if block.is_copy or not block.has_children:
            return True
        inside = [child for child in self.children_of(block.id) if normal_id(child.id) not in self.ignored]
        claims = claim(known.children, inside)
        return all(
            (entry := claims.get(child.id)) is not None and entry.wrote(child.sha256) and self._untouched(child, entry)
            for child in inside
        )

    def _keep(self, block: ActualBlock, why: str, line: int = 0) -> None:
        self.kept.append(KeptEdit(block.id, block.type, block.text, line, why))


def _below_answers(after: str | None, between: Sequence[ActualBlock], claims: Mapping[str, MapEntry]) -> str | None:
    """Returns the block that new ones follow: below what people wrote right under ``after``, which belongs to it."""
    for block in between if after is not None else ():
        if block.id in claims:
            break
        after = block.id
    return after


def _same_inside(node: BlockNode, written: Sequence[MapEntry]) -> bool:
    """Tells whether what was written into a block is what the lesson wants there."""
    return [tree_sha256(child) for child in node.children] == [entry_tree_sha256(child) for child in written]
