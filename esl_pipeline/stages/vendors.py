"""The vendors as the stages need them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from esl_pipeline.manifests.settings import Settings
from esl_pipeline.stages.notion_api import Json, NotionApi


class Spoken(Protocol):
    """The speech of one request."""

    @property
    def pcm(self) -> bytes:
        """Samples, signed 16 bit little-endian mono."""

    @property
    def sample_rate_hz(self) -> int:
        """Samples per second."""

    @property
    def character_cost(self) -> int | None:
        """Characters that the vendor billed, None where it does not say."""


class SpeechApi(Protocol):
    """What the speech stage needs of ElevenLabs."""

    def list_voices(self) -> list[Json]:
        """Returns the account's voices."""

    def synthesize(self, voice_id: str, body: Mapping[str, Any], *, output_format: str = "pcm_24000") -> Spoken:
        """Buys the speech of one text."""


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
    """The clients of one tenant; ``speech_endpoint`` is a part of every segment's hash."""

    notion: NotionApi
    speech: SpeechApi
    objects: ObjectStorage
    speech_endpoint: str


VendorProvider = Callable[[str, Settings], Vendors]
"""Gives a tenant's clients, made with its credentials; called after the manifest proved valid."""
