"""A server on loopback that gives tenants' documents, as an installation's own would."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

TOKEN = "settings-token-4f1c9a"
FORMS = {"yaml": "application/yaml", "json": "application/json; charset=utf-8"}


@dataclass
class SettingsServer:
    """What it gives, and what it was asked.

    Attributes:
        documents: content and form by tenant.
        listed: what it says there is; its documents where None.
        status: what it answers whatever it is asked, where it is not 0.
        has_etags: whether it tells the version of a document.
        asked: path, ``If-None-Match`` and status of each request.
    """

    url: str
    documents: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    listed: object = None
    status: int = 0
    has_etags: bool = True
    asked: list[tuple[str, str | None, int]] = field(default_factory=list)

    def answer(self, path: str, token: str | None, known: str | None) -> tuple[int, dict[str, str], bytes]:
        """Returns status, headers and body."""
        if self.status:
            return self.status, {"Location": "https://elsewhere.example/"}, b"<title>No</title>"
        if token != f"Bearer {TOKEN}":
            return 401, {}, f"the token {token} is not known".encode()
        if path == "/tenants":
            listed = sorted(self.documents) if self.listed is None else self.listed
            return 200, {"Content-Type": "application/json"}, json.dumps(listed).encode()
        if (tenant := path.removeprefix("/tenants/")) not in self.documents:
            return 404, {}, b""
        content, form = self.documents[tenant]
        etag = f'"{hashlib.md5(content).hexdigest()}"'
        told = {"ETag": etag} if self.has_etags else {}
        if self.has_etags and known == etag:
            return 304, told, b""
        return 200, {"Content-Type": FORMS[form], **told}, content


@contextmanager
def serving_settings() -> Iterator[SettingsServer]:
    """Serves while the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave together

        def do_GET(self) -> None:
            known = self.headers.get("If-None-Match")
            status, headers, body = server.answer(self.path, self.headers.get("Authorization"), known)
            server.asked.append((self.path, known, status))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        server = SettingsServer(f"http://127.0.0.1:{listening.server_address[1]}/tenants")
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()
