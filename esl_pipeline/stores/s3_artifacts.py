"""Artifacts as S3 objects, which several machines share.

Works where the store honours ``If-None-Match`` on PUT and lists what was just written, as AWS S3 and Ceph do.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, BinaryIO, cast

from botocore.exceptions import ClientError

from esl_pipeline.manifests import check_slug
from esl_pipeline.slugs import is_slug
from esl_pipeline.stores.artifacts import CHUNK_BYTES, Removed, StoredArtifact, hash_of
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.names import artifact_name, parse_artifact_name
from esl_pipeline.stores.s3_artifact_use import DECIDING, MARKS, ArtifactUse, Seen
from esl_pipeline.stores.s3_asking import ABSENT, LOST, asking, code_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ATTEMPTS = 3
"""Of reading one artifact whose connection breaks half-way."""
IN_MEMORY_BYTES = 8 << 20
"""An artifact larger than this is read by way of a temporary file without a name."""
SHA256 = "sha256"
"""Name of the metadata that hold the content's hash."""
TENANT = "{tenant}"


class S3ArtifactStore:
    """One object per artifact, ``<prefix>artifacts/<tenant>/<first two of the hash>/<hash><suffix>``.

    Args:
        client: boto3's S3 client.
        bucket: its name; ``{tenant}`` in it stands for the tenant, so that each has a bucket of its own.
        prefix: put before every key; empty or ending in a slash.
    """

    def __init__(self, client: S3Client, bucket: str, prefix: str = "") -> None:
        self._client, self._bucket, self._prefix = client, bucket, f"{prefix}artifacts/"

    def has(self, tenant: str, sha256: str, suffix: str) -> bool:
        """Tells whether the artifact is stored, and notes that it is in use; objects appear whole.

        Raises:
            StoreUnavailableError: asking again may help.
            StoreRefusedError: it can't.
        """
        return self._use(tenant, sha256, suffix).note()

    def get(self, tenant: str, sha256: str, suffix: str) -> bytes:
        """Returns the artifact.

        Raises:
            KeyError: it is not stored, or damaged; a damaged one is removed, so that it is made again.
            StoreUnavailableError: asking again may help.
            StoreRefusedError: it can't.
        """
        with self.open(tenant, sha256, suffix) as file:
            return file.read()

    def open(self, tenant: str, sha256: str, suffix: str) -> BinaryIO:
        """Opens a checked copy of the artifact, which goes when it is closed.

        Raises:
            KeyError: it is not stored, or damaged; a damaged one is removed, so that it is made again.
            StoreUnavailableError: asking again may help.
            StoreRefusedError: it can't.
        """
        where = self.locate(tenant, sha256, suffix)
        for attempt in range(1, ATTEMPTS + 1):
            copy = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115
            try:
                with asking(where):
                    self._read(tenant, sha256, suffix, copy)
            except StoreUnavailableError:
                copy.close()
                if attempt == ATTEMPTS:
                    raise
            except BaseException:
                copy.close()
                raise
            else:
                copy.seek(0)
                return cast("BinaryIO", copy)
        raise AssertionError

    def put(self, tenant: str, sha256: str, suffix: str, content: bytes) -> str:
        """Stores the artifact whole or not at all; of two writers the first one's content stays.

        Raises:
            StoreUnavailableError: asking again may help, and does no harm.
            StoreRefusedError: it can't.
        """
        return self._put(tenant, sha256, suffix, io.BytesIO(content), hashlib.sha256(content).hexdigest())

    def put_file(self, tenant: str, sha256: str, suffix: str, file: BinaryIO) -> str:
        """Stores a file under the hash of its content, whole or not at all; it is read from its start, twice.

        Raises:
            ValueError: its content has another hash.
            StoreUnavailableError: asking again may help, and does no harm.
            StoreRefusedError: it can't.
        """
        if (actual := hash_of(file)) != sha256:
            raise ValueError(f"The content to be stored as {sha256} has the hash {actual}.")
        return self._put(tenant, sha256, suffix, file, actual)

    def locate(self, tenant: str, sha256: str, suffix: str) -> str:
        """Returns the artifact's address, ``s3://bucket/key``."""
        return f"s3://{self._bucket_of(tenant)}/{self._key(tenant, sha256, suffix)}"

    def list(self, tenant: str) -> Iterator[StoredArtifact]:
        """Yields the tenant's artifacts by hash; objects of other names are passed over."""
        for seen in self._seen(tenant):
            named = parse_artifact_name(seen.name)
            if named and seen.size is not None and seen.used_at is not None:
                yield StoredArtifact(*named, seen.size, seen.used_at)

    def delete(self, tenant: str, sha256: str, suffix: str, *, unused_since: datetime) -> bool:
        """Deletes the artifact unless it was stored or used since; True where it is gone because of this call."""
        return self._use(tenant, sha256, suffix).delete(unused_since)

    def tenants(self) -> Iterator[str]:
        """Yields the tenants that have artifacts, sorted."""
        if TENANT not in self._bucket:
            yield from self._tenants_in(self._bucket)
            return
        before, _, after = self._bucket.partition(TENANT)
        with asking("the list of buckets"):
            buckets = {bucket["Name"] for bucket in self._client.list_buckets()["Buckets"]}
        named = (name[len(before) : len(name) - len(after)] for name in sorted(buckets))
        for tenant in named:
            if is_slug(tenant) and self._bucket_of(tenant) in buckets:
                yield from (one for one in self._tenants_in(self._bucket_of(tenant)) if one == tenant)

    def remove_scratch(self, tenant: str, *, unused_since: datetime, dry_run: bool = False) -> Removed:
        """Removes notes of artifacts that are gone, and decisions of clean-ups that were killed."""
        removed = Removed()
        for seen in self._seen(tenant):
            for mark in MARKS:
                found = seen.marks.get(mark)
                orphan = found is not None and (seen.size is None or mark == DECIDING)
                if found is None or not orphan or found > unused_since:
                    continue
                removed += Removed(1, 0)
                if not dry_run:
                    with asking(seen.name):
                        key = f"{self._folder(tenant)}{seen.name[:2]}/{seen.name}{mark}"
                        self._client.delete_object(Bucket=self._bucket_of(tenant), Key=key)
        return removed

    def _put(self, tenant: str, sha256: str, suffix: str, file: BinaryIO, checksum: str) -> str:
        bucket, key = self._bucket_of(tenant), self._key(tenant, sha256, suffix)
        where, use = self.locate(tenant, sha256, suffix), self._use(tenant, sha256, suffix)
        while True:
            file.seek(0)
            with asking(where):
                try:
                    self._client.put_object(
                        Bucket=bucket,
                        Key=key,
                        Body=file,
                        Metadata={SHA256: checksum},
                        ChecksumSHA256=b64encode(bytes.fromhex(checksum)).decode(),
                        IfNoneMatch="*",
                    )
                except ClientError as error:
                    if code_of(error) not in LOST:
                        raise
            # A clean-up that was about to delete what was here before may have taken this one.
            if use.note():
                return where

    def _read(self, tenant: str, sha256: str, suffix: str, copy: tempfile.SpooledTemporaryFile[bytes]) -> None:
        bucket, key = self._bucket_of(tenant), self._key(tenant, sha256, suffix)
        try:
            found = self._client.get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if code_of(error) in ABSENT:
                raise KeyError(f"{sha256}{suffix}") from error
            raise
        digest = hashlib.sha256()
        for piece in found["Body"].iter_chunks(CHUNK_BYTES):
            digest.update(piece)
            copy.write(piece)
        # One without a checksum was copied here by another program, and is taken as it is.
        if found["Metadata"].get(SHA256, digest.hexdigest()) != digest.hexdigest():
            self._client.delete_object(Bucket=bucket, Key=key, IfMatch=found["ETag"])
            raise KeyError(f"{sha256}{suffix} was damaged")

    def _seen(self, tenant: str) -> Iterator[Seen]:
        """Yields what is there, one after the other, with the marks beside it."""
        folder, pages = self._folder(tenant), self._client.get_paginator("list_objects_v2")
        with asking(f"s3://{self._bucket_of(tenant)}/{folder}"):
            entries = (
                entry
                for page in pages.paginate(Bucket=self._bucket_of(tenant), Prefix=folder)
                for entry in page.get("Contents", [])
            )
            # The marks of an artifact may stand behind another one of the same hash.
            for _, same_hash in groupby(entries, lambda entry: entry["Key"][: len(folder) + 67]):
                yield from Seen.each(folder, same_hash)

    def _tenants_in(self, bucket: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2")
        with asking(f"s3://{bucket}/{self._prefix}"):
            for page in pages.paginate(Bucket=bucket, Prefix=self._prefix, Delimiter="/"):
                for folder in page.get("CommonPrefixes", []):
                    tenant = folder["Prefix"].removeprefix(self._prefix).removesuffix("/")
                    if is_slug(tenant):
                        yield tenant

    def _use(self, tenant: str, sha256: str, suffix: str) -> ArtifactUse:
        return ArtifactUse(
            self._client, self._bucket_of(tenant), self._key(tenant, sha256, suffix), time.monotonic, time.sleep
        )

    def _key(self, tenant: str, sha256: str, suffix: str) -> str:
        name = artifact_name(sha256, suffix)
        return f"{self._folder(tenant)}{sha256[:2]}/{name}"

    def _folder(self, tenant: str) -> str:
        return f"{self._prefix}{check_slug(tenant, 'tenant')}/"

    def _bucket_of(self, tenant: str) -> str:
        return self._bucket.replace(TENANT, check_slug(tenant, "tenant"))
