"""What other processes do with a pace: ``python -m esl_pipeline_tests.stages.pace_child ADDRESS FOLDER DEED``.

The address is that of a Postgres, or empty for files in the folder.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from esl_pipeline.clients.pace import Asker, PaceLimits, Records, SharedPace
from esl_pipeline.stores.addresses import engine_of
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.machine_records import MachineRecords
from esl_pipeline.stores.postgres import PostgresRecords
from esl_pipeline_tests.forked import in_processes

LIMITS = PaceLimits(requests=30, concurrent=3, window_s=2.0)
LEASE_S = 1.5
PROCESSES, EACH = 6, 9


def records_at(address: str, folder: Path) -> Records:
    """Opens records."""
    return PostgresRecords(engine_of(address), lease_s=LEASE_S) if address else MachineRecords(folder / "pace")


def pace_at(address: str, folder: Path) -> SharedPace:
    """Opens a pace as a process of its own would."""
    return SharedPace(records_at(address, folder), (StoreUnavailableError,))


def asker(tenant: str = "school") -> Asker:
    """Somebody with the one credential that all share."""
    return Asker("notion", "credential", tenant, LIMITS)


def send(address: str, folder: Path, number: int) -> None:
    """Sends some requests, and writes down when each was under way."""
    pace = pace_at(address, folder)
    for _ in range(EACH):
        with pace.turn(asker(f"school-{number % 3}"), 120):
            begin = time.monotonic()
            time.sleep(0.01)
            end = time.monotonic()
        with (folder / "sent").open("a") as sent:
            sent.write(f"{begin} {end}\n")


def hold(pace: SharedPace) -> None:
    """Takes all turns that there are at the same time, and a place in the queue, and says so."""
    with ExitStack() as stack:
        for _ in range(LIMITS.concurrent or 0):
            stack.enter_context(pace.turn(asker("holder"), 10))
        sys.stdout.write("held\n")
        sys.stdout.flush()
        with pace.turn(asker("holder"), 600):
            raise AssertionError("there was one more turn")


def main(address: str, folder: Path, deed: str) -> None:
    """Does one deed."""
    if deed == "send":
        in_processes([partial(send, address, folder, number) for number in range(PROCESSES)])
    elif deed == "hold":
        hold(pace_at(address, folder))
    elif deed == "leave a child":
        pace = pace_at(address, folder)
        with pace.turn(asker("parent"), 10):
            if not os.fork():
                with pace.turn(asker("child"), 10):
                    pass
                sys.stdout.write(f"{os.getpid()}\n")
                sys.stdout.flush()
                time.sleep(600)
            time.sleep(600)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
