"""Puts the audio block directly above the study text.

Reads the publication and Notion; writes one audio block, and the publication's ``attachment``. Costs one request for
a new page, one where nothing has changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.pages.block_map import ActualBlock, actual_block
from esl_pipeline.pages.fingerprint import normal_id
from esl_pipeline.stages.audio_insert import insert_audio, locate_study_text, record_attachment, record_signature
from esl_pipeline.stages.audio_place import (
    AudioPlace,
    address,
    caption,
    has_own_caption,
    has_signatures,
    is_kept_by_notion,
    plays,
    same_caption,
    signatures_last,
)
from esl_pipeline.stages.audio_source import AudioSource, signature_of
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stages.page_map import study_text_id
from esl_pipeline.stages.page_read import read_block
from esl_pipeline.stages.page_settle import settle
from esl_pipeline.stages.page_write import PageChangedError, noticing_changes
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.publication import AttachmentPublication, PagePublication

FOREIGN = "a person put another file into the audio block"
NO_BLOCK = "there is no audio block of ours that could be signed anew"
CANT_BE_CHANGED = 400
"""Notion's answer to an update that it does not allow."""


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
    source: AudioSource,
    *,
    force: bool = False,
    renew: bool = False,
) -> AttachmentOutcome:
    """Inserts the audio block, or brings the one that is there up to date; an author's own audio is never touched.

    Args:
        context: the job's; in a dry run nothing is written.
        ledger: the assignment's publication.
        notion: the tenant's client.
        source: what the block is to play, and the links below it; a caption that a person wrote stays instead.
        force: write the source again although it has not changed.
        renew: only sign the block anew that is there, wherever it stands; none is inserted.

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
    work = _Attaching(context, ledger, notion, page, source)
    done = work.renew() if renew else work.attach(force=force)
    return replace(done, requests=notion.requests_made - before)


class _Attaching:
    """The work of one call."""

    def __init__(
        self, context: JobContext, ledger: Ledger, notion: NotionApi, page: PagePublication, source: AudioSource
    ) -> None:
        self.context, self.ledger, self.notion, self.page = context, ledger, notion, page
        self.source = source
        recorded = ledger.read().attachment
        self.known = recorded if recorded and recorded.page_id == page.id else None

    def renew(self) -> AttachmentOutcome:
        standing = self._standing()
        if self.known and standing:
            return self._bring_up_to_date(self.known, standing, force=True)
        if self.known:
            record_signature(self.known, None)
            self._record(self.known)
        return AttachmentOutcome(None, "skipped", NO_BLOCK)

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
        name = self.source.name
        foreign = not self._is_ours(known, standing) and not self.context.settings.notion.overwrite_edits
        changes = {} if foreign else self._changes(known, standing, force=force)
        if not changes:
            return self._leave(known, standing, foreign=foreign)
        new = self._what_is_new(known, standing)
        if self.context.dry_run:
            return AttachmentOutcome(standing.id, "updated", f"would put the new {new} into the audio block")
        self._record(known.model_copy(update={"intended_url": name}))
        try:
            written = self._update(standing, changes)
        except RejectedError as error:
            if error.status != CANT_BE_CHANGED or is_kept_by_notion(standing.content) == bool(self.source.upload_id):
                raise
            return self._insert(standing, "Notion does not change what kind of file a block plays")
        done = known.model_copy(update={"url": name, "intended_url": "", "editor_id": written.editor_id})
        record_signature(done, self.source.signature)
        self._record(done)
        return AttachmentOutcome(standing.id, "updated", f"the audio block has the new {new}")

    def _is_ours(self, known: AttachmentPublication, standing: ActualBlock) -> bool:
        """Tells whether the block plays what we wrote into it.

        Of two files at Notion nothing tells which is which, but who edited the block last.
        """
        ours = {known.url, known.intended_url} | (set() if self.source.upload_id else {self.source.name})
        if not any(plays(standing.content, name) for name in ours):
            return False
        if not is_kept_by_notion(standing.content) or has_own_caption(standing.content):
            return True
        return not known.editor_id or normal_id(known.editor_id) == normal_id(standing.editor_id)

    def _leave(self, known: AttachmentPublication, standing: ActualBlock, *, foreign: bool) -> AttachmentOutcome:
        if foreign:
            if known.signed_until:
                record_signature(known, None)
                self._record(known)
            return AttachmentOutcome(standing.id, "skipped", FOREIGN)
        seen = known.model_copy(update={"url": self.source.name, "intended_url": ""})
        record_signature(seen, signature_of(address(standing.content)))
        if seen != known:
            self._record(seen)
        return AttachmentOutcome(standing.id, "skipped", "the audio block plays this track")

    def _what_is_new(self, known: AttachmentPublication, standing: ActualBlock) -> str:
        if not self._has_track(known, standing):
            return "track"
        return "links" if self._has_lasting_signatures(standing) else "signature"

    def _has_track(self, known: AttachmentPublication, standing: ActualBlock) -> bool:
        if self.source.upload_id and (known.url != self.source.name or known.intended_url):
            return False
        return plays(standing.content, self.source.name)

    def _has_lasting_signatures(self, standing: ActualBlock) -> bool:
        with_links = not has_own_caption(standing.content)
        return signatures_last(standing.content, self.source, self.context.clock.now(), with_links=with_links)

    def _changes(self, known: AttachmentPublication, standing: ActualBlock, *, force: bool) -> Json:
        """Returns what of the block is to be rewritten; a caption that a person wrote stays."""
        keep_caption = has_own_caption(standing.content)
        links_stand = keep_caption or same_caption(standing.content, self.source.links)
        track_stands = self._has_track(known, standing) and self._has_lasting_signatures(standing)
        if track_stands and links_stand and not force:
            return {}
        content = self.source.content
        return content if keep_caption else {**content, "caption": caption(self.source.links)}

    def _update(self, standing: ActualBlock, changes: Json) -> ActualBlock:
        def write() -> ActualBlock:
            return actual_block(self.notion.update_block(standing.id, {"audio": changes}))

        def look(_: UnavailableError) -> ActualBlock | None:
            block = read_block(self.notion, standing.id)
            there = actual_block(block) if block else None
            return there if there and self._written(standing, there, changes) else None

        with noticing_changes(self.notion, standing.id):
            return settle(self.context, write, look)

    def _written(self, before: ActualBlock, there: ActualBlock, changes: Json) -> bool:
        """Tells whether an update was carried out; whether a file at Notion took another's place its upload tells."""
        with_links = "caption" in changes
        if with_links and not same_caption(there.content, self.source.links):
            return False
        if not plays(there.content, self.source.name):
            return False
        if self.source.upload_id:
            return not is_kept_by_notion(before.content) or self._is_attached()
        return has_signatures(there.content, self.source, with_links=with_links)

    def _is_attached(self) -> bool:
        return self.notion.retrieve_file_upload(self.source.upload_id).get("expiry_time") is None

    def _insert(self, standing: ActualBlock | None, reason: str) -> AttachmentOutcome:
        replaced_id = standing.id if standing else self.known.replaced_block_id if self.known else None
        found, made = insert_audio(
            self.context,
            self.ledger,
            self.notion,
            self.page,
            known=self.known,
            replaced_id=replaced_id,
            source=self.source,
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
