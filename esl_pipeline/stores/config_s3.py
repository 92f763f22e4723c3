"""Tenants' settings as objects of an S3 bucket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from esl_pipeline.slugs import check_slug
from esl_pipeline.stores.config import (
    MAX_BYTES,
    SUFFIXES,
    ConfigRefusedError,
    ConfigText,
    ConfigUnavailableError,
    document_of,
    one_of,
    tenants_in,
)
from esl_pipeline.stores.s3_asking import words_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUSY = frozenset({429, 500, 502, 503, 504})


class S3Config:
    """Documents ``<prefix><tenant>.yaml``, ``.yml`` or ``.json``; an unchanged one costs a list request alone.

    Args:
        client: boto3's S3 client.
        bucket: its name.
        prefix: put before every name; empty or ending in a slash.
    """

    def __init__(self, client: S3Client, bucket: str, prefix: str = "") -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix

    def read(self, tenant: str, known: ConfigText | None = None) -> ConfigText | None:
        """Returns a tenant's document, None where it has none."""
        names = {check_slug(tenant, "tenant") + suffix for suffix in SUFFIXES}
        found = {name: etag for name, etag in self._objects(f"{tenant}.").items() if name in names}
        file = one_of(found)
        if file is None:
            return None
        if known and (known.file, known.version) == (file, found[file]):
            return known
        with self._asking():
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + file)
            return document_of(answer["Body"].read(MAX_BYTES + 1), file, answer["ETag"])

    def tenants(self) -> Sequence[str]:
        """Returns the tenants that have an object, sorted."""
        return tenants_in(self._objects(""))

    def _objects(self, begin: str) -> Mapping[str, str]:
        """Returns the ETags of the objects whose names begin so, by name."""
        pages = self._client.get_paginator("list_objects_v2")
        with self._asking():
            return {
                entry["Key"].removeprefix(self._prefix): entry["ETag"]
                for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix + begin, Delimiter="/")
                for entry in page.get("Contents", [])
            }

    @contextmanager
    def _asking(self) -> Iterator[None]:
        where = f"s3://{self._bucket}/{self._prefix}"
        try:
            yield
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            if status in BUSY:
                raise ConfigUnavailableError(f"The settings at {where} are out of reach: {words_of(error)}") from error
            raise ConfigRefusedError(f"The settings at {where} can't be read: {words_of(error)}") from error
        except BotoCoreError as error:
            raise ConfigUnavailableError(f"The settings at {where} are out of reach: {words_of(error)}") from error
