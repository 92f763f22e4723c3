"""A real S3 server of the tests' own: Ceph, which honours conditions on writes and checks signatures."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from filelock import FileLock

from esl_pipeline_tests.shared import SHARED

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SCRIPT = SHARED / "tools" / "ceph_up.sh"
PORT = 17_480
KEY, SECRET = "testkey", "testsecret123"
START_S, STOP_S = 120, 20
AT_ONCE = "rgw frontend defaults = beast tcp_nodelay=1"
"""A line of the server's settings; without it each list waits 40 ms for the system to send it off."""
FOLDER = Path(tempfile.gettempdir()) / "esl-ceph"
"""Of the running server, always the same, so that whoever comes next finds what a killed test run left running."""
CHANGING = FOLDER.with_suffix(".lock")
"""Held while it is started or stopped: its ports are fixed, so that all test workers share the one that runs."""
USERS = FOLDER.with_suffix(".users")
"""Has a file for each process that uses it, named by its number; the last one stops it."""


@contextmanager
def running_ceph() -> Iterator[S3Client]:
    """Starts the server, or joins the one that runs, and gives a client; skips where there is none, but not in CI."""
    if not (SCRIPT.is_file() and shutil.which("radosgw")):
        if os.environ.get("CI"):
            raise AssertionError("CI has no Ceph")
        # Other processes of the tests only want a client, and not to wait for this import.
        import pytest

        pytest.skip("there is no Ceph here")
    me = USERS / str(os.getpid())
    with FileLock(CHANGING):
        if not _living_users():
            _start()
        me.parent.mkdir(exist_ok=True)
        me.touch()
    try:
        yield client()
    finally:
        with FileLock(CHANGING):
            me.unlink(missing_ok=True)
            if not _living_users():
                stop(FOLDER)


def _living_users() -> list[Path]:
    """Returns the marks of processes that use the server; those of dead ones are removed."""
    found = [*USERS.glob("[0-9]*")]
    for mark in found:
        if not Path(f"/proc/{mark.name}").exists():
            mark.unlink(missing_ok=True)
    return [mark for mark in found if mark.exists()]


def _start() -> None:
    stop(FOLDER)
    command = ["bash", str(SCRIPT), str(FOLDER), str(PORT), f"memstore\n{AT_ONCE}"]
    environment = {**os.environ, "AK": KEY, "SK": SECRET}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=START_S)
    assert done.returncode == 0, done.stderr


def client() -> S3Client:
    """Returns a client of the running server."""
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{PORT}",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
        config=Config(
            request_checksum_calculation="when_required", response_checksum_validation="when_required", proxies={}
        ),
    )


def stop(folder: Path) -> None:
    """Ends the server in a folder, if it runs, and removes the folder; other processes stay, whatever their number."""
    texts = [file.read_text().strip() for file in (folder / "run").glob("*.pid")]
    pids = [int(text) for text in texts if text.isdecimal() and _is_of(int(text), folder)]
    for pid in pids:
        _signal(pid, signal.SIGTERM)
    end = time.monotonic() + STOP_S
    while any(_is_of(pid, folder) for pid in pids) and time.monotonic() < end:
        time.sleep(0.1)
    for pid in pids:
        if _is_of(pid, folder):
            _signal(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def _is_of(pid: int, folder: Path) -> bool:
    """Tells whether a process belongs to the server in a folder; numbers are given anew after a while."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    return f"CEPH_CONF={folder}/ceph.conf".encode() in environment.split(b"\0")


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
