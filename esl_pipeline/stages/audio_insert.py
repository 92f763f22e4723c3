"""Inserts the audio block once, directly above the study text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.pages.block_map import ActualBlock
from esl_pipeline.stages.audio_place import (
    AudioPlace,
    audio_content,
    find_ours,
    find_place,
    index_of,
    study_text_missing,
)
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import NotionApi
from esl_pipeline.stages.page_map import blocks_of, entries_of, path_to_study_text
from esl_pipeline.stages.page_read import read_children
from esl_pipeline.stages.page_settle import settle
from esl_pipeline.stages.page_write import START, after_block
from esl_pipeline.stages.track_files import FileLink
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.publication import AttachmentPublication, PagePublication, Publication

NO_SUCH_NEIGHBOUR = frozenset({400, 404})
"""Notion's answers to a position after a block that somebody deleted."""


def record_attachment(ledger: Ledger, attachment: AttachmentPublication) -> None:
    """Writes what is known of the audio block to the publication."""
    saved = attachment.model_copy(deep=True)

    def change(publication: Publication) -> None:
        publication.attachment = saved

    ledger.update(change)


def insert_audio(
    context: JobContext,
    ledger: Ledger,
    notion: NotionApi,
    page: PagePublication,
    *,
    known: AttachmentPublication | None,
    replaced_id: str | None,
    url: str,
    links: Sequence[FileLink],
) -> tuple[ActualBlock | None, AttachmentPublication]:
    """Inserts the block, or finds the one that an earlier run inserted without recording it.

    What is intended is recorded before the request, the block's id right after it.

    Args:
        context: the job's, not of a dry run.
        ledger: the assignment's publication.
        notion: the tenant's client.
        page: its block map is completed with ids that had to be read on the way.
        known: what was recorded last; None where nothing was ever inserted on this page.
        replaced_id: a block of ours that is to go once the new one stands.
        url: public address of the MP3.
        links: what is linked below the player.

    Returns:
        The block that was found, None where one was inserted; and what is recorded now.

    Raises:
        RejectedError: the study text is gone from the page, or Notion refuses.
        UnavailableError: Notion did not answer well; asking again finds the block or inserts it.
    """
    place = locate_study_text(context, ledger, notion, page)
    made = AttachmentPublication(
        page_id=page.id or "",
        intended_at=context.clock.now(),
        url=url,
        study_text_id=place.study_text_id,
        replaced_block_id=replaced_id,
    )
    siblings = read_children(notion, place.parent_id) if known or page.adopted else None
    if siblings is not None:
        written = {known.url, known.intended_url} - {""} if known else set()
        ours = find_ours(siblings, place, {url, *written}, replaced_id)
        if ours:
            made.block_id = ours.id
            record_attachment(ledger, made)
            return ours, made
    record_attachment(ledger, made)
    insertion = _Insertion(context, notion, place, made, links)
    made.block_id = insertion.insert(siblings)
    record_attachment(ledger, made)
    return None, made


def locate_study_text(context: JobContext, ledger: Ledger, notion: NotionApi, page: PagePublication) -> AudioPlace:
    """Returns where the study text is; reads and records the ids on the way to it that are not known.

    Raises:
        RejectedError: it is no longer where the lesson put it.
    """
    path = path_to_study_text(page)
    if path is None:
        raise study_text_missing()
    entries = entries_of(page.blocks)
    place = find_place(context, notion, page.id or "", entries, path)
    blocks = blocks_of(entries)
    if blocks != page.blocks:
        page.blocks = blocks
        saved = page.model_copy(deep=True)

        def change(publication: Publication) -> None:
            publication.page = saved

        ledger.update(change)
    return place


class _Insertion:
    """One block on its way to the page."""

    def __init__(
        self,
        context: JobContext,
        notion: NotionApi,
        place: AudioPlace,
        made: AttachmentPublication,
        links: Sequence[FileLink],
    ) -> None:
        self._context, self._notion, self._place, self._made = context, notion, place, made
        self._block = {"type": "audio", "audio": audio_content(made.url, links)}

    def insert(self, siblings: Sequence[ActualBlock] | None) -> str:
        """Inserts it; ``siblings`` are None where the page is new, so that nobody has moved anything."""
        if siblings is not None:
            return self._append(self._above(siblings))
        try:
            return self._append(after_block(self._place.above_id) if self._place.above_id else START)
        except RejectedError as error:
            if error.status not in NO_SUCH_NEIGHBOUR:
                raise
        return self._append(self._above(self._read()))

    def _read(self) -> tuple[ActualBlock, ...]:
        self._context.stop_if_cancelled()
        return read_children(self._notion, self._place.parent_id)

    def _above(self, siblings: Sequence[ActualBlock]) -> Mapping[str, Any]:
        index = index_of(siblings, self._place.study_text_id)
        return after_block(siblings[index - 1].id) if index else START

    def _append(self, position: Mapping[str, Any]) -> str:
        def write() -> str:
            return str(self._notion.append_children(self._place.parent_id, [self._block], position)[0]["id"])

        def look(error: UnavailableError) -> str | None:
            if error.committed_child_ids:
                return error.committed_child_ids[0]
            ours = find_ours(self._read(), self._place, {self._made.url}, self._made.replaced_block_id)
            return ours.id if ours else None

        return settle(self._context, write, look)
