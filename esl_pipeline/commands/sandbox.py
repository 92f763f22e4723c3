"""``esl sandbox``: the local stand-ins of the vendors."""

from __future__ import annotations

from esl_pipeline.commands.output import DONE, Output
from esl_pipeline.sandbox.launcher import SandboxAddresses, join_or_start, stop
from esl_pipeline.sandbox.server import serve
from esl_pipeline.stages.environment import read_environment


def run(*, detach: bool, output: Output) -> int:
    """Starts the sandbox and stays with it, or leaves it running."""
    environment = read_environment(sandbox=True)
    if not detach:
        serve(environment.home, environment.sandbox_port)
        return DONE
    say_addresses(join_or_start(environment.home, environment.sandbox_port), output)
    return DONE


def halt(*, output: Output) -> int:
    """Stops the sandbox of this home folder."""
    was_running = stop(read_environment(sandbox=True).home)
    output.people.print("The sandbox has stopped." if was_running else "No sandbox was running.")
    return DONE


def say_addresses(at: SandboxAddresses, output: Output) -> None:
    """Writes where the sandbox is."""
    output.people.print(f"sandbox {'started' if at.started else 'running'}: pages at [bold]{at.viewer_url}[/]")
