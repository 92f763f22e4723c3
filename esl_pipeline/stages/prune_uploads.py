"""Deletes the uploaded files of a tenant that no publication refers to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from itertools import groupby

from esl_pipeline.stages.audio_place import same_address
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stages.track_files import keys_of
from esl_pipeline.stages.upload_audio import folder_of_assignment
from esl_pipeline.stages.vendors import ObjectStorage, StoredObject
from esl_pipeline.stores.artifacts import Removed
from esl_pipeline.stores.protocols import LeaseHeldError, PublicationStore
from esl_pipeline.stores.publication import Publication

OURS = re.compile(r"(?P<assignment>[a-z0-9][a-z0-9-]{0,62})/[0-9a-f]{32}\.(mp3|vtt|lrc|md)", re.ASCII)
"""What the upload stage calls its objects, below the tenant's folder; all else there stays."""


def prune_uploads(
    objects: ObjectStorage,
    publications: PublicationStore,
    tenant: str,
    prefix: str,
    unused_since: datetime,
    *,
    dry_run: bool,
) -> Iterator[Removed]:
    """Deletes object by object, those of an assignment while no run works on it.

    Args:
        objects: the tenant's bucket.
        publications: are read again, each under its lease.
        tenant: a checked slug.
        prefix: what stands before the tenant in keys.
        unused_since: younger objects stay.
        dry_run: True to delete nothing.

    Raises:
        UnreadablePublicationError: it is not known what an assignment needs; its objects stay.
        RejectedError: the bucket refuses.
        UnavailableError: the bucket did not answer; asking again helps.
    """
    folder = folder_of_assignment(prefix, tenant) + "/"
    for assignment, found in groupby(objects.list(folder), lambda one: _assignment(one.key, folder)):
        old = [one for one in found if one.modified_at <= unused_since]
        if not assignment or not old:
            continue
        lease = nullcontext() if dry_run else publications.lease(tenant, assignment)
        for one in _unneeded(lease, publications, (tenant, assignment), objects.bucket, old):
            if not dry_run:
                objects.delete(one.key)
            yield Removed(1, one.size)


def _assignment(key: str, folder: str) -> str:
    named = OURS.fullmatch(key.removeprefix(folder))
    return named["assignment"] if named else ""


def _unneeded(
    lease: AbstractContextManager[None],
    publications: PublicationStore,
    key: tuple[str, str],
    bucket: str,
    old: list[StoredObject],
) -> Iterator[StoredObject]:
    """Yields what may go, while the lease is held; nothing where a run works on the assignment."""
    try:
        with lease:
            publication = publications.read(*key)
            if publication is None or page_plays_upload(publication):
                upload = publication.upload if publication else None
                needed = keys_of(upload) if upload and upload.bucket == bucket else frozenset()
                yield from (one for one in old if one.key not in needed)
    except LeaseHeldError:
        return


def page_plays_upload(publication: Publication) -> bool:
    """Tells whether the page was brought up to date after the last upload, so that it links to nothing older."""
    upload, attachment = publication.upload, publication.attachment
    ran = [publication.stages.get(stage.value) for stage in (Stage.UPLOAD, Stage.ATTACH)]
    if upload is None or attachment is None or attachment.intended_url or not same_address(attachment.url, upload.url):
        return False
    uploaded, attached = ran
    return bool(uploaded and attached and attached.status != "failed" and uploaded.started_at <= attached.started_at)
