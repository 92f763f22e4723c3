"""An inbox that is a part of a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from esl_pipeline.stages.asking import MANIFEST_SUFFIXES, MAX_FILE_BYTES, AskingError, ManifestText, text_of, unreadable
from esl_pipeline.stages.inbox import InboxFile, Misplaced, TenantFiles
from esl_pipeline.stores.s3_asking import ABSENT, StoreRefusedError, asking, code_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

FIX = "Put it below its tenant's name."
NS = 1_000_000_000


class S3Inbox:
    """Objects ``<prefix><tenant>/<assignment>.…``; a list request per 1,000 of them, and one per object that is read.

    Args:
        client: boto3's S3 client.
        bucket: its name.
        prefix: put before every path; empty or ending in a slash.
    """

    def __init__(self, client: S3Client, bucket: str, prefix: str = "") -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix

    @property
    def place(self) -> str:
        """Its address."""
        return f"s3://{self._bucket}/{self._prefix}"

    def tenants(self) -> Iterator[TenantFiles | Misplaced]:
        """Yields what lies below each tenant's name, one tenant's objects in memory at a time."""
        for tenant, found in groupby(self._objects(""), key=lambda one: _path(one, self._prefix).partition("/")[0]):
            paths = [(_path(one, self._prefix), one) for one in found]
            files = tuple(_file(path.partition("/")[2], one) for path, one in paths if "/" in path)
            if files:
                yield TenantFiles(tenant, files, max(file.changed_at for file in files))
            else:
                yield Misplaced(tenant, f"It lies below no tenant's name. {FIX}")

    def find(self, tenant: str, assignment: str) -> str | None:
        """Returns the path of an assignment's manifest, else of its lesson alone, else None; a list request."""
        found = {_path(one, self._prefix) for one in self._objects(f"{tenant}/{assignment}.")}
        paths = (f"{tenant}/{assignment}{suffix}" for suffix in MANIFEST_SUFFIXES)
        return next((path for path in paths if path in found), None)

    def manifest(self, path: str) -> ManifestText:
        """Reads a manifest, or a lesson as its own manifest."""
        folder = PurePosixPath(path).parent
        return ManifestText(
            self._text(path), PurePosixPath(path).name, lambda lesson: self._text(str(folder / PurePosixPath(lesson)))
        )

    def holds(self, tenant: str) -> bool:
        """Tells whether there is an object of the tenant."""
        return next(self._objects(f"{tenant}/"), None) is not None

    def within(self, path: str) -> str | None:  # noqa: ARG002 that of an inbox
        """Returns None: no file of this machine lies in a bucket."""
        return None

    def _text(self, path: str) -> str:
        name = PurePosixPath(path).name
        try:
            with asking(f"{self.place}{path}"):
                found = self._client.get_object(Bucket=self._bucket, Key=self._prefix + path)
                content = found["Body"].read(MAX_FILE_BYTES + 1)
        except StoreRefusedError as error:
            is_absent = isinstance(error.__cause__, ClientError) and code_of(error.__cause__) in ABSENT
            why = "it is not there" if is_absent else str(error)
            raise AskingError((unreadable(name, f"The file can't be read: {why}.", "Check its path."),)) from error
        return text_of(content, name)

    def _objects(self, begin: str) -> Iterator[ObjectTypeDef]:
        """Yields manifests and lessons whose paths begin so, by code points; hidden ones are passed over."""
        pages = iter(
            self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix + begin)
        )
        while True:
            with asking(self.place):
                page = next(pages, None)
            if page is None:
                return
            yield from (one for one in page.get("Contents", []) if _counts(_path(one, self._prefix)))


def _path(found: ObjectTypeDef, prefix: str) -> str:
    return found["Key"].removeprefix(prefix)


def _counts(path: str) -> bool:
    return path.lower().endswith(MANIFEST_SUFFIXES) and not path.startswith(".") and "/." not in path


def _file(path: str, found: ObjectTypeDef) -> InboxFile:
    return InboxFile(path, int(found["LastModified"].timestamp()) * NS, found["ETag"])
