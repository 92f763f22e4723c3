"""``esl dev``: the sandbox and Dagster's web server and daemon, together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from esl_pipeline.commands.instance import dagster_home
from esl_pipeline.commands.output import Output
from esl_pipeline.commands.sandbox import say_addresses
from esl_pipeline.sandbox.launcher import join_or_start, stop
from esl_pipeline.stages.environment import read_environment

GRACE_S = 20
"""How long `dagster dev` may take to end its own children."""


def dev(*, port: int, output: Output) -> int:
    """Runs both until Ctrl-C or SIGTERM; a sandbox that ran before is left running."""
    environment = read_environment()
    folder = dagster_home(environment.home)
    environment.inbox.mkdir(parents=True, exist_ok=True)
    sandbox = None if environment.live else join_or_start(environment.home, environment.sandbox_port)
    if sandbox:
        say_addresses(sandbox, output)
    output.people.print(f"Dagster: [bold]http://127.0.0.1:{port}[/]   inbox: {environment.inbox}   Ctrl-C stops all")
    variables = {**os.environ, "DAGSTER_HOME": str(folder), "ESL_HOME": str(environment.home)}
    try:
        dagster = str(Path(sys.executable).with_name("dagster"))
        command = [dagster, "dev", "-m", "esl_pipeline.definitions", "-h", "127.0.0.1", "-p", str(port)]
        return _supervise(command, variables)
    finally:
        if sandbox and sandbox.started:
            stop(environment.home)


def _supervise(command: list[str], variables: dict[str, str]) -> int:
    """Runs a command in a process group of its own, and hands on the first Ctrl-C or SIGTERM."""
    child = subprocess.Popen(command, env=variables, start_new_session=True)

    def hand_on(number: int, _frame: object) -> None:
        os.killpg(child.pid, signal.SIGINT if number == signal.SIGINT else signal.SIGTERM)

    before = {number: signal.signal(number, hand_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        code = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if child.poll() is None:
            child.terminate()
            child.wait(GRACE_S)
    return 0 if code in (0, -signal.SIGINT, -signal.SIGTERM, 130) else 1
