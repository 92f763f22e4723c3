"""Asks a workspace over its WSGI application, without a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import Client, TestResponse

from esl_pipeline.sandbox.notion import HOMEWORK_DATA_SOURCE_ID
from esl_pipeline.sandbox.notion.workspace import Workspace

HEADERS = {"Authorization": "Bearer ntn_test", "Notion-Version": "2026-03-11"}
Json = dict[str, Any]


@dataclass
class Exchange:
    """One request and its answer."""

    method: str
    path: str
    body: Any
    status: int
    answer: Json


@dataclass
class Asker:
    """Sends requests as the integration, and keeps what was said."""

    workspace: Workspace
    exchanges: list[Exchange] = field(default_factory=list)

    def send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> TestResponse:
        """Sends one request; ``path`` goes without ``/v1/``."""
        arguments = {} if body is None else {"json": body}
        sent = HEADERS if headers is None else headers
        return Client(self.workspace.app).open(f"/v1/{path}", method=method, headers=sent, **arguments)

    def __call__(self, method: str, path: str, body: Any = None) -> Json:
        """Sends a request that is fine, and returns the answer."""
        answer = self.send(method, path, body)
        assert answer.status_code == 200, answer.text
        return self._keep(method, path, body, answer)

    def refusal(self, method: str, path: str, body: Any = None, status: int = 400) -> str:
        """Sends a request that is refused, and returns the message."""
        answer = self.send(method, path, body)
        assert answer.status_code == status, answer.text
        message: str = self._keep(method, path, body, answer)["message"]
        return message

    def _keep(self, method: str, path: str, body: Any, answer: TestResponse) -> Json:
        said: Json = answer.get_json()
        self.exchanges.append(Exchange(method, path, body, answer.status_code, said))
        return said

    def page(self, *children: Json, **more: Any) -> str:
        """Makes a page in the table of homework and returns its id."""
        body = {"parent": {"data_source_id": HOMEWORK_DATA_SOURCE_ID}, "children": list(children), **more}
        page_id: str = self("POST", "pages", body)["id"]
        return page_id

    def append(self, parent_id: str, *children: Json, position: Json | None = None) -> list[Json]:
        """Appends blocks and returns the blocks of the answer."""
        body = {"children": list(children), **({"position": position} if position else {})}
        blocks: list[Json] = self("PATCH", f"blocks/{parent_id}/children", body)["results"]
        return blocks

    def children(self, block_id: str) -> list[Json]:
        """Returns the first hundred blocks of a page or block."""
        blocks: list[Json] = self("GET", f"blocks/{block_id}/children")["results"]
        return blocks

    def texts(self, block_id: str) -> list[str]:
        """Returns the texts of the blocks of a page or block."""
        return [text_of(block) for block in self.children(block_id)]


def rich(text: str) -> list[Json]:
    """Rich text as a request has it."""
    return [{"type": "text", "text": {"content": text}}]


def block(kind: str, text: str = "", *children: Json, **more: Any) -> Json:
    """A block of text as a request has it."""
    return {kind: {"rich_text": rich(text), **({"children": list(children)} if children else {}), **more}}


def paragraph(text: str = "a") -> Json:
    """A paragraph as a request has it."""
    return block("paragraph", text)


def row(*cells: str) -> Json:
    """A table row as a request has it."""
    return {"table_row": {"cells": [rich(cell) for cell in cells]}}


def table(width: int, *rows: Json) -> Json:
    """A table as a request has it."""
    return {"table": {"table_width": width, "children": list(rows)}}


def columns(*contents: list[Json]) -> Json:
    """Columns as a request has them."""
    return {"column_list": {"children": [{"column": {"children": content}} for content in contents]}}


def text_of(found: Json) -> str:
    """Returns the text of a block as an answer has it."""
    return "".join(run["plain_text"] for run in found[found["type"]].get("rich_text", []))
