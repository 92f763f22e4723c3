"""A process that has all loaded, and forks a worker for each run: ``python -m …fork_server FD``.

It serves the socket it was given, of which a daemon has the other end, and ends with the daemon. Its workers go on.
It has no threads and opens nothing, so that what it forks is as good as new.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import sys
import traceback
from typing import NoReturn

DEFINITIONS = "esl_pipeline.definitions"
PRELOADED = (
    "dagster",
    "dagster._core.execution.plan.active",
    "dagster._core.executor.in_process",
    "dagster._core.instance.factory",
    "dagster._core.secrets.env_file",
    "dagster._core.storage.local_compute_log_manager",
    "dagster._core.storage.sqlite_storage",
    "dagster._core.storage.root",
    "dagster._core.system_config.composite_descent",
    "dagster._core.workspace.autodiscovery",
    "dagster_aws.s3.utils",
    DEFINITIONS,
    "esl_pipeline.audio",
    "esl_pipeline.defs.at_work",
    "esl_pipeline.defs.launching.run_worker",
    "esl_pipeline.defs.pooled_postgres",
    "esl_pipeline.defs.run_coordinator",
    "esl_pipeline.defs.storage",
    "esl_pipeline.stores.postgres",
    "alembic.command",
    "av.subtitles.stream",
    "boto3.s3.inject",
    "boto3.s3.transfer",
    "multiprocessing.managers",
    "numpy.fft",
    "upath.implementations.local",
)
"""What nearly every run needs; a run that needs more loads it itself."""

RUBBISH = 50_000
"""New objects between two looks for rubbish. A worker ends after seconds, so it looks seldom."""


def preload() -> None:
    """Loads what all workers share."""
    for name in PRELOADED:
        importlib.import_module(name)
    repository = importlib.import_module(DEFINITIONS).defs.get_repository_def()
    repository.get_all_jobs()
    importlib.import_module("esl_pipeline.clients.aws_session").read_ahead()
    gc.collect()
    gc.freeze()
    gc.set_threshold(RUBBISH)


def serve(asked: socket.socket) -> None:
    """Forks a worker for each line that comes, and answers with its pid, until the other end is closed."""
    # A Ctrl-C in the terminal is for daemon and workers; children that end leave nothing behind.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with asked, asked.makefile("rb") as lines:
        for line in lines:
            pid = os.fork()
            if pid == 0:
                _become_worker(asked, line)
            asked.sendall(f"{pid}\n".encode())


def _become_worker(asked: socket.socket, line: bytes) -> NoReturn:
    """Works, and ends without the clean-up of the process that was forked."""
    code = 1
    try:
        os.close(asked.fileno())
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        from dagster._core.instance.ref import InstanceRef
        from dagster._serdes import deserialize_value

        from esl_pipeline.defs.launching.run_worker import work

        order = json.loads(line)
        work(deserialize_value(order["instance"], InstanceRef), order["run_id"])
        code = 0
    except BaseException:  # noqa: BLE001 whatever it was, this process must not return into the server's loop
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Loads all, says so, and serves."""
    asked = socket.socket(fileno=int(sys.argv[1]))
    preload()
    asked.sendall(b"ready\n")
    serve(asked)


if __name__ == "__main__":
    main()
