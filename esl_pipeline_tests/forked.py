"""Several processes at once for the price of one start: an interpreter that has imported everything forks."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable


def in_processes(deeds: list[Callable[[], None]]) -> None:
    """Does every deed in a process of its own, all at once, and ends this one with code 1 if any failed.

    For programs of tests that have no thread and no connection yet.
    """
    pids = [_forked(deed) for deed in deeds]
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    if any(codes):
        raise SystemExit(1)


def _forked(deed: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        deed()
        code = 0
    finally:
        if code:
            traceback.print_exc()
        os._exit(code)
