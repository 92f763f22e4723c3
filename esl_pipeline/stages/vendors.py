"""The vendors as the stages need them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from esl_pipeline.manifests.settings import Settings
from esl_pipeline.speech import SpeechEngine
from esl_pipeline.stages.notion_api import NotionApi


class StoredObject(Protocol):
    """An object of a bucket."""

    @property
    def key(self) -> str:
        """Its name."""

    @property
    def size(self) -> int:
        """Its length in bytes."""

    @property
    def modified_at(self) -> datetime:
        """When it was written, with a time zone."""


class SeenObject(Protocol):
    """An object's head."""

    @property
    def size(self) -> int:
        """Its length in bytes."""

    def holds(self, sha256: str) -> bool:
        """Tells whether the content has a hash, as far as the store says; an empty one is not compared."""


class ObjectStorage(Protocol):
    """What the stages, the clean-up and the checks need of S3."""

    @property
    def bucket(self) -> str:
        """Name of the bucket."""

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
        """Puts an object unless it is there with the same hash; True where it was written."""

    def look(self, key: str) -> SeenObject | None:
        """Returns what the bucket says of an object, None where there is none."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yields the objects whose keys begin with a prefix."""

    def delete(self, key: str) -> None:
        """Deletes an object; one that is gone already is no error."""

    def url(self, key: str, public_base_url: str | None = None) -> str:
        """Returns the address at which the object is read."""

    def sign(self, key: str, lifetime_s: int) -> str:
        """Returns an address at which anybody may read the object until its signature ends."""


@dataclass(frozen=True)
class Vendors:
    """The clients of one tenant."""

    notion: NotionApi
    speech: SpeechEngine
    objects: ObjectStorage


VendorProvider = Callable[[str, Settings], Vendors]
"""Gives a tenant's clients, made with its credentials; called after the manifest proved valid."""
