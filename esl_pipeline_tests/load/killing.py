"""Kills and restarts parts of the scene at random, as a seed has it."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from esl_pipeline_tests.load.scene import Scene
from esl_pipeline_tests.load.servers import Server

BETWEEN_S = 3.0, 9.0
"""From one blow to the next."""
DOWN_S = 0.0, 3.0
"""Until a supervisor starts again what was killed."""
WORKER = b"launching.fork_server", b"multiprocessing.spawn"
"""In the command lines of forked workers, and of those that Dagster's own launcher starts."""


@dataclass
class Killer:
    """Strikes one part after the other.

    Attributes:
        struck: how often each part was.
    """

    scene: Scene
    seed: int
    say: Callable[[str], None] = print
    struck: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._next = time.monotonic() + self._chance.uniform(*BETWEEN_S)
        self._blows: Mapping[str, Callable[[], object]] = {
            "worker": self._worker,
            "daemon": lambda: self._restart(self.scene.daemon),
            "code server": lambda: self._restart(self.scene.code),
            "Postgres": self._postgres,
        }

    def strike(self) -> None:
        """Strikes where it is time to; else starts again what ended by itself, as a supervisor does."""
        self.revive()
        if time.monotonic() < self._next:
            return
        victim = self._chance.choice([*self._blows, "worker"])
        self.blow(victim)
        self._next = time.monotonic() + self._chance.uniform(*BETWEEN_S)

    def blow(self, victim: str) -> None:
        """Strikes one part now."""
        self._blows[victim]()
        self.struck[victim] += 1
        self.say(f"      killed: {victim}")

    def revive(self) -> None:
        """Starts what does not run."""
        for server in (self.scene.code, self.scene.daemon):
            if server.pid is None:
                self.say(f"      {server.name} had ended, and is started again")
                server.start()

    def _restart(self, server: Server) -> None:
        server.kill()
        time.sleep(self._chance.uniform(*DOWN_S))
        server.start()

    def _postgres(self) -> None:
        self.scene.postgres.crash()
        time.sleep(self._chance.uniform(*DOWN_S))
        self.scene.postgres.start()

    def _worker(self) -> None:
        """Kills a process that works on a run, whoever started it and whether that still lives."""
        workers = sorted(self._workers())
        if workers:
            with suppress(ProcessLookupError):  # it ended just now
                os.kill(self._chance.choice(workers), signal.SIGKILL)

    def _workers(self) -> Iterator[int]:
        mark = f"ESL_HOME={self.scene.home}\0".encode()
        known = {pid for pid in self.scene.parts().values() if pid}
        for environ in Path("/proc").glob("[0-9]*/environ"):
            pid = int(environ.parent.name)
            if mark in _read(environ) and pid not in known and self._works(environ.parent):
                yield pid

    def _works(self, process: Path) -> bool:
        """False for what copies a worker's output, and for the server that forks workers, the daemon's own child."""
        fields = _read(process / "stat").rpartition(b")")[2].split()
        command = _read(process / "cmdline")
        return any(word in command for word in WORKER) and len(fields) > 1 and int(fields[1]) != self.scene.daemon.pid


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # it ended just now, or is somebody else's
        return b""
