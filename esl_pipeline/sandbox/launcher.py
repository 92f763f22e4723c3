"""Joins the sandbox of a home folder, starts it, or stops it; cheap to import."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

BUCKET = "esl-sandbox"
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 10.0
HEALTH_TIMEOUT_S = 5.0
POLL_S = 0.02
LOG_LINES = 15
"""Of the sandbox's log in the message of a failed start."""

_children: dict[int, subprocess.Popen[bytes]] = {}


class SandboxError(Exception):
    """The sandbox can't be started; the message says why and what to do."""


@dataclass(frozen=True)
class SandboxAddresses:
    """Where a running sandbox is.

    Attributes:
        base_port: port of the viewer and the control API.
        started: True where this call started it.
    """

    base_port: int
    viewer_url: str
    notion_url: str
    elevenlabs_url: str
    s3_url: str
    bucket: str = BUCKET
    started: bool = False

    @property
    def openai_url(self) -> str:
        """Base of the stand-in of OpenAI, whose paths begin with ``/v1``; beside the viewer, on its port."""
        return f"{self.viewer_url}/openai"


@dataclass(frozen=True)
class SandboxFolder:
    """The sandbox's own files in a home folder."""

    home: Path

    @property
    def path(self) -> Path:
        """The folder."""
        return self.home / "sandbox"

    @property
    def log(self) -> Path:
        """What a sandbox in the background says."""
        return self.path / "log"

    @property
    def process(self) -> Path:
        """Process id and port of the sandbox that holds ``running``; there only while it is a process of its own."""
        return self.path / "process.json"

    def running(self) -> FileLock:
        """Returns the lock that a sandbox holds as long as it lives; the system frees it, however it ends."""
        return self._lock("running.lock")

    def starting(self) -> FileLock:
        """Returns the lock of whoever is starting the sandbox."""
        return self._lock("starting.lock")

    def _lock(self, name: str) -> FileLock:
        self.path.mkdir(parents=True, exist_ok=True)
        return FileLock(self.path / name, thread_local=False)


def join_or_start(home: Path, port: int) -> SandboxAddresses:
    """Joins the running sandbox of a home folder, on whatever port, or starts it as a process that outlives this one.

    Args:
        home: ESL_HOME.
        port: first of the four ports, where it has to be started.

    Raises:
        SandboxError: another program has a port, or the sandbox does not start.
    """
    folder = SandboxFolder(home.resolve())
    joined = _join(folder, port)
    if joined:
        return joined
    try:
        with folder.starting().acquire(timeout=START_TIMEOUT_S):
            return _join(folder, port) or _start(folder, port)
    except Timeout as error:
        raise SandboxError(f"Another program has been starting the sandbox of {home} for too long.") from error


def _join(folder: SandboxFolder, port: int) -> SandboxAddresses | None:
    """Finds the sandbox of a folder: on the port that its process told, or on the given one inside another program."""
    process = _process(folder)
    for candidate in dict.fromkeys([*([process["port"]] if process else []), port]):
        health = _health(candidate)
        if health is not None and health.get("home") == str(folder.home):
            return SandboxAddresses(**health["addresses"])
    return None


def _process(folder: SandboxFolder) -> dict[str, Any] | None:
    try:
        process: dict[str, Any] = json.loads(folder.process.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return process


def _health(port: int) -> dict[str, Any] | None:
    """Asks whoever listens on a port whether it is a sandbox."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HEALTH_TIMEOUT_S)
    try:
        connection.request("GET", "/_sandbox/health")
        answer = json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return answer if isinstance(answer, dict) and "addresses" in answer else None


def _start(folder: SandboxFolder, port: int) -> SandboxAddresses:
    other = _health(port)
    if other:
        raise SandboxError(
            f"Port {port} is used by the sandbox of another folder, {other['home']}. "
            "To use it, set ESL_HOME to that folder. To have another, set ESL_SANDBOX_PORT to the first of four "
            "free ports."
        )
    command = [sys.executable, "-m", "esl_pipeline.sandbox", str(folder.home), str(port)]
    package = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    begin = folder.log.stat().st_size if folder.log.exists() else 0
    with folder.log.open("ab") as log:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder.path,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )
    _children[child.pid] = child
    return _wait_for(folder, child, begin)


def _wait_for(folder: SandboxFolder, child: subprocess.Popen[bytes], log_begin: int) -> SandboxAddresses:
    end = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < end and child.poll() is None:
        process = _process(folder)
        joined = _join(folder, process["port"]) if process and process["pid"] == child.pid else None
        if joined:
            return SandboxAddresses(**{**joined.__dict__, "started": True})
        time.sleep(POLL_S)
    child.kill()
    child.wait()
    del _children[child.pid]
    said = folder.log.read_bytes()[log_begin:].decode("utf-8", "replace").strip().splitlines()[-LOG_LINES:]
    last_words = "\n".join(said) or "It said nothing."
    raise SandboxError(f"The sandbox did not start. {last_words}\n(log: {folder.log})")


def stop(home: Path) -> bool:
    """Stops the sandbox of a home folder; False where none runs, or where it is a part of another program.

    It is known by the lock that it holds, so that a process that was given the same id later is never harmed.
    """
    folder = SandboxFolder(home.resolve())
    if not folder.path.is_dir() or _is_free(folder.running(), 0):
        return False
    process = _process(folder)
    if process is None:
        return False
    for number, timeout_s in ((signal.SIGTERM, STOP_TIMEOUT_S), (signal.SIGKILL, STOP_TIMEOUT_S)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process["pid"], number)
        if _is_free(folder.running(), timeout_s):
            break
    child = _children.pop(process["pid"], None)
    if child:
        child.wait(STOP_TIMEOUT_S)
    folder.process.unlink(missing_ok=True)
    return True


def _is_free(lock: FileLock, timeout_s: float) -> bool:
    try:
        with lock.acquire(timeout=timeout_s, poll_interval=POLL_S):
            return True
    except Timeout:
        return False
