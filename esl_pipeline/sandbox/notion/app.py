"""Notion's API over HTTP: who may ask, which request it is, and how it is answered."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from esl_pipeline.sandbox.notion import blocks, file_uploads, pages, queries, sources
from esl_pipeline.sandbox.notion.refusals import Refusal, failed, not_found
from esl_pipeline.sandbox.notion.shapes import UUID, dashed
from esl_pipeline.sandbox.notion.visit import BOT_ID, PERSON_ID, Visit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Json = dict[str, Any]

VERSION = "2026-03-11"
OTHER_VERSIONS = ("2025-09-03", "2022-06-28", "2022-02-22", "2021-08-16", "2021-05-13", "2021-05-11")
LARGEST_BODY_BYTES = 512_000
"""Larger ones were answered 413. **Source**: measured 2026-10-21 by backlot 0.1.0."""

LARGEST_FORM_BYTES = file_uploads.LARGEST_PIECE_BYTES + 65_536
"""A form with a file has no such limit of its own that is told; this one only spares the memory."""

TOKEN = re.compile(r"Bearer (ntn_|secret_)(?!invalid$)\S+")


@dataclass(frozen=True)
class Asked:
    """One request, with its body read."""

    ids: tuple[str, ...]
    body: Any
    query: Mapping[str, list[str]]
    sent: file_uploads.SentPart | None
    base_url: str

    @property
    def id(self) -> str:
        """The id in the path."""
        return self.ids[0]


def _children(visit: Visit, asked: Asked) -> Json:
    return _page_of("block", blocks.all_children(visit, asked.id), asked)


def _page_of(kind: str, found: list[Json], asked: Asked) -> Json:
    """Returns the part of a list that the query asks for."""
    sizes = asked.query.get("page_size", ["100"])
    if not sizes[0].isdigit() or not 1 <= int(sizes[0]) <= queries.MOST_RESULTS:
        raise failed("query.page_size", f"a number from 1 to {queries.MOST_RESULTS}", sizes[0])
    cursor = asked.query.get("start_cursor", [None])[0]
    if cursor is not None and not UUID.fullmatch(cursor):
        raise failed("query.start_cursor", "a valid uuid", cursor)
    return _part(kind, found, cursor, int(sizes[0]))


def _part(kind: str, found: list[Json], cursor: str | None, size: int) -> Json:
    ids = [one["id"] for one in found]
    if cursor is not None and dashed(cursor) not in ids:
        raise queries.bad_cursor(cursor)
    start = ids.index(dashed(cursor)) if cursor else 0
    end = start + size
    return queries.listed(kind, found[start:end], ids[end] if end < len(ids) else None)


def _append(visit: Visit, asked: Asked) -> Json:
    return _part("block", blocks.append_children(visit, asked.id, asked.body), None, queries.MOST_RESULTS)


def _uploads(visit: Visit, asked: Asked) -> Json:
    found = file_uploads.all_uploads(visit, asked.query.get("status", [None])[0])
    return _page_of("file_upload", found, asked)


def _user(visit: Visit, user_id: str) -> Json:
    names = {BOT_ID: "ESL sandbox", PERSON_ID: "A teacher"}
    if user_id not in names:
        raise not_found("user", user_id)
    is_bot = user_id == BOT_ID
    return {
        "object": "user",
        "id": user_id,
        "name": names[user_id],
        "avatar_url": None,
        "type": "bot" if is_bot else "person",
        **({"bot": _bot(visit)} if is_bot else {"person": {}}),
    }


def _bot(visit: Visit) -> Json:
    return {
        "owner": {"type": "workspace", "workspace": True},
        "workspace_id": "5eed0000-0000-4000-8000-0000000000e0",
        "workspace_limits": {"max_file_upload_size_in_bytes": visit.uploads.largest_file_bytes},
        "workspace_name": "ESL sandbox",
    }


Handler = Callable[[Visit, Asked], Json]

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "users/me", lambda visit, _: _user(visit, BOT_ID)),
    ("GET", "users/ID", lambda visit, asked: _user(visit, asked.id)),
    ("GET", "databases/ID", lambda visit, asked: sources.retrieve_database(visit, asked.id)),
    ("POST", "databases", lambda visit, asked: sources.create_database(visit, asked.body)),
    ("POST", "data_sources", lambda visit, asked: sources.create_source(visit, asked.body)),
    ("GET", "data_sources/ID", lambda visit, asked: sources.retrieve_source(visit, asked.id)),
    ("PATCH", "data_sources/ID", lambda visit, asked: sources.update_source(visit, asked.id, asked.body)),
    ("POST", "data_sources/ID/query", lambda visit, asked: queries.query_source(visit, asked.id, asked.body)),
    ("POST", "pages", lambda visit, asked: pages.create_page(visit, asked.body)),
    ("GET", "pages/ID", lambda visit, asked: pages.retrieve_page(visit, asked.id)),
    ("PATCH", "pages/ID", lambda visit, asked: pages.update_page(visit, asked.id, asked.body)),
    ("POST", "pages/ID/move", lambda visit, asked: pages.move_page(visit, asked.id, asked.body)),
    ("GET", "blocks/ID", lambda visit, asked: blocks.retrieve_block(visit, asked.id)),
    ("PATCH", "blocks/ID", lambda visit, asked: blocks.update_block(visit, asked.id, asked.body)),
    ("DELETE", "blocks/ID", lambda visit, asked: blocks.delete_block(visit, asked.id)),
    ("GET", "blocks/ID/children", _children),
    ("PATCH", "blocks/ID/children", _append),
    ("GET", "file_uploads", _uploads),
    ("POST", "file_uploads", lambda visit, asked: file_uploads.create(visit, asked.body, asked.base_url)),
    ("GET", "file_uploads/ID", lambda visit, asked: file_uploads.retrieve(visit, asked.id)),
    ("POST", "file_uploads/ID/send", lambda visit, asked: file_uploads.send(visit, asked.id, asked.sent)),
    ("POST", "file_uploads/ID/complete", lambda visit, asked: file_uploads.complete(visit, asked.id)),
    ("POST", "search", lambda visit, asked: queries.search(visit, asked.body)),
)
_PATTERNS = [
    (method, re.compile("/v1/" + path.replace("ID", r"([^/]+)")), path, handler) for method, path, handler in ROUTES
]


class NotionApp:
    """The WSGI application.

    Args:
        visit: the integration at the workspace.
    """

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request."""
        with Request(environ) as request:
            answer = self._answer(request)
        return answer(environ, start_response)

    def _answer(self, request: Request) -> Response:
        request_id = str(uuid.uuid4())
        is_file = request.mimetype == "multipart/form-data" and request.path.endswith("/send")
        if (request.content_length or 0) > (LARGEST_FORM_BYTES if is_file else LARGEST_BODY_BYTES):
            request.get_data(cache=False)
            return json_response(TOO_LARGE | {"errorId": request_id}, 413)
        try:
            body = _body(request)
            handler, ids = _route(request)
            _check_headers(request)
            query = {name: request.args.getlist(name) for name in request.args}
            asked = Asked(ids, body, query, _sent(request) if is_file else None, request.host_url.rstrip("/"))
            answer = handler(self._visit, asked)
        except Refusal as refusal:
            return json_response(error_body(refusal, request_id), refusal.status, request_id)
        return json_response(answer | {"request_id": request_id}, 200, request_id)


