"""The documented nginx on ports of the tests, and requests to it as they are: no client tidies their paths."""

from __future__ import annotations

import base64
import datetime
import hashlib
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
EXAMPLE = EXAMPLES / "nginx.conf"
OIDC = EXAMPLES / "nginx-oidc.conf"
PEM = serialization.Encoding.PEM
HOST = "dagster.example.com"
JSON = {"Content-Type": "application/json"}
START_S = 20
MAIN = """\
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/dagster.conf;
}}
"""


def find_nginx() -> str:
    """Returns the path of nginx; skips the test where there is none, but not in CI."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None and os.environ.get("CI"):
        pytest.fail("CI has no nginx")
    return found or pytest.skip("there is no nginx here")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def found(self) -> dict[str, Any]:
        """What a question was answered with."""
        found: dict[str, Any] = json.loads(self.body)["data"]
        return found


@dataclass(frozen=True)
class Gateway:
    """Where nginx listens, and whom it trusts."""

    port: int
    trusted: ssl.SSLContext = field(repr=False)

    def connect(self, name: str = HOST) -> ssl.SSLSocket:
        """Connects as a browser that was given this name."""
        return self.trusted.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 30), server_hostname=name)

    def ask(
        self, method: str, path: str, user: str = "", headers: Mapping[str, str] | None = None, body: str = ""
    ) -> Answer:
        """Sends one request, with just these headers and the user's password.

        Args:
            method: of the request.
            path: with the query, sent as it is.
            user: empty for nobody.
            headers: others than those that every request has.
            body: text.
        """
        connection = http.client.HTTPConnection(HOST)
        connection.sock = self.connect()
        try:
            connection.request(method, path, body.encode() or None, {**credentials(user), **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode("utf-8", "replace"))
        finally:
            connection.close()

    def graphql(self, user: str, query: str, headers: Mapping[str, str] | None = None, **variables: Any) -> Answer:
        """Asks as Dagster's pages do."""
        body = json.dumps({"query": query, "variables": variables})
        return self.ask("POST", "/dagster/graphql", user, {**JSON, **(headers or {})}, body)


def credentials(user: str, password: str = "") -> dict[str, str]:
    """Returns the header with a user's name and password, which is the name backwards unless another is given."""
    if not user:
        return {}
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password or user[::-1]}".encode()).decode()}


@contextmanager
def running_gateway(
    folder: Path, ports: Mapping[str, int], users: list[str], *, oidc: bool = False
) -> Iterator[Gateway]:
    """Runs nginx with the documented file, in which only ports and places are replaced.

    Args:
        folder: for its files.
        ports: what takes the place of the ports 80, 443, 3000, 3001 and 4180.
        users: who has a password.
        oidc: True where a proxy signs people in, as the other documented file has it.
    """
    program = find_nginx()
    trusted = _certificate(folder)
    (folder / "dagster.htpasswd").write_text("".join(f"{user}:{_hashed(user[::-1])}\n" for user in users))
    text = EXAMPLE.read_text("utf-8")
    (folder / "dagster.conf").write_text(_replaced(_with_oidc(text) if oidc else text, folder, ports))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
    process = subprocess.Popen(
        [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    )
    try:
        wait_until_open(ports["443"])
        yield Gateway(ports["443"], trusted)
    finally:
        process.terminate()
        process.wait(START_S)


def _with_oidc(text: str) -> str:
    """Returns the file as its companion says that it is changed."""
    lines = text.replace("$remote_user", "$user").splitlines()
    place = next(number for number, line in enumerate(lines) if "auth_basic " in line)
    assert "auth_basic_user_file" in lines[place + 1]
    return "\n".join([*lines[:place], OIDC.read_text("utf-8"), *lines[place + 2 :], ""])


def _replaced(text: str, folder: Path, ports: Mapping[str, int]) -> str:
    listens = {f"listen {port}": f"listen 127.0.0.1:{ports[port]}" for port in ("80", "443")}
    servers = {f"127.0.0.1:{port}": f"127.0.0.1:{ports[port]}" for port in ports if f"127.0.0.1:{port}" in text}
    for old, new in {"/etc/nginx/": f"{folder}/", **listens, **servers}.items():
        assert old in text
        text = text.replace(old, new)
    return text


def _hashed(password: str) -> str:
    return "{SHA}" + base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()


def _certificate(folder: Path) -> ssl.SSLContext:
    """Writes a key and its certificate; returns what trusts nothing else."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(HOST), x509.DNSName("other.example.com")])
    unsigned = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    unsigned = unsigned.not_valid_before(now).not_valid_after(now + datetime.timedelta(hours=1))
    pem = unsigned.add_extension(names, critical=True).sign(key, hashes.SHA256()).public_bytes(PEM)
    (folder / "dagster.crt").write_bytes(pem)
    (folder / "dagster.key").write_bytes(
        key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return ssl.create_default_context(cadata=pem.decode())


def wait_until_open(port: int, timeout_s: float = START_S) -> None:
    """Waits until somebody listens."""
    end = time.monotonic() + timeout_s
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < end, f"nobody listens at {port}"
        time.sleep(0.1)
