"""Two web servers of Dagster over one code server and one instance; one of them is read-only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from esl_pipeline.commands.instance import dagster_home
from esl_pipeline_tests.permissions.gateway import wait_until_open

PREFIX = "/dagster"
LOCATION = "esl_pipeline.definitions"
KEPT = ("PATH", "HOME", "TMPDIR", "PYTHONPATH", "LANG")
START_S = 90
STOP_S = 20
WORKSPACE = """\
load_from:
  - grpc_server: {{host: 127.0.0.1, port: {port}, location_name: {location}}}
"""


@contextmanager
def web_servers(home: Path, code_port: int, full_port: int, read_only_port: int) -> Iterator[None]:
    """Runs all three until the block ends."""
    folder = dagster_home(home)
    workspace = folder / "workspace.yaml"
    workspace.write_text(WORKSPACE.format(port=code_port, location=LOCATION))
    web = ["dagster-webserver", "-h", "127.0.0.1", "--path-prefix", PREFIX, "-w", str(workspace)]
    code = ["dagster", "code-server", "start", "-m", LOCATION, "-h", "127.0.0.1", "-p", str(code_port)]
    running = [_start(code, home)]
    try:
        wait_until_open(code_port, START_S)
        running.append(_start([*web, "-p", str(full_port)], home))
        running.append(_start([*web, "-p", str(read_only_port), "--read-only"], home))
        wait_until_open(full_port, START_S)
        wait_until_open(read_only_port, START_S)
        yield
    finally:
        _end(running)


def _start(command: list[str], home: Path) -> subprocess.Popen[bytes]:
    """Starts a program that writes to a log in the home."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    variables = {**kept, "ESL_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}
    program = str(Path(sys.executable).with_name(command[0]))
    with (home / "servers.log").open("ab") as log:
        return subprocess.Popen([program, *command[1:]], env=variables, cwd=home, stdout=log, stderr=log)


def _end(running: list[subprocess.Popen[bytes]]) -> None:
    """Ends all at once: each takes seconds."""
    for process in running:
        process.send_signal(signal.SIGINT)
    for process in running:
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
