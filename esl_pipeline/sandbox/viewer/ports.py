"""What the viewer needs of the sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

Json = dict[str, Any]


class StoredFile(Protocol):
    """A whole file."""

    @property
    def content(self) -> bytes:
        """Its bytes."""

    @property
    def content_type(self) -> str:
        """What it is."""


class NotionPages(Protocol):
    """The sandbox's pages, in the shape of the API."""

    def pages(self) -> list[Json]:
        """Returns all pages, newest first."""

    def page(self, page_id: str) -> Json | None:
        """Returns one page, None where there is none of this id."""

    def children(self, block_id: str) -> list[Json]:
        """Returns the blocks directly in a page or block, in order."""

    def file(self, upload_id: str, ends: str, signature: str) -> StoredFile | None:
        """Returns an uploaded file, None where its address was never given or has ended."""

    def edit(self, body: Any) -> Json:
        """Does what a person does in Notion's own editor; see Workspace.edit."""


class RequestEntry(Protocol):
    """One request that a vendor's stand-in answered."""

    @property
    def vendor(self) -> str:
        """``notion``, ``elevenlabs`` or ``s3``."""

    @property
    def method(self) -> str:
        """HTTP method."""

    @property
    def path(self) -> str:
        """Path of the URL."""

    @property
    def status(self) -> int:
        """HTTP status of the answer."""

    @property
    def at(self) -> Any:
        """When it came, as a datetime or in seconds since 1970."""

    @property
    def seconds(self) -> float:
        """How long the answer took."""


class RequestLog(Protocol):
    """The requests so far."""

    def entries(self) -> Sequence[RequestEntry]:
        """Returns them, oldest first."""
