"""The vendors as the stages need them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from esl_pipeline.manifests.settings import Settings
from esl_pipeline.speech import SpeechEngine
from esl_pipeline.stages.notion_api import NotionApi


class ObjectStorage(Protocol):
    """What the upload stage needs of S3."""

    @property
    def bucket(self) -> str:
        """Name of the bucket."""

    def put(
        self, key: str, content: bytes, *, content_type: str, sha256: str, cache_control: str | None = None
    ) -> bool:
        """Puts an object unless it is there with the same hash; True where it was written."""

    def url(self, key: str, public_base_url: str | None = None) -> str:
        """Returns the address at which the object is read."""


@dataclass(frozen=True)
class Vendors:
    """The clients of one tenant."""

    notion: NotionApi
    speech: SpeechEngine
    objects: ObjectStorage


VendorProvider = Callable[[str, Settings], Vendors]
"""Gives a tenant's clients, made with its credentials; called after the manifest proved valid."""
