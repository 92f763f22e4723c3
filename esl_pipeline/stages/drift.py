"""Compares the page and the sound of one assignment with its publication.

Reads the publication, the page and the bucket; writes nothing anywhere. Costs a request for a page that nobody edited
since it was last found as published, else one more for each block that has blocks of ours inside; and a HEAD request
for each file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from esl_pipeline.pages.fingerprint import normal_id
from esl_pipeline.stages.drift_audio import drift_of_files, drift_of_player
from esl_pipeline.stages.drift_finding import Difference
from esl_pipeline.stages.drift_head import drift_of_head
from esl_pipeline.stages.drift_page import BlockDrift, drift_of_place, words_of
from esl_pipeline.stages.job import Job
from esl_pipeline.stages.page_job import page_job
from esl_pipeline.stages.page_map import entries_of, study_text_id
from esl_pipeline.stages.page_read import PageReader, read_block, read_page
from esl_pipeline.stages.page_update import audio_blocks
from esl_pipeline.stages.vendors import Vendors
from esl_pipeline.stores.looks import Look
from esl_pipeline.stores.publication import PagePublication, Publication

EDIT_IS_OVER = timedelta(minutes=2)
"""After so long nobody can edit a page any more in the minute that it says it was edited in.

Notion gives that time in whole minutes; one more is for clocks that differ.
"""


@dataclass(frozen=True)
class Drift:
    """What was seen of one assignment.

    Attributes:
        differences: from what was published; none where all stands.
        added: blocks that people put on the page; answers, for example, and no difference.
        requests: to Notion.
        page_edited_at: for the next look, see ``Look``.
    """

    differences: tuple[Difference, ...]
    added: int
    requests: int
    page_edited_at: str


def is_complete(publication: Publication) -> bool:
    """Tells whether all was published, so that there is something to compare."""
    page, upload, attachment = publication.page, publication.upload, publication.attachment
    if page is None or page.id is None or not page.complete or upload is None:
        return False
    return attachment is not None and attachment.block_id is not None and attachment.url == upload.url


def look_for_drift(job: Job, vendors: Vendors, last: Look | None) -> Drift:
    """Compares; ``last`` is the last look, None where there was none.

    Raises:
        AskingError: what was published can't be read any more.
        RejectedError: a vendor refuses; asking again can't help.
        UnavailableError: a vendor is out of reach; asking again may help.
    """
    before, publication = vendors.notion.requests_made, job.ledger.read()
    look = _Looking(job, vendors, publication)
    found = list(look.page(publication.page, last)) if publication.page else []
    if publication.upload:
        found += drift_of_files(vendors.objects, publication.upload, publication.audio)
    of_page = [one for one in found if one.subject != "file"]
    return Drift(
        tuple(found), look.added, vendors.notion.requests_made - before, "" if of_page else look.page_edited_at
    )


class _Looking:
    """The work of one call."""

    def __init__(self, job: Job, vendors: Vendors, publication: Publication) -> None:
        self._job, self._vendors, self._publication = job, vendors, publication
        self.added, self.page_edited_at = 0, ""

    def page(self, known: PagePublication, last: Look | None) -> Iterator[Difference]:
        context = self._job.context
        context.stop_if_cancelled()
        page = read_page(self._vendors.notion, known.id or "")
        lost = drift_of_place(page, known)
        if lost or page is None:
            yield from (lost,) if lost else ()
            return
        if is_settled(page, context.clock.now()):
            self.page_edited_at = str(page["last_edited_time"])
        if last and last.page_edited_at and last.page_edited_at == self.page_edited_at:
            yield from self._signature()
            return
        yield from drift_of_head(page, known.head_sha256, context.settings.notion.key_property)
        yield from self._blocks(known)

    def _signature(self) -> Iterator[Difference]:
        """Tells of addresses that have ended on a page that nobody touched."""
        attachment = self._publication.attachment
        if attachment and attachment.signed_until and attachment.signed_until <= self._job.context.clock.now():
            mend = "Run resign_audio, and turn its schedule on."
            yield Difference("player", "The addresses on the page have ended.", mend)

    def _blocks(self, known: PagePublication) -> Iterator[Difference]:
        job, notion = self._job, self._vendors.notion
        ours = frozenset(map(normal_id, audio_blocks(self._publication)))
        words = words_of(page_job(job.context, job.ledger, notion, job.lesson).nodes)
        drift = BlockDrift(PageReader(job.context, notion), ours, words)
        yield from drift.look(known.id or "", entries_of(known.blocks))
        self.added = drift.added
        attachment, upload = self._publication.attachment, self._publication.upload
        if attachment and upload:
            above = study_text_id(known) or attachment.study_text_id
            now = job.context.clock.now()
            yield from drift_of_player(drift.levels, attachment, upload, above, self._exists, now)

    def _exists(self, block_id: str) -> bool:
        return read_block(self._vendors.notion, block_id) is not None


def is_settled(page: Mapping[str, Any], now: datetime) -> bool:
    """Tells whether a page's time of its last edit would show any further one."""
    edited_at = str(page.get("last_edited_time") or "")
    return bool(edited_at) and now - datetime.fromisoformat(edited_at) > EDIT_IS_OVER
