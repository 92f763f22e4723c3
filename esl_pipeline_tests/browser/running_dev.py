"""``esl dev`` in a home of its own, started and interrupted as from a terminal."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

ESL = str(Path(sys.executable).with_name("esl"))
KEPT = ("PATH", "HOME", "TMPDIR", "PYTHONPATH", "LANG")
IN_THE_BACKGROUND = ["sh", "-c", 'trap "" INT; exec "$@"', "sh"]
"""As a script's ``&`` starts a program: children that set no handler ignore Ctrl-C."""
START_S = 90
STOP_S = 60
SETTLE_S = 5
"""For what the sandbox was just saying when it was stopped."""
POLL_S = 0.1


def free_ports(count: int) -> int:
    """Returns the first of so many ports in a row that are free; below those that the system gives to clients."""
    for first in range(20_000 + os.getpid() * 40 % 10_000, 32_000, count):
        if all(_can_be_bound(first + offset) for offset in range(count)):
            return first
    raise AssertionError("no free ports")


def _can_be_bound(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def is_open(port: int) -> bool:
    """True where somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class RunningDev:
    """A home folder, its ports, and ``esl dev`` while the block lasts.

    Args:
        folder: for the home and what the terminal shows.
        variables: of the environment, such as where state is kept.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str] | None = None) -> None:
        self._own = variables or {}
        self.home = folder / "home"
        self.log = folder / "dev.log"
        self.sandbox_port = free_ports(5)
        self.port = self.sandbox_port + 4
        self._begin = 0

    @property
    def url(self) -> str:
        """Dagster's web server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def viewer_url(self) -> str:
        """The sandbox's pages."""
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def said(self) -> str:
        """What the terminal shows since the last start."""
        return self.log.read_bytes()[self._begin :].decode("utf-8", "replace")

    @property
    def _variables(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return {**kept, **self._own, "ESL_HOME": str(self.home), "ESL_SANDBOX_PORT": str(self.sandbox_port)}

    def demo(self) -> None:
        """Publishes the examples, which leaves the sandbox running."""
        done = subprocess.run([ESL, "demo"], env=self._variables, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr

    def __enter__(self) -> Self:
        """Starts it, and waits until it says that it can be looked at."""
        self._begin = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            command = [*IN_THE_BACKGROUND, ESL, "dev", "--port", str(self.port)]
            self._process = subprocess.Popen(command, env=self._variables, stdout=log, stderr=log)
        self.wait_for("Dagster: http", START_S)
        return self

    def wait_for(self, pattern: str, timeout_s: float = START_S) -> None:
        """Waits until the terminal shows something."""
        end = time.monotonic() + timeout_s
        while not re.search(pattern, self.said):
            assert self._process.poll() is None, self.said
            assert time.monotonic() < end, f"{pattern} is not in:\n{self.said}"
            time.sleep(POLL_S)

    def interrupt(self) -> int:
        """Presses Ctrl-C, and returns the exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(STOP_S)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends it where that was not done."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(STOP_S)

    def leftovers(self) -> list[str]:
        """The processes of this home, and its ports that are still open, after what ends by itself has had the time."""
        end = time.monotonic() + SETTLE_S
        while (found := self._alive() + self._listening()) and time.monotonic() < end:
            time.sleep(POLL_S)
        return found

    def _alive(self) -> list[str]:
        mark = f"ESL_HOME={self.home}\0".encode()
        processes = [at.parent for at in Path("/proc").glob("[0-9]*/environ") if mark in _read(at)]
        return [_read(process / "cmdline").replace(b"\0", b" ").decode() for process in processes]

    def _listening(self) -> list[str]:
        return [f"port {port}" for port in range(self.sandbox_port, self.port + 1) if is_open(port)]

    def slow_speech(self, seconds: float) -> None:
        """Makes the sandbox take its time, until it is started again."""
        requests.post(f"{self.viewer_url}/_sandbox/delays", json={"speech_s": seconds}, timeout=10).raise_for_status()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # it ended just now, or is somebody else's
        return b""
