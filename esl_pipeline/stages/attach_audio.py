"""Puts the audio block directly above the study text.

Reads the publication and Notion; writes one audio block, and the publication's ``attachment``. Costs one request for
a new page, one where nothing has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from esl_pipeline.clients.errors import UnavailableError
from esl_pipeline.pages.block_map import ActualBlock, actual_block
from esl_pipeline.pages.fingerprint import normal_id
from esl_pipeline.stages.audio_insert import insert_audio, locate_study_text, record_attachment
from esl_pipeline.stages.audio_place import (
    AudioPlace,
    address,
    audio_content,
    caption,
    has_own_caption,
    same_address,
    same_caption,
)
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stages.page_map import study_text_id
from esl_pipeline.stages.page_read import read_block
from esl_pipeline.stages.page_settle import settle
from esl_pipeline.stages.page_write import PageChangedError, noticing_changes
from esl_pipeline.stages.track_files import FileLink
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.publication import AttachmentPublication, PagePublication

FOREIGN = "a person put another file into the audio block"


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
    links: Sequence[FileLink] = (),
    force: bool = False,
) -> AttachmentOutcome:
    """Inserts the audio block, or brings the one that is there up to date; an author's own audio is never touched.

    Args:
        context: the job's; in a dry run nothing is written.
        ledger: the assignment's publication.
        notion: the tenant's client.
        url: public address of the MP3; up to its query string it names the file.
        links: what is linked below the player; a caption that a person wrote stays instead.
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
    work = _Attaching(context, ledger, notion, page, url, links)
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
        links: Sequence[FileLink],
    ) -> None:
        self.context, self.ledger, self.notion, self.page = context, ledger, notion, page
        self.url, self.links = url, links
        recorded = ledger.read().attachment
        self.known = recorded if recorded and recorded.page_id == page.id else None

    def attach(self, *, force: bool) -> AttachmentOutcome:
        try:
            return self._attach(force=force)
        except PageChangedError:
            return self._attach(force=force)

    def _attach(self, *, force: bool) -> AttachmentOutcome:
        standing = self._standing()
        if self.known and standing and not self._left_behind(self.known):
            self._drop_replaced(self.known)
            return self._bring_up_to_date(self.known, standing, force=force)
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

    def _left_behind(self, known: AttachmentPublication) -> bool:
        """Tells whether the study text is another block by now, so that ours stands above nothing.

        A block that was written inside another one is known only once its parent was read.
        """
        now = study_text_id(self.page) or self._place().study_text_id
        return normal_id(now) != normal_id(known.study_text_id)

    def _place(self) -> AudioPlace:
        return locate_study_text(self.context, self.ledger, self.notion, self.page)

    def _bring_up_to_date(
        self, known: AttachmentPublication, standing: ActualBlock, *, force: bool
    ) -> AttachmentOutcome:
        changes = self._changes(standing, force=force)
        if not changes:
            if (known.url, known.intended_url) != (self.url, ""):
                self._record(known.model_copy(update={"url": self.url, "intended_url": ""}))
            return AttachmentOutcome(standing.id, "skipped", "the audio block plays this track")
        ours = any(same_address(address(standing.content), url) for url in (known.url, known.intended_url, self.url))
        if not ours and not self.context.settings.notion.overwrite_edits:
            return AttachmentOutcome(standing.id, "skipped", FOREIGN)
        new = "links" if same_address(address(standing.content), self.url) else "track"
        if self.context.dry_run:
            return AttachmentOutcome(standing.id, "updated", f"would put the new {new} into the audio block")
        self._record(known.model_copy(update={"intended_url": self.url}))
        self._update(standing, changes)
        self._record(known.model_copy(update={"url": self.url, "intended_url": ""}))
        return AttachmentOutcome(standing.id, "updated", f"the audio block has the new {new}")

    def _changes(self, standing: ActualBlock, *, force: bool) -> Json:
        """Returns what of the block is to be rewritten; a caption that a person wrote stays."""
        keep_caption = has_own_caption(standing.content)
        same = same_address(address(standing.content), self.url)
        if same and not force and (keep_caption or same_caption(standing.content, self.links)):
            return {}
        content: Json = {"external": audio_content(self.url, ())["external"]}
        return content if keep_caption else {**content, "caption": caption(self.links)}

    def _update(self, standing: ActualBlock, changes: Json) -> None:
        def write() -> bool:
            self.notion.update_block(standing.id, {"audio": changes})
            return True

        def look(_: UnavailableError) -> bool | None:
            block = read_block(self.notion, standing.id)
            return (block is not None and self._written(block["audio"], changes)) or None

        with noticing_changes(self.notion, standing.id):
            settle(self.context, write, look)

    def _written(self, content: Json, changes: Json) -> bool:
        links = "caption" not in changes or same_caption(content, self.links)
        return links and same_address(address(content), self.url)

    def _insert(self, standing: ActualBlock | None, reason: str) -> AttachmentOutcome:
        replaced_id = standing.id if standing else self.known.replaced_block_id if self.known else None
        found, made = insert_audio(
            self.context,
            self.ledger,
            self.notion,
            self.page,
            known=self.known,
            replaced_id=replaced_id,
            url=self.url,
            links=self.links,
        )
        self._drop_replaced(made)
        if found is None:
            return AttachmentOutcome(made.block_id, "created", reason)
        return self._bring_up_to_date(made, found, force=False)

    def _drop_replaced(self, known: AttachmentPublication) -> None:
        """Deletes the block of ours that the standing one replaced; never before that one stood."""
        if known.replaced_block_id is None or self.context.dry_run:
            return
        replaced_id = known.replaced_block_id

        def write() -> bool:
            self.notion.delete_block(replaced_id)
            return True

        def look(_: UnavailableError) -> bool | None:
            return read_block(self.notion, replaced_id) is None or None

        settle(self.context, write, look)
        known.replaced_block_id = None
        self._record(known)

    def _record(self, attachment: AttachmentPublication) -> None:
        if not self.context.dry_run:
            record_attachment(self.ledger, attachment)
