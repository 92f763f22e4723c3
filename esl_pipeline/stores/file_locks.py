"""Locks between the processes of one machine, as files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from esl_pipeline.stores.protocols import LeaseHeldError

LOCK_TIMEOUT_S = 30
"""A writer holds a lock for milliseconds; who waits longer than this meets a stuck machine."""


@contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Holds a lock for the block; the operating system frees it when the process dies.

    Args:
        path: the lock's file; it is made, and stays.
        what: is locked; for people.

    Raises:
        LeaseHeldError: others keep it all the time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=LOCK_TIMEOUT_S, poll_interval=0.01)
    try:
        lock.acquire()
    except Timeout as error:
        raise LeaseHeldError(f"Others keep {what} locked. Try again later.") from error
    try:
        yield
    finally:
        lock.release()
