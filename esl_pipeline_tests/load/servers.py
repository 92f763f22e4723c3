"""The processes of the scene, each of which can be ended at any moment and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

START_S = 90.0
STOP_S = 30.0
POLL_S = 0.1


@dataclass
class Server:
    """One long-running program in a process group of its own.

    Attributes:
        name: for people, and of its log file.
        port: it listens on once it is ready; ready at once where None.
        user: who runs it; who started this program where None.
    """

    name: str
    command: Sequence[str]
    variables: Mapping[str, str]
    folder: Path
    port: int | None = None
    user: str | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    starts: int = 0

    @property
    def log(self) -> Path:
        """What it said."""
        return self.folder / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        """Of the running process; None where there is none."""
        return self.process.pid if self.process and self.process.poll() is None else None

    def start(self) -> None:
        """Starts it, and waits until it listens."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=dict(self.variables),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self.user,
            )
        self.starts += 1
        end = time.monotonic() + START_S
        while self.port and not is_open(self.port):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} did not start:\n{self.said()}")
            time.sleep(POLL_S)

    def kill(self) -> None:
        """Kills this process as a lack of memory would; what it started lives on."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """Ends it, and all that it started."""
        if not self.process:
            return
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def said(self) -> str:
        """The last that it said."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-15:])


def is_open(port: int) -> bool:
    """True where somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
