"""The documented nginx where a proxy signs people in with OpenID Connect."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from esl_pipeline_tests.browser.running_dev import free_ports
from esl_pipeline_tests.permissions.gateway import Gateway, credentials, running_gateway

SESSION = "_oauth2_proxy="
"""What stands for a cookie that only the proxy can make."""


class SignsIn(BaseHTTPRequestHandler):
    """Answers as oauth2-proxy does: who has a session, and where to get one."""

    def do_GET(self) -> None:
        name = self.headers.get("Cookie", "").partition(SESSION)[2]
        self.send_response(200 if self.path != "/oauth2/auth" else 202 if name else 401)
        if name:
            self.send_header("X-Auth-Request-Preferred-Username", name)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class SaysWhoItIs(BaseHTTPRequestHandler):
    """Stands for a web server of Dagster; answers with its own port and the name that it was given."""

    def do_GET(self) -> None:
        body = f"{self.connection.getsockname()[1]} {self.headers.get('X-Remote-User', '')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def ports() -> dict[str, int]:
    first = free_ports(5)
    return {port: first + offset for offset, port in enumerate(("80", "443", "3000", "3001", "4180"))}


@pytest.fixture
def gateway(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """nginx in front of what only says whom it was asked by."""
    kinds = {"3000": SaysWhoItIs, "3001": SaysWhoItIs, "4180": SignsIn}
    servers = [ThreadingHTTPServer(("127.0.0.1", ports[port]), kind) for port, kind in kinds.items()]
    threads = [Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}) for server in servers]
    for thread in threads:
        thread.start()
    try:
        with running_gateway(tmp_path_factory.mktemp("nginx"), ports, [], oidc=True) as running:
            yield running
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()


def test_who_is_signed_in_reaches_the_server_of_the_role_under_the_own_name(
    gateway: Gateway, ports: dict[str, int]
) -> None:
    for name, port in (("alice", "3000"), ("carol", "3001"), ("Alice", "3001")):
        headers = {"Cookie": f"{SESSION}{name}", "X-Remote-User": "bob", **credentials("bob")}
        answer = gateway.ask("GET", "/dagster/runs", headers=headers)
        assert (answer.status, answer.body) == (200, f"{ports[port]} {name}")


def test_who_is_not_signed_in_is_sent_to_do_so_and_nothing_else(gateway: Gateway) -> None:
    tricks = [{}, credentials("alice"), {"X-Remote-User": "alice"}, {"X-Auth-Request-Preferred-Username": "alice"}]
    for headers in tricks:
        answer = gateway.ask("GET", "/dagster/runs", headers=headers)
        assert (answer.status, answer.headers["Location"]) == (302, "/oauth2/start?rd=/dagster/runs")
    assert gateway.ask("GET", "/oauth2/start").status == 200
    assert gateway.ask("GET", "/oauth2/auth").status == 404
