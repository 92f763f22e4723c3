"""What the page stages need of Notion; clients/notion.py is the real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

Json = dict[str, Any]


class NotionApi(Protocol):
    """Requests of Notion's API, version 2026-03-11, one method each; all raise RejectedError or UnavailableError.

    Reads are repeated by the client. Writes are repeated only where the vendor says that nothing was written;
    an UnavailableError with ``may_have_happened`` must be settled by reading.
    """

    @property
    def requests_made(self) -> int:
        """Requests sent since the client was made, repeated ones included."""

    def retrieve_database(self, database_id: str) -> Json:
        """Returns a database with its ``data_sources``; it has no ``properties``."""

    def retrieve_data_source(self, data_source_id: str) -> Json:
        """Returns a data source with its ``properties``."""

    def update_data_source(self, data_source_id: str, properties: Mapping[str, Any]) -> Json:
        """Adds or changes columns."""

    def query_data_source(self, data_source_id: str, filter: Mapping[str, Any] | None = None) -> list[Json]:
        """Returns all matching pages, over all result pages."""

    def search(self, title: str, kind: Literal["page", "data_source"]) -> list[Json]:
        """Returns pages or data sources whose titles have these words; an index that lags and need not be complete."""

    def retrieve_user(self, user_id: str = "me") -> Json:
        """Returns a user; ``me`` is the integration itself."""

    def create_page(self, body: Mapping[str, Any]) -> Json:
        """Creates a page from a whole request body."""

    def retrieve_page(self, page_id: str) -> Json:
        """Returns a page."""

    def update_page(self, page_id: str, body: Mapping[str, Any]) -> Json:
        """Changes properties, icon or cover."""

    def list_children(self, block_id: str) -> list[Json]:
        """Returns all first-level blocks of a page or block, in order, over all result pages."""

    def append_children(
        self, block_id: str, children: Sequence[Mapping[str, Any]], position: Mapping[str, Any] | None = None
    ) -> list[Json]:
        """Appends 1 to 100 blocks; returns the new first-level blocks in order.

        Args:
            block_id: page or block that gets them.
            children: blocks as the API takes them.
            position: Notion's position object; the end where None.
        """

    def retrieve_block(self, block_id: str) -> Json:
        """Returns a block without its children."""

    def update_block(self, block_id: str, body: Mapping[str, Any]) -> Json:
        """Changes a block's own content: ``{"<type>": {…}}``."""

    def delete_block(self, block_id: str) -> Json:
        """Moves a block to the trash; one already gone is no error."""

    def create_file_upload(self, filename: str, content_type: str, parts: int = 1) -> Json:
        """Begins an upload, in so many parts; one that is attached to nothing within an hour is gone."""

    def send_file_upload(
        self, upload_id: str, content: bytes, *, filename: str, content_type: str, part: int | None = None
    ) -> Json:
        """Sends a file, or the ``part`` of it, counted from 1."""

    def complete_file_upload(self, upload_id: str) -> Json:
        """Ends an upload that was sent in parts."""

    def retrieve_file_upload(self, upload_id: str) -> Json:
        """Returns an upload; its ``expiry_time`` is None once it is attached to something."""