TOO_LARGE = {
    "isNotionError": False,
    "name": "PayloadTooLargeError",
    "message": "Request body too large.",
    "code": 413,
}


def error_body(refusal: Refusal, request_id: str) -> Json:
    """Returns a refusal as Notion writes it."""
    return {
        "object": "error",
        "status": refusal.status,
        "code": refusal.code,
        "message": refusal.message,
        **({"additional_data": dict(refusal.additional)} if refusal.additional else {}),
        "request_id": request_id,
    }


def json_response(body: Json, status: int, request_id: str | None = None) -> Response:
    """Returns JSON with Notion's headers."""
    headers = {"x-notion-request-id": request_id} if request_id else {}
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, headers, content_type="application/json; charset=utf-8")


def _sent(request: Request) -> file_uploads.SentPart | None:
    file = request.files.get("file")
    if file is None:
        return None
    number = request.form.get("part_number")
    return file_uploads.SentPart(file.read(), file.filename or "", file.mimetype, number)


def _body(request: Request) -> Any:
    raw = request.get_data() if request.mimetype != "multipart/form-data" else b""
    if not raw or request.mimetype != "application/json":
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict | list):
        raise Refusal(400, "invalid_json", "Error parsing JSON body.")
    return body


def _route(request: Request) -> tuple[Handler, tuple[str, ...]]:
    for method, pattern, path, handler in _PATTERNS:
        match = pattern.fullmatch(request.path)
        if match and method == request.method:
            return handler, tuple(_checked_id(path, part) for part in match.groups())
    raise Refusal(400, "invalid_request_url", "Invalid request URL.")


def _checked_id(path: str, part: str) -> str:
    if not UUID.fullmatch(part):
        name = path.split("/")[0].removesuffix("s") + "_id"
        raise failed(f"path.{name}", "a valid uuid", part)
    return dashed(part)


def _check_headers(request: Request) -> None:
    if not TOKEN.fullmatch(request.headers.get("Authorization", "")):
        raise Refusal(401, "unauthorized", "API token is invalid.")
    version = request.headers.get("Notion-Version")
    if version == VERSION:
        return
    listed = ", ".join(f'`"{known}"`' for known in (VERSION, *OTHER_VERSIONS[:-1])) + f', or `"{OTHER_VERSIONS[-1]}"`'
    message = f"Notion-Version header failed validation: Notion-Version header should be {listed}"
    if version is None:
        message = "Notion-Version header failed validation: Notion-Version header should be defined"
    elif version in OTHER_VERSIONS:
        message = f"The sandbox speaks Notion-Version {VERSION} only"
    was = "undefined" if version is None else f'"{version}"'
    raise Refusal(400, "missing_version", f"{message}, instead was `{was}`.")
