"""Inserts the audio block once, directly above the study text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.pages.block_map import ActualBlock, actual_block
from esl_pipeline.stages.audio_place import (
    AudioPlace,
    audio_content,
    find_ours,
    find_place,
    index_of,
    is_kept_by_notion,
    study_text_missing,
)
from esl_pipeline.stages.audio_source import AudioSource, Signature
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import NotionApi
from esl_pipeline.stages.page_map import blocks_of, entries_of, path_to_study_text
from esl_pipeline.stages.page_read import read_children
from esl_pipeline.stages.page_settle import settle
from esl_pipeline.stages.page_write import START, after_block
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
    source: AudioSource,
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
        source: what it is to play.

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
        url=source.name,
        study_text_id=place.study_text_id,
        replaced_block_id=replaced_id,
    )
    siblings = read_children(notion, place.parent_id) if known or page.adopted else None
    if siblings is not None:
        names = {known.url, known.intended_url} - {""} if known else set()
        names |= set() if source.upload_id else {source.name}
        ours = find_ours(siblings, place, names, replaced_id, lambda: who_am_i(notion))
        if ours:
            made.block_id, made.editor_id = ours.id, ours.editor_id
            made.url = known.url if known and is_kept_by_notion(ours.content) else made.url
            record_attachment(ledger, made)
            return ours, made
    record_attachment(ledger, made)
    inserted = _Insertion(context, notion, place, made, source).insert(siblings)
    made.block_id, made.editor_id = inserted.id, inserted.editor_id
    record_signature(made, source.signature)
    record_attachment(ledger, made)
    return None, made


def who_am_i(notion: NotionApi) -> str:
    """Returns the id of the integration."""
    return str(notion.retrieve_user()["id"])


def record_signature(attachment: AttachmentPublication, signature: Signature | None) -> None:
    """Writes down until when the address on the page is good."""
    attachment.signed_at = signature.at if signature else None
    attachment.signed_until = signature.until if signature else None


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
        source: AudioSource,
    ) -> None:
        self._context, self._notion, self._place, self._made = context, notion, place, made
        self._block = {"type": "audio", "audio": audio_content(source)}

    def insert(self, siblings: Sequence[ActualBlock] | None) -> ActualBlock:
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

    def _append(self, position: Mapping[str, Any]) -> ActualBlock:
        def write() -> ActualBlock:
            return actual_block(self._notion.append_children(self._place.parent_id, [self._block], position)[0])

        def look(error: UnavailableError) -> ActualBlock | None:
            if error.committed_child_ids:
                return actual_block({**self._block, "id": error.committed_child_ids[0]})
            made = self._made
            return find_ours(
                self._read(), self._place, {made.url}, made.replaced_block_id, lambda: who_am_i(self._notion)
            )

        return settle(self._context, write, look)
