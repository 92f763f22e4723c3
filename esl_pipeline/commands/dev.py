"""``esl dev``: the sandbox and Dagster's web server and daemon, together."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from rich.markup import escape

from esl_pipeline.commands.instance import dagster_home, older_config_warning
from esl_pipeline.commands.output import DONE, REJECTED, Output
from esl_pipeline.commands.sandbox import say_addresses
from esl_pipeline.sandbox.launcher import join_or_start, stop
from esl_pipeline.stages.environment import Environment, read_environment

GRACE_S = 30.0
"""How long `dagster dev` may take to end its own children."""
POLL_S = 0.2

QUIET = "ignore:Function `dev_command` is superseded"
"""Dagster recommends `dg dev`, which needs the layout of a `dg` project."""


def dev(*, port: int, output: Output) -> int:
    """Runs both until Ctrl-C or SIGTERM, then stops both, the sandbox also where it ran before."""
    if _listens(port):
        output.failure(f"Port {port} is taken by another program. Choose a free one: esl dev --port {port + 1}")
        return REJECTED
    environment = read_environment()
    environment.inbox.mkdir(parents=True, exist_ok=True)
    with _only_one(environment.home) as lock, _stop_asked() as asked:
        if lock is None:
            home = environment.home
            output.failure(f"Dagster runs already with {home}. End it first, or set ESL_HOME to another folder.")
            return REJECTED
        sandbox = None if environment.live else join_or_start(environment.home, environment.sandbox_port)
        try:
            if sandbox:
                say_addresses(sandbox, output)
            output.people.print("Dagster starts, which takes about 15 seconds. Ctrl-C stops all.")
            return _run_dagster(port, environment, asked, lock, output)
        finally:
            if sandbox:
                stop(environment.home)


@contextmanager
def _only_one(home: Path) -> Iterator[int | None]:
    """Gives the lock of a home folder, None where it is held: two daemons would start each run twice.

    Dagster inherits it, so that it is held as long as Dagster lives, also where `esl dev` was killed.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "dev.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield file.fileno()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _stop_asked() -> Iterator[Event]:
    """Gives an event that Ctrl-C and SIGTERM set.

    A program whose parent ignores Ctrl-C, such as one that a shell script started in the background, would hand that on
    to its children; these handlers keep it from them.
    """
    asked = Event()
    before = {number: signal.signal(number, lambda *_: asked.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run_dagster(port: int, environment: Environment, asked: Event, lock: int, output: Output) -> int:
    """Runs Dagster until it ends or is asked to, and says when it can be looked at.

    It works in its own folder, because it would take credentials from a file `.env` in any other.
    """
    folder = dagster_home(environment.home)
    if warning := older_config_warning(folder):
        output.people.print(f"[yellow]{escape(warning)}[/]")
    child = subprocess.Popen(
        _command(port),
        cwd=folder,
        env=_variables(environment, folder, port),
        start_new_session=True,
        pass_fds=(lock,),
    )
    ready, inbox = False, environment.inbox_address or environment.inbox
    try:
        while child.poll() is None and not asked.wait(POLL_S):
            if not ready and _listens(port):
                ready = True
                output.people.print(f"Dagster: [bold]http://127.0.0.1:{port}[/]   inbox: {inbox}")
        output.people.print("stopping …" if asked.is_set() else f"Dagster ended with code {child.returncode}.")
        return DONE if asked.is_set() else REJECTED
    finally:
        _end(child)


def _command(port: int) -> list[str]:
    dagster = str(Path(sys.executable).with_name("dagster"))
    where = ["-m", "esl_pipeline.definitions", "-h", "127.0.0.1", "-p", str(port)]
    return [dagster, "dev", *where, "--log-level", "warning"]


def _variables(environment: Environment, folder: Path, port: int) -> dict[str, str]:
    """Returns the child's environment, whose paths hold in whatever folder it works."""
    return {
        **os.environ,
        "DAGSTER_HOME": str(folder),
        "ESL_HOME": str(environment.home),
        "ESL_DAGSTER_URL": environment.variables.get("ESL_DAGSTER_URL") or f"http://127.0.0.1:{port}",
        "ESL_INBOX": environment.inbox_address or str(environment.inbox),
        "ESL_TENANTS": environment.tenants_address or str(environment.tenants),
        "PYTHONWARNINGS": ",".join(filter(None, (os.environ.get("PYTHONWARNINGS"), QUIET))),
    }


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ends Dagster and what it started, as Ctrl-C in a terminal would: all are asked, runs that work say so and end.

    What is left after a while is killed; runs would be shown as started for ever.
    """
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGINT)
        end = time.monotonic() + GRACE_S
        while time.monotonic() < end:
            child.poll()
            os.killpg(child.pid, 0)
            time.sleep(POLL_S)
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
