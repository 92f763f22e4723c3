"""Documents as S3 objects, written on condition of their ETag.

Works where the store honours ``If-Match`` and ``If-None-Match`` on PUT, as AWS S3 and Ceph do;
``check_conditions`` tells.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from esl_pipeline.stores.documents import Document, DocumentChangedError, StoreUnavailableError
from esl_pipeline.stores.s3_asking import words_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

T = TypeVar("T")
LOST = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})
"""Somebody else wrote first.

**Source**: Amazon S3 User Guide, "How to prevent object overwrites with conditional writes", read 2026-11-24.
"""
CONDITIONS = "conditions.json"
"""What conditions are tried on."""
WRITER = "writer"
"""Metadata that tells one write from another of the same content."""
ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})


class UnsuitableStoreError(Exception):
    """The store writes without regard to conditions, so it can't keep state that is shared."""


class S3Documents:
    """Documents in one bucket below a prefix.

    Args:
        client: boto3's S3 client.
        bucket: its name.
        prefix: put before every key; empty or ending in a slash.
    """

    def __init__(self, client: S3Client, bucket: str, prefix: str = "") -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix
        self._lock, self._is_checked = Lock(), False

    def get(self, key: str) -> Document | None:
        """Returns the document, None where there is none."""
        found = self._read(key)
        return found[0] if found else None

    def _read(self, key: str) -> tuple[Document, str] | None:
        """Returns the document and who wrote it."""

        def read() -> tuple[Document, str]:
            found = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
            document = Document(key, found["Body"].read(), found["ETag"].strip('"'))
            return document, found["Metadata"].get(WRITER, "")

        try:
            return self._asked("give", key, read)
        except ClientError as error:
            if _code(error) in ABSENT:
                return None
            raise StoreUnavailableError(self._did_not("give", key, error)) from error

    def put(self, key: str, content: bytes, *, expected: str | None) -> str:
        """Writes the document if it still has the version that was read; returns the new version.

        An answer that got lost is settled by reading: each write has a mark of its own. Before the first write it is
        tried whether the bucket heeds conditions.

        Raises:
            DocumentChangedError: it has another version by now.
            UnsuitableStoreError: conditions are ignored.
            StoreUnavailableError: it is not certain that it was written, or S3 refuses.
        """
        with self._lock:
            if not self._is_checked:
                self.check_conditions()
                self._is_checked = True
        return self._put(key, content, expected)

    def _put(self, key: str, content: bytes, expected: str | None) -> str:
        writer = uuid.uuid4().hex
        try:
            return self._write(key, content, expected, writer)
        except ClientError as error:
            if _code(error) not in LOST | ABSENT:
                raise StoreUnavailableError(self._did_not("take", key, error)) from error
            # A write that boto3 repeated because its answer was lost meets itself.
            if version := self._version_of(key, writer):
                return version
            raise DocumentChangedError(key) from error
        except StoreUnavailableError:
            if version := self._version_of(key, writer):
                return version
            raise

    def _write(self, key: str, content: bytes, expected: str | None, writer: str) -> str:
        condition: dict[str, Any] = {"IfNoneMatch": "*"} if expected is None else {"IfMatch": expected}
        written = self._asked(
            "take",
            key,
            lambda: self._client.put_object(
                Bucket=self._bucket,
                Key=self._prefix + key,
                Body=content,
                ContentType="application/json",
                Metadata={WRITER: writer},
                **condition,
            ),
        )
        return written["ETag"].strip('"')

    def _version_of(self, key: str, writer: str) -> str | None:
        found = self._read(key)
        return found[0].version if found and found[1] == writer else None

    def delete(self, key: str) -> None:
        """Removes a document."""
        try:
            self._asked("delete", key, lambda: self._client.delete_object(Bucket=self._bucket, Key=self._prefix + key))
        except ClientError as error:
            raise StoreUnavailableError(self._did_not("delete", key, error)) from error

    def keys(self, prefix: str) -> Iterator[str]:
        """Yields the keys that begin with ``prefix``, sorted."""
        return (key for key, _ in self.versions(prefix) if key != CONDITIONS)

    def versions(self, prefix: str, after: str = "") -> Iterator[tuple[str, str]]:
        """Yields the keys that begin with ``prefix`` and come after another one, sorted, with their versions."""
        for entry in self._listed(prefix, after):
            yield entry["Key"].removeprefix(self._prefix), entry["ETag"].strip('"')

    def first_key(self, prefix: str, after: str) -> str | None:
        """Returns the first of the keys that begin with ``prefix`` and come after another one."""
        first = next(iter(self._listed(prefix, after, page_size=1)), None)
        return first["Key"].removeprefix(self._prefix) if first else None

    def _listed(self, prefix: str, after: str, page_size: int = 1000) -> Iterator[ObjectTypeDef]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket,
            Prefix=self._prefix + prefix,
            StartAfter=self._prefix + after if after else "",
            PaginationConfig={"PageSize": page_size},
        )
        try:
            for page in pages:
                yield from page.get("Contents", [])
        except (BotoCoreError, ClientError) as error:
            raise StoreUnavailableError(self._did_not("list", prefix, error)) from error

    def check_conditions(self) -> None:
        """Tries whether conditions are honoured; one small object is left behind.

        Raises:
            UnsuitableStoreError: they are not.
        """
        if self.get(CONDITIONS) is None:
            with suppress(DocumentChangedError):  # another program may be first
                self._put(CONDITIONS, b"{}", None)
        for expected in (None, "0" * 32):
            try:
                self._write(CONDITIONS, b'{"conditions": false}', expected, uuid.uuid4().hex)
            except ClientError as error:
                if _code(error) in LOST:
                    continue
                raise StoreUnavailableError(self._did_not("take", CONDITIONS, error)) from error
            raise UnsuitableStoreError(
                f"The bucket {self._bucket} ignores conditions on writes, so two runs could lose each other's "
                "state. Use AWS S3, Ceph or another store that honours If-Match."
            )

    def _asked(self, verb: str, key: str, request: Callable[[], T]) -> T:
        try:
            return request()
        except BotoCoreError as error:
            raise StoreUnavailableError(self._did_not(verb, key, error)) from error
        except ClientError as error:
            if int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= 500:
                raise StoreUnavailableError(self._did_not(verb, key, error)) from error
            raise

    def _did_not(self, verb: str, key: str, error: BotoCoreError | ClientError) -> str:
        return f"S3 did not {verb} s3://{self._bucket}/{self._prefix}{key}: {words_of(error)}"


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
