"""The daemon's end of the server that forks workers: started when it is first needed, anew when the code changed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from threading import Lock

PACKAGE = Path(__file__).parents[2]
SERVER = "esl_pipeline.defs.launching.fork_server"
START_S = 120.0
"""How long loading all may take, on a machine that is busy."""


class NoWorkerError(Exception):
    """No worker could be made; the log of the daemon says why. Asking again may help."""


class WarmWorkers:
    """Makes workers; used from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._code = 0
        self._asked: socket.socket

    def fork(self, instance: str, run_id: str) -> int:
        """Makes a worker for a run and returns its pid.

        Args:
            instance: the serialized reference of the instance.
            run_id: of the run.

        Raises:
            NoWorkerError: twice in a row the server could not be reached.
        """
        order = json.dumps({"instance": instance, "run_id": run_id}).encode() + b"\n"
        with self._lock:
            for _ in range(2):
                try:
                    self._serve()
                    self._asked.sendall(order)
                    return int(self._line())
                except (OSError, ValueError):
                    self._close()
        raise NoWorkerError(f"No worker could be made for the run {run_id}.")

    def close(self) -> None:
        """Ends the server; its workers go on."""
        with self._lock:
            self._close()

    def _serve(self) -> None:
        """Starts the server where there is none, or the code on disk is another than what it loaded."""
        code = code_version()
        if self._server and self._server.poll() is None and self._code == code:
            return
        self._close()
        self._asked, theirs = socket.socketpair()
        with theirs:
            self._asked.settimeout(START_S)
            command = [sys.executable, "-m", SERVER, str(theirs.fileno())]
            self._server = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
        self._code = code
        if self._line() != "ready":
            raise OSError("the server could not load the definitions")

    def _line(self) -> str:
        found = b""
        while not found.endswith(b"\n"):
            more = self._asked.recv(64)
            if not more:
                raise OSError("the server ended")
            found += more
        return found.decode().strip()

    def _close(self) -> None:
        if self._server:
            self._asked.close()
            self._server.kill()
            self._server.wait()
            self._server = None


def code_version() -> int:
    """Returns a number that changes when a file of the program does."""
    return max(entry.stat().st_mtime_ns for entry in _sources(PACKAGE))


def _sources(folder: Path) -> list[os.DirEntry[str]]:
    found: list[os.DirEntry[str]] = []
    for entry in os.scandir(folder):
        if entry.is_dir() and entry.name != "__pycache__":
            found += _sources(Path(entry.path))
        elif entry.name.endswith(".py"):
            found.append(entry)
    return found
