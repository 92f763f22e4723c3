"""Uploads the MP3 to Notion itself, so that it needs no bucket and no address of its own.

Reads the artifact store and, where the last upload may have ended, Notion; writes a file upload and the publication's
``upload``. Costs two requests, one more per 10 MiB of a file above 20 MiB; nothing for an unchanged track.
Notion takes no captions, lyrics and transcripts, and a caption can't link to its files, so these stay off the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import BinaryIO

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.stages.audio_source import is_notion_file, notion_file
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stages.outcome import StageOutcome
from esl_pipeline.stages.page_settle import settle
from esl_pipeline.stages.track_files import TrackFile, files_of
from esl_pipeline.stages.upload_audio import MissingTrackError
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.protocols import ArtifactStore
from esl_pipeline.stores.publication import AudioPublication, Publication, UploadPublication

MIB = 1 << 20
SINGLE_BYTES, PART_BYTES = 20 * MIB, 10 * MIB
"""The largest file that is sent at once, and the pieces of a larger one.

**Source**: developers.notion.com/guides/data-apis/working-with-files-and-media, sending-larger-files, read 2026-11-25.
"""

ALWAYS_ALLOWED_BYTES = 5 * MIB
"""What the free plan allows; others 5 GiB. **Source**: the same pages, read 2026-11-25."""

TIME_TO_ATTACH = timedelta(minutes=10)
"""An upload that ends sooner is made again, so that it does not end under the next stage."""

NOT_USABLE = frozenset({400, 404})


def upload_to_notion(context: JobContext, ledger: Ledger, artifacts: ArtifactStore, notion: NotionApi) -> StageOutcome:
    """Uploads the track unless it was uploaded already and can still be put on the page.

    Args:
        context: the job's.
        ledger: the assignment's publication.
        artifacts: where the track is kept.
        notion: the tenant's client.

    Raises:
        MissingTrackError: the track was never made.
        RejectedError: the track is too large for the workspace's plan, or Notion refuses.
        UnavailableError: Notion did not answer well; asking again helps, and what was begun ends by itself.
    """
    publication = ledger.read()
    audio = publication.audio
    if context.dry_run:
        return StageOutcome(reason="would upload the track to Notion if its content is new")
    if audio is None:
        raise MissingTrackError("There is no track yet. Run the stage merged_mp3 first.")
    left_out = {"notion/left_out": ", ".join(file.part for file in list(files_of(audio))[1:])}
    upload, before = publication.upload, notion.requests_made
    if upload and is_notion_file(upload.url) and upload.audio_sha256 == audio.sha256 and not is_waiting(publication):
        return StageOutcome("skipped", "Notion has this track", _metrics(upload) | left_out)
    if upload and upload.audio_sha256 == audio.sha256 and _can_be_attached(context, notion, upload):
        return StageOutcome("skipped", "Notion has this track, ready for the page", _metrics(upload) | left_out)
    made = _Sending(context, artifacts, notion, publication.title or context.assignment).send(audio)

    def change(publication: Publication) -> None:
        publication.upload = made

    ledger.update(change)
    return StageOutcome(metrics={**_metrics(made), **left_out, "notion/requests": notion.requests_made - before})


def is_waiting(publication: Publication) -> bool:
    """Tells whether a file at Notion is not known to be on the page, so that it may have ended."""
    upload, attachment, page = publication.upload, publication.attachment, publication.page
    if upload is None or upload.publishing != "notion":
        return False
    if attachment is None or page is None or attachment.page_id != page.id or attachment.block_id is None:
        return True
    return attachment.url != upload.url or bool(attachment.intended_url)


def _can_be_attached(context: JobContext, notion: NotionApi, upload: UploadPublication) -> bool:
    if not is_notion_file(upload.url):
        return False
    if upload.attach_until and upload.attach_until - context.clock.now() > TIME_TO_ATTACH:
        return True
    context.stop_if_cancelled()
    try:
        found = notion.retrieve_file_upload(notion_file_id(upload))
    except RejectedError as error:
        if error.status not in NOT_USABLE:
            raise
        return False
    ends = found.get("expiry_time")
    lasts = ends is None or datetime.fromisoformat(ends) - context.clock.now() > TIME_TO_ATTACH
    return found.get("status") == "uploaded" and lasts


def notion_file_id(upload: UploadPublication) -> str:
    """Returns the id of the file upload."""
    return upload.url.removeprefix(notion_file(""))


class _Sending:
    """One file on its way to Notion."""

    def __init__(self, context: JobContext, artifacts: ArtifactStore, notion: NotionApi, title: str) -> None:
        self._context, self._artifacts, self._notion, self._title = context, artifacts, notion, title

    def send(self, audio: AudioPublication) -> UploadPublication:
        track = next(files_of(audio))
        try:
            content = self._artifacts.open(self._context.tenant, track.sha256, track.suffix)
        except KeyError as error:
            raise MissingTrackError("A file of the track is gone. Run the stage merged_mp3 again.") from error
        with content:
            begun = self._send(track, content)
        return UploadPublication(
            audio_sha256=audio.sha256,
            publishing="notion",
            bucket="",
            key="",
            url=notion_file(begun["id"]),
            captions_key="",
            captions_url="",
            attach_until=begun.get("expiry_time"),
        )

    def _send(self, track: TrackFile, content: BinaryIO) -> Json:
        size = content.seek(0, 2)
        self._check_size(size)
        parts = 1 if size <= SINGLE_BYTES else -(-size // PART_BYTES)
        name, kind = track.filename(self._title), track.content_type
        self._context.stop_if_cancelled()
        begun = self._notion.create_file_upload(name, kind, parts)
        upload_id = str(begun["id"])
        for number, piece in enumerate(_pieces(content, size if parts == 1 else PART_BYTES), 1):
            self._send_piece(upload_id, piece, name, kind, number if parts > 1 else None)
        if parts > 1:
            settle(self._context, lambda: self._notion.complete_file_upload(upload_id), lambda _: self._sent(upload_id))
        return begun

    def _send_piece(self, upload_id: str, piece: bytes, name: str, kind: str, part: int | None) -> None:
        def write() -> Json:
            return self._notion.send_file_upload(upload_id, piece, filename=name, content_type=kind, part=part)

        def look(_: UnavailableError) -> Json | None:
            return self._sent(upload_id, part)

        settle(self._context, write, look)

    def _sent(self, upload_id: str, part: int | None = None) -> Json | None:
        """Returns the upload where Notion has all of it, or its parts up to this one."""
        found = self._notion.retrieve_file_upload(upload_id)
        has_part = part is not None and (found.get("number_of_parts") or {}).get("sent", 0) >= part
        return found if has_part or found.get("status") == "uploaded" else None

    def _check_size(self, size: int) -> None:
        if size <= ALWAYS_ALLOWED_BYTES:
            return
        bot = self._notion.retrieve_user().get("bot") or {}
        most = (bot.get("workspace_limits") or {}).get("max_file_upload_size_in_bytes")
        if isinstance(most, int) and size > most:
            message = f"the track has {size / MIB:.1f} MiB; the workspace's plan allows {most / MIB:.0f} MiB per file"
            fix = "Set audio.bitrate_kbps lower, upgrade the workspace's plan, or set storage.publishing to public."
            raise RejectedError("notion", "file_too_large", message, fix=fix)


def _pieces(content: BinaryIO, size: int) -> Iterator[bytes]:
    content.seek(0)
    while piece := content.read(size):
        yield piece


def _metrics(upload: UploadPublication) -> dict[str, object]:
    return {"notion/file_upload_id": notion_file_id(upload)}
