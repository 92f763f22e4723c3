"""Puts the audio block directly above the study text.

Reads the publication and Notion; writes one audio block, and the publication's ``attachment``. Costs one request for
a new page, one where nothing has changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.pages.block_map import ActualBlock, actual_block
from esl_pipeline.stages.audio_place import (
    AudioPlace,
    address,
    audio_content,
    caption,
    find_ours,
    find_place,
    has_own_caption,
    index_of,
    path_of,
    same_address,
    stands_above,
    study_text_missing,
)
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stages.page_map import blocks_of, entries_of, path_to_study_text
from esl_pipeline.stages.page_read import read_block, read_children
from esl_pipeline.stages.page_settle import settle
from esl_pipeline.stages.page_write import START, after_block
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.publication import AttachmentPublication, PagePublication, Publication

NO_SUCH_NEIGHBOUR = frozenset({400, 404})
"""Notion's answers to a position after a block that somebody deleted."""


class MissingPageError(Exception):
    """There is no complete page yet; run the page stage first."""


@dataclass(frozen=True)
class AttachmentOutcome:
    """What became of the audio block; ``reason`` says why nothing was done, or what was remarkable."""

    block_id: str | None
    status: Literal["created", "updated", "skipped"]
    reason: str = ""
    requests: int = 0


def attach_audio(
    context: JobContext,
    ledger: Ledger,
    notion: NotionApi,
    *,
    url: str,
    caption_url: str | None = None,
    force: bool = False,
) -> AttachmentOutcome:
    """Inserts the audio block, or brings the one that is there up to date; an author's own audio is never touched.

    Args:
        context: the job's; in a dry run nothing is written.
        ledger: the assignment's publication.
        notion: the tenant's client.
        url: public address of the MP3; up to its query string it names the file.
        caption_url: public address of the captions.
        force: write the address again although it has not changed.

    Raises:
        MissingPageError: the page was not published yet.
        RejectedError: the study text is gone from the page, or Notion refuses.
        UnavailableError: Notion did not answer well; asking again never inserts a second block.
    """
    before = notion.requests_made
    page = ledger.read().page
    if page is None or page.id is None or not page.complete:
        if not context.dry_run:
            raise MissingPageError("There is no complete page yet. Run the stage notion_page first.")
        return AttachmentOutcome(None, "created", "would put the audio block above the study text")
    work = _Attaching(context, ledger, notion, page, url, caption_url)
    return replace(work.attach(force=force), requests=notion.requests_made - before)


class _Attaching:
    """The work of one call."""

    def __init__(
        self,
        context: JobContext,
        ledger: Ledger,
        notion: NotionApi,
        page: PagePublication,
        url: str,
        caption_url: str | None,
    ) -> None:
        self.context, self.ledger, self.notion, self.page = context, ledger, notion, page
        self.url, self.caption_url = url, caption_url
        recorded = ledger.read().attachment
        self.known = recorded if recorded and recorded.page_id == page.id else None

    def attach(self, *, force: bool) -> AttachmentOutcome:
        standing = self._standing()
        if self.known and standing and not self._left_behind(standing):
            self._drop_replaced()
            return self._bring_up_to_date(standing, force=force)
        removed = bool(self.known and self.known.block_id and not standing)
        reason = "the audio block had been deleted" if removed else "the study text has moved" if standing else ""
        if self.context.dry_run:
            return AttachmentOutcome(None, "created", "; ".join(filter(None, (reason, "would insert the audio block"))))
        return self._insert(standing, reason)

    def _standing(self) -> ActualBlock | None:
        """Returns our audio block where it is still there."""
        if self.known is None or self.known.block_id is None:
            return None
        self.context.stop_if_cancelled()
        block = read_block(self.notion, self.known.block_id)
        return actual_block(block) if block else None
