"""Takes stock of a page that another program made: which blocks are its work, and which are people's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.pages.block_map import STUDY_TEXT, actual_block
from esl_pipeline.pages.fingerprint import normal_id
from esl_pipeline.stages.audio_place import address, same_address
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stores.publication import WrittenBlock

NOT_TOLD = frozenset({403, 404})
"""Notion's answers about a user where the connection may not know who it is."""


@dataclass(frozen=True)
class Inventory:
    """What is on a page.

    Attributes:
        blocks: what a program made, as a block map; ``sha256`` is empty where a person edited it since.
        audio_block_id: the block that plays the given address, None where none does.
        study_text_id: the first toggle with a study text, empty where there is none.
    """

    blocks: tuple[WrittenBlock, ...]
    audio_block_id: str | None
    study_text_id: str

    @property
    def count(self) -> int:
        """How many blocks a program made."""
        return sum(1 for _ in _flat(self.blocks))


def take_inventory(
    context: JobContext, notion: NotionApi, page: Mapping[str, Any], *, audio_url: str, by_predecessor: bool
) -> Inventory:
    """Reads a whole page; costs a request per block that has children, and one or two about users.

    Args:
        context: the job's.
        notion: the tenant's client.
        page: as a response shows it.
        audio_url: address of the audio that was put on it; empty where there was none.
        by_predecessor: whether another integration may have made it, which is then the page's creator.
    """
    makers = _makers(notion, page, by_predecessor=by_predecessor)
    tree = _Tree(context, notion)
    level = tree.read(page["id"])
    players = (block for block in tree.all if block["type"] == "audio" and _plays(block, audio_url))
    texts = (block for block in tree.all if _is_study_text(block))
    audio, study_text = next(players, None), next(texts, None)
    return Inventory(
        tuple(tree.written(level, makers)), audio["id"] if audio else None, study_text["id"] if study_text else ""
    )


class _Tree:
    """The blocks of a page, read once, in reading order."""

    def __init__(self, context: JobContext, notion: NotionApi) -> None:
        self._context, self._notion = context, notion
        self._inside: dict[str, list[Json]] = {}
        self.all: list[Json] = []

    def read(self, block_id: str) -> list[Json]:
        self._context.stop_if_cancelled()
        level = [block for block in self._notion.list_children(block_id) if not block.get("in_trash")]
        for block in level:
            self.all.append(block)
            if block.get("has_children") and block["type"] != "child_page" and not actual_block(block).is_copy:
                self._inside[block["id"]] = self.read(block["id"])
        return level

    def written(self, level: Sequence[Json], makers: Collection[str]) -> Iterator[WrittenBlock]:
        for block in level:
            if _who(block, "created_by") not in makers:
                continue
            untouched = _who(block, "last_edited_by") in makers
            yield WrittenBlock(
                id=block["id"],
                type=block["type"],
                sha256=actual_block(block).sha256 if untouched else "",
                study_text=_is_study_text(block),
                children=list(self.written(self._inside.get(block["id"], []), makers)),
            )


def _makers(notion: NotionApi, page: Mapping[str, Any], *, by_predecessor: bool) -> frozenset[str]:
    """Returns the ids of the programs that may have made the page's blocks."""
    mine, creator = normal_id(notion.retrieve_user()["id"]), _who(page, "created_by")
    if not by_predecessor or creator in ("", mine):
        return frozenset({mine})
    try:
        is_bot = notion.retrieve_user(creator).get("type") == "bot"
    except RejectedError as error:
        if error.status not in NOT_TOLD:
            raise
        is_bot = False
    return frozenset({mine, creator}) if is_bot else frozenset({mine})


def _who(found: Mapping[str, Any], did: str) -> str:
    return normal_id(str((found.get(did) or {}).get("id", "")))


def _plays(block: Json, url: str) -> bool:
    return bool(url) and same_address(address(block["audio"]), url)


def _is_study_text(block: Json) -> bool:
    return block["type"] == "toggle" and actual_block(block).text == STUDY_TEXT


def _flat(blocks: Sequence[WrittenBlock]) -> Iterator[WrittenBlock]:
    for block in blocks:
        yield block
        yield from _flat(block.children)
