"""What the audio block plays: an address that anybody may read, a signed one, or a file at Notion."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import parse_qsl, urlsplit

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.manifests.settings import StorageSettings
from esl_pipeline.stages.notion_api import Json
from esl_pipeline.stages.track_files import FileLink, links_of
from esl_pipeline.stages.vendors import ObjectStorage
from esl_pipeline.stores.publication import UploadPublication

NOTION_FILE = "notion-file:"
DAY_S = 86_400
SHARE_LEFT = 4
"""A signature is renewed once less than this part of its life, a quarter, is left."""


@dataclass(frozen=True, slots=True)
class Signature:
    """From when until when a signed address is good; with a time zone."""

    at: datetime
    until: datetime

    def is_ending(self, now: datetime) -> bool:
        """Tells whether less than a quarter of its life is left."""
        return self.until - now < (self.until - self.at) / SHARE_LEFT


@dataclass(frozen=True, slots=True)
class AudioSource:
    """What the block is to play and to link to.

    Attributes:
        name: tells it from other sources, for good: the address without signature, or ``notion-file:`` and an id.
        url: the address, signed where it has to be; empty for a file at Notion.
        links: below the player, signed as the address is.
    """

    name: str
    url: str = field(repr=False)
    links: tuple[FileLink, ...] = ()

    @property
    def upload_id(self) -> str:
        """Id of the file upload at Notion, empty where there is none."""
        return self.name.removeprefix(NOTION_FILE) if is_notion_file(self.name) else ""

    @property
    def content(self) -> Json:
        """The block's source, as the API takes it."""
        return {"file_upload": {"id": self.upload_id}} if self.upload_id else {"external": {"url": self.url}}

    @property
    def signature(self) -> Signature | None:
        """That of the address, None where it has none."""
        return signature_of(self.url)


def source_of(upload: UploadPublication, objects: ObjectStorage, storage: StorageSettings) -> AudioSource:
    """Returns what the block is to play; addresses are signed anew where students get signed ones.

    Raises:
        RejectedError: nothing can be signed with these credentials, or the files are in another bucket.
        UnavailableError: there were no credentials now; asking again may help.
    """
    if upload.publishing != "presigned":
        return AudioSource(upload.url, upload.address or "", links_of(upload))
    if objects.bucket != upload.bucket:
        message = f"the files are in the bucket {upload.bucket}, not in {objects.bucket or 'one of this tenant'}"
        raise RejectedError("s3", "other_bucket", message, fix="Run audio_upload, then notion_audio.")
    sign = partial(objects.sign, lifetime_s=storage.presigned_days * DAY_S)
    return AudioSource(upload.url, sign(upload.key), links_of(upload, sign))


def unsigned(url: str) -> str:
    """Returns an address without query and fragment, so without any signature."""
    return urlsplit(url)._replace(query="", fragment="").geturl()


def signature_of(url: str) -> Signature | None:
    """Reads when the signature of an address ends; None where it has none of version 4."""
    said = {name.lower(): value for name, value in parse_qsl(urlsplit(url).query)}
    try:
        at = datetime.strptime(said["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return Signature(at, at + timedelta(seconds=int(said["x-amz-expires"])))
    except (KeyError, ValueError, OverflowError):
        return None


def notion_file(upload_id: str) -> str:
    """Returns the name of a file at Notion."""
    return NOTION_FILE + upload_id


def is_notion_file(name: str) -> bool:
    """Tells whether a name is of a file at Notion."""
    return name.startswith(NOTION_FILE)
