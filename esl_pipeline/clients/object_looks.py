"""Objects of a bucket, without their content."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SHA256 = "sha256"
"""Metadata of objects: the hash of the content, as whoever wrote it said."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of a bucket: ``size`` in bytes, ``modified_at`` with its time zone."""

    key: str
    size: int
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class SeenObject:
    """What a bucket says of an object.

    Attributes:
        size: in bytes.
        named_sha256: hash of the content as its writer gave it, empty where that was not the pipeline.
        sha256: hash of the content as the store made it, empty where it keeps none.
    """

    size: int
    named_sha256: str = ""
    sha256: str = ""

    def holds(self, sha256: str) -> bool:
        """Tells whether the content has a hash, as far as the store says; an empty one is not compared."""
        if not sha256:
            return True
        return sha256 == (self.sha256 or self.named_sha256)


def see_object(client: S3Client, bucket: str, key: str) -> SeenObject:
    """Asks for an object's head; raises what boto3 raises, and ValueError for half an answer."""
    head = client.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    if "ContentLength" not in head:
        raise ValueError("S3's answer does not say how long the object is.")
    whole = head.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT"
    checksum = head.get("ChecksumSHA256", "") if whole else ""
    return SeenObject(head["ContentLength"], head.get("Metadata", {}).get(SHA256, ""), _hex(checksum))


def _hex(checksum: str) -> str:
    try:
        return b64decode(checksum, validate=True).hex()
    except Base64Error:
        return ""
