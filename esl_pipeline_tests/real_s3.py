"""A real S3 server of the tests' own: Ceph, which honours conditions on writes and checks signatures."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from filelock import FileLock

from esl_pipeline_tests.shared import SHARED

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SCRIPT = SHARED / "tools" / "ceph_up.sh"
PORT = 17_480
KEY, SECRET = "testkey", "testsecret123"
START_S, STOP_S = 120, 20
ONE_AT_A_TIME = Path(tempfile.gettempdir()) / "esl-ceph.lock"
"""The server's own ports are fixed, so two test workers take turns."""


@contextmanager
def running_ceph() -> Iterator[S3Client]:
    """Starts a server with nothing in it, and gives a client; skips where there is none, but not in CI."""
    if not (SCRIPT.is_file() and shutil.which("radosgw")):
        if os.environ.get("CI"):
            raise AssertionError("CI has no Ceph")
        pytest.skip("there is no Ceph here")
    with FileLock(ONE_AT_A_TIME):
        folder = Path(tempfile.mkdtemp(prefix="ceph-"))
        try:
            command = ["bash", str(SCRIPT), str(folder), str(PORT)]
            environment = {**os.environ, "AK": KEY, "SK": SECRET}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=START_S)
            assert done.returncode == 0, done.stderr
            yield client()
        finally:
            _stop(folder)
            shutil.rmtree(folder, ignore_errors=True)


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


def _stop(folder: Path) -> None:
    pids = [int(file.read_text()) for file in (folder / "run").glob("*.pid") if file.read_text().strip()]
    for pid in pids:
        _signal(pid, signal.SIGTERM)
    end = time.monotonic() + STOP_S
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < end:
        time.sleep(0.1)
    for pid in pids:
        _signal(pid, signal.SIGKILL)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
