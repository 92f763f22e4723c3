"""Puts the MP3, its captions and what is beside them into the bucket.

Reads the artifact store; writes one S3 object per file under a key that contains its hash, and the publication's
``upload``. Costs a HEAD request per file, and a PUT request where the object is not there.
"""

from __future__ import annotations

from esl_pipeline.stages.audio_source import DAY_S, unsigned
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.outcome import StageOutcome
from esl_pipeline.stages.track_files import TrackFile, files_of
from esl_pipeline.stages.vendors import ObjectStorage
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.protocols import ArtifactStore
from esl_pipeline.stores.publication import AudioPublication, FileKind, Publication, UploadedFile, UploadPublication

FOREVER = "public, max-age=31536000, immutable"
"""A key is made of the content's hash, so what is under it never changes."""


class MissingTrackError(Exception):
    """There is no track yet; run the merge stage first."""


def upload_audio(
    context: JobContext, ledger: Ledger, artifacts: ArtifactStore, objects: ObjectStorage, *, force: bool = False
) -> StageOutcome:
    """Uploads what the bucket does not have yet.

    Args:
        context: the job's.
        ledger: the assignment's publication.
        artifacts: where the track is kept.
        objects: the tenant's bucket.
        force: record the upload again although nothing changed; equal objects are never written twice.

    Raises:
        MissingTrackError: the track was never made.
        RejectedError: the bucket refuses; somebody must change its rights or name.
        UnavailableError: the bucket did not answer; asking again helps.
    """
    publication = ledger.read()
    audio = publication.audio
    if context.dry_run:
        return StageOutcome(reason="would upload the track and its captions if their content is new")
    if audio is None:
        raise MissingTrackError("There is no track yet. Run the stage merged_mp3 first.")
    work = _Uploading(context, artifacts, objects, publication.title or context.assignment)
    made = work.upload(audio)
    same = publication.upload == made
    if force or not same:

        def change(publication: Publication) -> None:
            publication.upload = made

        ledger.update(change)
    metrics = _metrics(made, work.written)
    if same and not work.written and not force:
        return StageOutcome("skipped", "the bucket has this track and its captions", metrics)
    return StageOutcome(metrics=metrics)


def folder_of_assignment(prefix: str, key: str) -> str:
    """Returns where an assignment's objects are: the setting's prefix, then ``tenant/assignment``."""
    return f"{prefix.strip('/')}/{key}".lstrip("/")


class _Uploading:
    """The work of one call; ``written`` counts the objects that were not there."""

    def __init__(self, context: JobContext, artifacts: ArtifactStore, objects: ObjectStorage, title: str) -> None:
        self._context, self._artifacts, self._objects, self._title = context, artifacts, objects, title
        self._folder = folder_of_assignment(context.settings.storage.prefix, context.key)
        self.written = 0

    def upload(self, audio: AudioPublication) -> UploadPublication:
        track, captions, *others = files_of(audio)
        key, captions_key = self._put(track), self._put(captions)
        return UploadPublication(
            audio_sha256=audio.sha256,
            publishing="presigned" if self._signs else "public",
            bucket=self._objects.bucket,
            key=key,
            url=self._url(key),
            captions_key=captions_key,
            captions_url=self._url(captions_key),
            files=[self._uploaded(kind.kind, file) for kind, file in zip(audio.files, others, strict=True)],
        )

    def _uploaded(self, kind: FileKind, file: TrackFile) -> UploadedFile:
        key = self._put(file)
        return UploadedFile(kind=kind, key=key, url=self._url(key))

    def _put(self, file: TrackFile) -> str:
        key = f"{self._folder}/{file.sha256[:32]}{file.suffix}"
        try:
            content = self._artifacts.open(self._context.tenant, file.sha256, file.suffix)
        except KeyError as error:
            raise MissingTrackError("A file of the track is gone. Run the stage merged_mp3 again.") from error
        with content:
            self._context.stop_if_cancelled()
            self.written += self._objects.put(
                key,
                content,
                content_type=file.content_type,
                sha256=file.sha256,
                cache_control=FOREVER,
                filename=file.filename(self._title),
            )
        return key

    @property
    def _signs(self) -> bool:
        return self._context.settings.storage.publishing == "presigned"

    def _url(self, key: str) -> str:
        """Returns the address to record; a signature is made for the page alone, and for S3's own address."""
        if self._signs:
            return unsigned(self._objects.sign(key, DAY_S))
        return self._objects.url(key, self._context.settings.storage.public_base_url)


def _metrics(upload: UploadPublication, written: int) -> dict[str, object]:
    urls = {f"s3/{file.kind}_url": file.url for file in upload.files}
    return {"s3/audio_url": upload.url, "s3/captions_url": upload.captions_url, **urls, "s3/objects_written": written}
