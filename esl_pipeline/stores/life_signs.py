"""Tells which processes of this machine live: each holds a lock on a file, which ends with the process."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from threading import Lock

from filelock import FileLock, Timeout

SUFFIX = ".alive"


class LifeSigns:
    """Names processes; safe to share between threads. Unlike a process id, a name holds in every container.

    Args:
        folder: of the files, on a local disk; made when it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._guard = folder, Lock()
        self._pid, self._name = 0, ""
        self._held: FileLock | None = None

    def own(self) -> str:
        """Returns this process' name; the first call takes the lock, and clears away those of the dead.

        Raises:
            OSError: the folder can't be written.
        """
        with self._guard:
            if self._pid != os.getpid():
                self._folder.mkdir(parents=True, exist_ok=True)
                for file in self._folder.glob(f"*{SUFFIX}"):
                    self._clear(file)
                name = uuid.uuid4().hex
                # Not in one step with its release, since other threads of this process use it too.
                self._held = FileLock(self._folder / f"{name}{SUFFIX}", thread_local=False)
                self._held.acquire(timeout=0)
                self._pid, self._name = os.getpid(), name
            return self._name

    def is_gone(self, name: str) -> bool:
        """Tells whether the process of a name has ended."""
        return name != self._name and self._clear(self._folder / f"{name}{SUFFIX}")

    def _clear(self, file: Path) -> bool:
        """Removes a file that nobody holds; tells whether nobody does."""
        if not file.exists():
            return True
        lock = FileLock(file, thread_local=False)
        try:
            with lock.acquire(timeout=0):
                file.unlink(missing_ok=True)
        except Timeout:
            return False
        return True
