"""Notion's API, version 2026-03-11, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

from urllib3 import encode_multipart_formdata

from esl_pipeline.clients.bodies import garbled, read_object
from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.http import Credential, HttpCaller
from esl_pipeline.clients.notion_errors import ALREADY_GONE, NOTION, is_archived
from esl_pipeline.clients.pace import Paced
from esl_pipeline.clients.retry import RetryPolicy
from esl_pipeline.clients.surroundings import Surroundings
from esl_pipeline.clients.wire import Answer, HttpRequest

Json = dict[str, Any]
T = TypeVar("T")

VERSION = "2026-03-11"
"""**Source**: developers.notion.com/reference/versioning, read 2026-09-21: the newest version."""

PAGE_SIZE = 100
"""**Source**: developers.notion.com/reference/intro, pagination, read 2026-09-21: the largest page."""

POLICY = RetryPolicy(read_timeout_s=70.0)
"""Notion itself gives up after 60 s and says what it wrote; a shorter time-out would miss that.

**Source**: developers.notion.com/reference/request-limits, read 2026-09-21.
"""

REQUESTS_PER_MINUTE = 180
"""What each connection of a Free or Plus workspace may send in any minute, in a burst if need be; 600 in a Business or
Enterprise one.

**Source**: developers.notion.com/reference/request-limits, read 2026-11-23.
"""

_ID = re.compile(r"[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{4}\1[0-9a-fA-F]{12}")


class NotionClient:
    """One method per request; see ``stages.notion_api.NotionApi`` for what each promises.

    Args:
        token: an integration's secret.
        base_url: ``https://api.notion.com`` or the sandbox.
        tenant: whose token it is; for logs.
        policy: limits of a call.
        paced: keeps the token's limits together with all who have the same token; nobody does where None.
        surroundings: clock, chance and wire.
    """

    def __init__(
        self,
        token: str,
        base_url: str,
        *,
        tenant: str = "",
        policy: RetryPolicy = POLICY,
        paced: Paced | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        self._http = HttpCaller(
            NOTION,
            base_url,
            Credential("Authorization", token, "Bearer"),
            policy,
            tenant=tenant,
            headers={"Notion-Version": VERSION},
            paced=paced,
            surroundings=surroundings,
        )

    @property
    def requests_made(self) -> int:
        """Requests sent since the client was made, repeated ones included."""
        return self._http.requests_made

    def retrieve_database(self, database_id: str) -> Json:
        """Returns a database with its ``data_sources``; it has no ``properties``."""
        return self._http.call(HttpRequest("GET", _path("databases", database_id)), _read_identified)

    def retrieve_data_source(self, data_source_id: str) -> Json:
        """Returns a data source with its ``properties``."""
        return self._http.call(HttpRequest("GET", _path("data_sources", data_source_id)), _read_identified)

    def update_data_source(self, data_source_id: str, properties: Mapping[str, Any]) -> Json:
        """Adds or changes columns."""
        body = {"properties": dict(properties)}
        return self._http.call(HttpRequest("PATCH", _path("data_sources", data_source_id), body=body), _read_identified)

    def query_data_source(self, data_source_id: str, filter: Mapping[str, Any] | None = None) -> list[Json]:
        """Returns all matching pages, over all result pages.

        Raises:
            RejectedError: more match than Notion lists.
        """
        path = f"{_path('data_sources', data_source_id)}/query"
        asked: Json = {"page_size": PAGE_SIZE} if filter is None else {"page_size": PAGE_SIZE, "filter": dict(filter)}

        def page_after(cursor: str | None) -> HttpRequest:
            body = asked if cursor is None else {**asked, "start_cursor": cursor}
            return HttpRequest("POST", path, body=body, reads=True)

        return [found for found in self._all(page_after) if found.get("object", "page") == "page"]

    def search(self, title: str, kind: Literal["page", "data_source"]) -> list[Json]:
        """Returns pages or data sources whose titles have these words; an index that lags and need not be complete.

        **Source**: developers.notion.com/reference/post-search, read 2026-11-23.
        """
        asked: Json = {"query": title, "filter": {"property": "object", "value": kind}, "page_size": PAGE_SIZE}

        def page_after(cursor: str | None) -> HttpRequest:
            body = asked if cursor is None else {**asked, "start_cursor": cursor}
            return HttpRequest("POST", "/v1/search", body=body, reads=True)

        return [found for found in self._all(page_after) if found.get("object") == kind]

    def retrieve_user(self, user_id: str = "me") -> Json:
        """Returns a user; ``me`` is the integration itself."""
        path = "/v1/users/me" if user_id == "me" else _path("users", user_id)
        return self._http.call(HttpRequest("GET", path), _read_identified)

    def create_page(self, body: Mapping[str, Any]) -> Json:
        """Creates a page from a whole request body."""
        return self._http.call(HttpRequest("POST", "/v1/pages", body=dict(body)), _read_identified)

    def retrieve_page(self, page_id: str) -> Json:
        """Returns a page."""
        return self._http.call(HttpRequest("GET", _path("pages", page_id)), _read_identified)

    def update_page(self, page_id: str, body: Mapping[str, Any]) -> Json:
        """Changes properties, icon or cover."""
        return self._http.call(HttpRequest("PATCH", _path("pages", page_id), body=dict(body)), _read_identified)

    def list_children(self, block_id: str) -> list[Json]:
        """Returns all first-level blocks of a page or block, in order, over all result pages."""
        path = f"{_path('blocks', block_id)}/children"

        def page_after(cursor: str | None) -> HttpRequest:
            query = {"page_size": str(PAGE_SIZE)}
            return HttpRequest("GET", path, query if cursor is None else {**query, "start_cursor": cursor})

        return self._all(page_after)

    def append_children(
        self, block_id: str, children: Sequence[Mapping[str, Any]], position: Mapping[str, Any] | None = None
    ) -> list[Json]:
        """Appends 1 to 100 blocks; returns the new first-level blocks in order, and maybe some that follow them."""
        body: Json = {"children": [dict(child) for child in children]}
        if position is not None:
            body["position"] = dict(position)
        request = HttpRequest("PATCH", f"{_path('blocks', block_id)}/children", body=body)

        def read_new(answer: Answer) -> list[Json]:
            blocks = _listed(read_object(answer), answer)
            if len(blocks) < len(children) or not all(isinstance(block.get("id"), str) for block in blocks):
                raise garbled("the answer does not list the new blocks", answer)
            return blocks

        return self._http.call(request, read_new)

    def retrieve_block(self, block_id: str) -> Json:
        """Returns a block without its children."""
        return self._http.call(HttpRequest("GET", _path("blocks", block_id)), _read_identified)

    def update_block(self, block_id: str, body: Mapping[str, Any]) -> Json:
        """Changes a block's own content: ``{"<type>": {…}}``."""
        return self._http.call(HttpRequest("PATCH", _path("blocks", block_id), body=dict(body)), _read_identified)

    def delete_block(self, block_id: str) -> Json:
        """Moves a block to the trash; one already gone is no error."""
        try:
            return self._http.call(HttpRequest("DELETE", _path("blocks", block_id)), _read_identified)
        except RejectedError as error:
            if error.code not in ALREADY_GONE and not (error.code == "validation_error" and is_archived(error.message)):
                raise
        return {"object": "block", "id": block_id, "in_trash": True}

    def create_file_upload(self, filename: str, content_type: str, parts: int = 1) -> Json:
        """Begins an upload; one that is attached to nothing within an hour is gone, so a second one does no harm."""
        body: Json = {"mode": "single_part", "filename": filename, "content_type": content_type}
        if parts > 1:
            body |= {"mode": "multi_part", "number_of_parts": parts}
        return self._http.call(HttpRequest("POST", "/v1/file_uploads", body=body, harmless=True), _read_identified)

    def send_file_upload(
        self, upload_id: str, content: bytes, *, filename: str, content_type: str, part: int | None = None
    ) -> Json:
        """Sends a file, or the ``part`` of it, counted from 1: 5 to 20 MiB each but the last."""
        fields: dict[str, Any] = {"file": (filename, content, content_type)}
        if part is not None:
            fields["part_number"] = str(part)
        sent, sent_type = encode_multipart_formdata(fields)
        path = f"{_path('file_uploads', upload_id)}/send"
        request = HttpRequest("POST", path, content=sent, headers={"Content-Type": sent_type})
        return self._http.call(request, _read_identified)

    def complete_file_upload(self, upload_id: str) -> Json:
        """Ends an upload that was sent in parts."""
        return self._http.call(HttpRequest("POST", f"{_path('file_uploads', upload_id)}/complete"), _read_identified)

    def retrieve_file_upload(self, upload_id: str) -> Json:
        """Returns an upload; its ``expiry_time`` is None once it is attached to something."""
        return self._http.call(HttpRequest("GET", _path("file_uploads", upload_id)), _read_identified)

    def _all(self, page_after: Callable[[str | None], HttpRequest]) -> list[Json]:
        """Returns what is on all result pages."""
        found: list[Json] = []
        seen: set[str] = set()
        cursor: str | None = None

        def read_page(answer: Answer) -> tuple[list[Json], str | None]:
            listing = read_object(answer)
            after = listing.get("next_cursor") if listing.get("has_more") else None
            if listing.get("has_more") and (not isinstance(after, str) or after in seen):
                raise garbled("the list of results goes in a circle", answer)
            _check_complete(listing)
            return _listed(listing, answer), after

        while True:
            page, cursor = self._http.call(page_after(cursor), read_page)
            found += page
            if cursor is None:
                return found
            seen.add(cursor)


def _path(collection: str, object_id: str) -> str:
    if not _ID.fullmatch(object_id):
        raise RejectedError(
            "notion",
            "invalid_id",
            f"“{object_id[:80]}” is not an id of Notion",
            fix="An id has 32 hexadecimal digits, as at the end of the page's address, with or without dashes.",
        )
    return f"/v1/{collection}/{object_id}"


def _read_identified(answer: Answer) -> Json:
    content = read_object(answer)
    if not isinstance(content.get("id"), str):
        raise garbled("the answer has no id", answer)
    return content


def _listed(listing: Json, answer: Answer) -> list[Json]:
    entries = listing.get("results")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise garbled("the answer has no list of results", answer)
    return entries


def _check_complete(listing: Json) -> None:
    """Refuses a list that Notion cut off at 10,000 rows (changelog of 2026-04-20)."""
    status = listing.get("request_status")
    if isinstance(status, dict) and status.get("type") == "incomplete":
        raise RejectedError(
            "notion",
            str(status.get("incomplete_reason") or "incomplete"),
            "more pages match than Notion lists",
            request_id=listing.get("request_id"),
            fix="Archive rows of the data source, or use another one.",
        )
