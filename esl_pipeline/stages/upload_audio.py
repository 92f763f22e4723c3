"""Puts the MP3 and its captions into the bucket.

Reads the artifact store; writes two S3 objects under keys that contain their hashes, and the publication's ``upload``.
Costs two HEAD requests, and two PUT requests where the objects are not there.
"""

from __future__ import annotations

from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.merge_track import MP3, VTT
from esl_pipeline.stages.outcome import StageOutcome
from esl_pipeline.stages.vendors import ObjectStorage
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.protocols import ArtifactStore
from esl_pipeline.stores.publication import AudioPublication, Publication, UploadPublication

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
    made, written = _put(context, artifacts, objects, audio)
    same = publication.upload == made
    if force or not same:

        def change(publication: Publication) -> None:
            publication.upload = made

        ledger.update(change)
    metrics = {"s3/audio_url": made.url, "s3/captions_url": made.captions_url, "s3/objects_written": written}
    if same and not written and not force:
        return StageOutcome("skipped", "the bucket has this track and its captions", metrics)
    return StageOutcome(metrics=metrics)


def _put(
    context: JobContext, artifacts: ArtifactStore, objects: ObjectStorage, audio: AudioPublication
) -> tuple[UploadPublication, int]:
    storage = context.settings.storage
    folder = f"{storage.prefix.strip('/')}/{context.key}".lstrip("/")
    written, keys = 0, []
    for sha256, suffix, content_type in (
        (audio.sha256, MP3, "audio/mpeg"),
        (audio.captions_sha256, VTT, "text/vtt; charset=utf-8"),
    ):
        try:
            content = artifacts.get(context.tenant, sha256, suffix)
        except KeyError as error:
            raise MissingTrackError("The track's file is gone. Run the stage merged_mp3 again.") from error
        keys.append(f"{folder}/{sha256[:32]}{suffix}")
        context.stop_if_cancelled()
        written += objects.put(keys[-1], content, content_type=content_type, sha256=sha256, cache_control=FOREVER)
    audio_url, captions_url = (objects.url(key, storage.public_base_url) for key in keys)
    made = UploadPublication(
        audio_sha256=audio.sha256,
        bucket=objects.bucket,
        key=keys[0],
        url=audio_url,
        captions_key=keys[1],
        captions_url=captions_url,
    )
    return made, written
