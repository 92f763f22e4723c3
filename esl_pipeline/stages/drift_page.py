"""What people did to a page since it was published; reads it and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from esl_pipeline.pages.block_map import ActualBlock, MapEntry, claim
from esl_pipeline.pages.fingerprint import fingerprint_node, normal_id, plain_text
from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.operations import described, shortened
from esl_pipeline.stages.drift_finding import Difference
from esl_pipeline.stages.notion_api import Json
from esl_pipeline.stages.page_lookup import in_trash
from esl_pipeline.stages.page_read import PageReader
from esl_pipeline.stages.page_target import place_in, place_of
from esl_pipeline.stores.publication import PagePublication

EDITED = "Nothing need be done, it stays. For the lesson's words run republish_text with notion.overwrite_edits=true."
MISSING = "Run republish_text with force: [notion_page], which puts it back."


def drift_of_place(page: Json | None, known: PagePublication) -> Difference | None:
    """Tells whether a page is gone from where it was published; nothing else can be said of it then."""
    where = known.url or known.id
    if page is None:
        mend = "Share it with the connection again, or run republish_text with force: [notion_page] for a new one."
        return Difference("page", f"The page {where} was deleted, or moved out of the connection's reach.", mend)
    if in_trash(page):
        return Difference(
            "page", f"The page {where} is in the trash.", "Restore it, or run publish_lesson for a new one."
        )
    if place_in(page.get("parent") or {}) != place_of(known):
        mend = "Move it back, or name its new place in the settings: notion.data_source_id or notion.parent_page_id."
        return Difference("page", f"The page {where} was moved to another place.", mend)
    return None


@dataclass
class BlockDrift:
    """Compares the blocks of one page with the block map; each level is read once.

    Attributes:
        read: gives the blocks inside a page or block.
        ignored: ids, in normal form, of blocks of ours that are not of the lesson.
        words: the lesson's blocks by their fingerprint, to say which one is missing.
        levels: what was read, block by block as it stands side by side.
        added: how many blocks people put beside ours.
    """

    read: PageReader
    ignored: frozenset[str]
    words: Mapping[str, BlockNode]
    levels: list[tuple[ActualBlock, ...]] = field(default_factory=list)
    added: int = 0

    def look(self, parent_id: str, entries: Sequence[MapEntry]) -> Iterator[Difference]:
        """Yields what differs in a page or block, and in the blocks of ours inside it."""
        level = self.read(parent_id)
        self.levels.append(level)
        present = [block for block in level if normal_id(block.id) not in self.ignored]
        claims = claim(entries, present)
        self.added += len(present) - len(claims)
        there = {id(entry): block for block in present if (entry := claims.get(block.id)) is not None}
        for entry in entries:
            block = there.get(id(entry))
            if block is None:
                yield from self._missing(entry)
            else:
                yield from self._compared(entry, block)

    def _missing(self, entry: MapEntry) -> Iterator[Difference]:
        if entry.sha256 or entry.id:
            yield Difference("block", f"{self._named(entry)} is missing.", MISSING)

    def _compared(self, entry: MapEntry, block: ActualBlock) -> Iterator[Difference]:
        if entry.sha256 and not entry.wrote(block.sha256):
            seen = f"{_first_up(described(block.type))} “{shortened(block.text)}” was edited."
            yield Difference("block", seen, EDITED, stays=True)
        if not entry.children or block.is_copy:
            return
        if block.has_children:
            yield from self.look(block.id, entry.children)
        else:
            seen = f"All that was in {described(block.type)} “{shortened(block.text)}” is missing."
            yield Difference("block", seen, MISSING)

    def _named(self, entry: MapEntry) -> str:
        node = self.words.get(entry.sha256)
        if node is None:
            return f"A block of the lesson ({described(entry.type)})"
        return _first_up(f"{described(node.type, node.line)} “{shortened(plain_text(node.content))}”")


def words_of(nodes: Sequence[BlockNode]) -> dict[str, BlockNode]:
    """Returns the lesson's blocks by fingerprint; of equal ones the first."""
    found: dict[str, BlockNode] = {}
    for node in nodes:
        found.setdefault(fingerprint_node(node), node)
        for sha256, inside in words_of(node.children).items():
            found.setdefault(sha256, inside)
    return found


def _first_up(words: str) -> str:
    return words[:1].upper() + words[1:]
