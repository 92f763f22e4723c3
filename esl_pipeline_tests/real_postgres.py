"""A Postgres of the tests' own, started once per worker."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

POSTGRES = Path("/usr/lib/postgresql")
START_S = 60


def find_postgres() -> Path:
    """Returns the folder of the newest Postgres' programs; skips the test where there is none, but not in CI."""
    found = sorted(POSTGRES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if os.environ.get("CI"):
        raise AssertionError("CI has no Postgres")
    pytest.skip("there is no Postgres here")


@dataclass(frozen=True)
class PostgresServer:
    """A server with an empty database, whose files are in a folder of the tests' own."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def pid(self) -> int | None:
        """Of its first process; None while it does not run."""
        file = self.folder / "data" / "postmaster.pid"
        return int(file.read_text().split("\n", 1)[0]) if file.exists() else None

    def make(self) -> None:
        """Makes the database's files."""
        if user := system_user():
            shutil.chown(self.folder, user)
        self._do("initdb", "-D", self.folder / "data", "-A", "trust", "-U", "postgres", "--no-sync")

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off -c max_connections=200"
        self._do("pg_ctl", "-D", self.folder / "data", "-o", options, "-l", self.folder / "log", "-w", "start")

    def crash(self) -> None:
        """Ends it as if it had been killed: it recovers from its log at the next start."""
        self._do("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")

    def _do(self, program: str, *arguments: str | Path) -> None:
        _run([find_postgres() / program, *arguments], system_user(), self.folder)


@contextmanager
def running_postgres() -> Iterator[str]:
    """Starts a server with an empty database, and gives its address."""
    with postgres_server() as server:
        yield server.url


@contextmanager
def postgres_server(port: int | None = None) -> Iterator[PostgresServer]:
    """Starts a server that may be ended and started again in the block, on any free port where none is given."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    server = PostgresServer(folder, port or _free_port())
    try:
        server.make()
        server.start()
        try:
            yield server
        finally:
            if server.pid:
                server.crash()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def system_user() -> str | None:
    """Returns who must run servers that refuse to be run by root; None where nobody is root."""
    return "postgres" if os.geteuid() == 0 else None


def _run(command: list[str | Path], user: str | None, folder: Path) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        user=user,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=START_S,
    )
    assert done.returncode == 0, done.stderr


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
