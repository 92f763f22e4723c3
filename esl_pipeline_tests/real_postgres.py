"""A Postgres of the tests' own, started once per worker."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def running_postgres() -> Iterator[str]:
    """Starts a server with an empty database, and gives its address."""
    programs, port = find_postgres(), _free_port()
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    user = "postgres" if os.geteuid() == 0 else None
    try:
        if user:
            shutil.chown(folder, user)
        data, log = folder / "data", folder / "log"
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off -c max_connections=200"
        _run([programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"], user, folder)
        _run([programs / "pg_ctl", "-D", data, "-o", options, "-l", log, "-w", "start"], user, folder)
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run([programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], user, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
