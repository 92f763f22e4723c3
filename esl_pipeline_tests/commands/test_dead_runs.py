from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest

from esl_pipeline.commands.instance import open_instance
from esl_pipeline_tests.sandboxed import Sandboxed

SLOW = {"vendor": "notion", "every": 1, "slow_s": 20}
ESL = (sys.executable, "-c", "from esl_pipeline.cli import main; main()")


def variables(sandbox: Sandboxed) -> dict[str, str]:
    home, port = str(sandbox.home), str(sandbox.at.base_port)
    return {"PATH": os.environ["PATH"], "ESL_HOME": home, "ESL_SANDBOX_PORT": port}


def started(sandbox: Sandboxed, lesson: Path, assignment: str) -> subprocess.Popen[str]:
    """Begins a publication in a shell's process and waits until it waits for Notion."""
    command = [*ESL, "publish", str(lesson), "--tenant", "school", "--assignment", assignment, "--json"]
    before = len(sandbox.requests("notion"))
    shell = subprocess.Popen(command, env=variables(sandbox), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while len(sandbox.requests("notion")) == before:
        assert time.monotonic() < end, "the publication never asked Notion"
        time.sleep(0.05)
    return shell


def runs_of(sandbox: Sandboxed, assignment: str) -> list[str]:
    with open_instance(sandbox.home) as instance:
        wanted = dg.RunsFilter(tags={"esl/assignment": assignment})
        return sorted(run.status.value for run in instance.get_runs(wanted))


def test_the_next_shell_ends_the_run_of_one_that_was_killed(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    lesson = sandbox.write(four_turns, assignment)
    with sandbox.faults(SLOW):
        shell = started(sandbox, lesson, assignment)
        shell.kill()
        shell.communicate(timeout=30)
    assert runs_of(sandbox, assignment) == ["STARTED"]
    command = [*ESL, "rerun", f"school/{assignment}", "--steps", "page"]
    again = subprocess.run(command, env=variables(sandbox), capture_output=True, text=True, timeout=60)
    assert again.returncode == 0, again.stderr
    assert runs_of(sandbox, assignment) == ["FAILURE", "SUCCESS"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_publication_that_was_stopped_says_so_and_publishing_again_completes_it(
    sandbox: Sandboxed, four_turns: str, assignment: str, number: signal.Signals
) -> None:
    lesson = sandbox.write(four_turns, assignment)
    with sandbox.faults({**SLOW, "slow_s": 3}):
        shell = started(sandbox, lesson, assignment)
        shell.send_signal(number)
        out, err = shell.communicate(timeout=60)
    assert shell.returncode == 130, err
    assert '"status":"cancelled"' in out.replace(" ", "")
    assert "Traceback" not in err
    assert "STARTED" not in runs_of(sandbox, assignment)
    assert sandbox.publish(lesson, assignment).status == "succeeded"
