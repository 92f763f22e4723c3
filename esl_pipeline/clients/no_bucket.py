"""Stands for the bucket of a tenant that has none and needs none."""

# ruff: noqa: ARG002 it is asked as a bucket is

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NoReturn

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.object_looks import SeenObject, StoredObject


class NoBucket:
    """Has no objects and takes none."""

    @property
    def bucket(self) -> str:
        """No name."""
        return ""

    def put(
        self,
        key: str,
        content: BinaryIO,
        *,
        content_type: str,
        sha256: str,
        cache_control: str | None = None,
        filename: str | None = None,
    ) -> bool:
        """Takes nothing.

        Raises:
            RejectedError: always.
        """
        _refuse()

    def look(self, key: str) -> SeenObject | None:
        """Finds nothing."""
        return None

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yields nothing."""
        yield from ()

    def delete(self, key: str) -> None:
        """Has nothing to delete."""

    def url(self, key: str, public_base_url: str | None = None) -> str:
        """Has no address.

        Raises:
            RejectedError: always.
        """
        _refuse()

    def sign(self, key: str, lifetime_s: int) -> str:
        """Has nothing to sign.

        Raises:
            RejectedError: always.
        """
        _refuse()


def _refuse() -> NoReturn:
    fix = "Set S3_BUCKET, or storage.bucket in the tenant's file."
    raise RejectedError("s3", "no_bucket", "there is no bucket", fix=fix)
