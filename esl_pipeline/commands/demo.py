"""``esl demo``: the three example lessons, published into the sandbox."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from esl_pipeline.commands.output import DONE, Output
from esl_pipeline.commands.publish import publish
from esl_pipeline.commands.sandbox import say_addresses
from esl_pipeline.manifests import suggest_slug
from esl_pipeline.sandbox.launcher import join_or_start
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stages.job_record import Answer, JobRecord

TENANT = "demo"


class DemoAnswer(Answer):
    """What ``esl demo --json`` says."""

    viewer_url: str
    records: tuple[JobRecord, ...] = Field(default=())


def demo(*, output: Output) -> int:
    """Publishes the examples through the real assets; a second demo finds nothing to do."""
    environment = read_environment(sandbox=True)
    at = join_or_start(environment.home, environment.sandbox_port)
    say_addresses(at, output)
    quiet = Output(as_json=False)
    quiet.people = output.people
    worst, records = DONE, []
    for file in examples():
        output.people.print(f"\n[bold]{file.name}[/]")
        code, record = publish(
            file,
            tenant=TENANT,
            assignment=suggest_slug(file.stem),
            dry_run=False,
            overrides=(),
            output=quiet,
            sandbox=True,
        )
        worst = max(worst, code)
        records += [record] if record else []
    output.people.print(f"\nPages: [bold]{at.viewer_url}[/]")
    output.people.print("Runs: start [bold]make dev[/], then http://127.0.0.1:3000/runs, with a run's id behind it")
    output.answer(DemoAnswer(viewer_url=at.viewer_url, records=tuple(records)))
    return worst


def examples() -> list[Path]:
    """Returns the example manifests, easiest first, from the checkout or the installed package."""
    package = Path(__file__).parents[1]
    for folder in (package.parent / "examples", package / "examples"):
        if folder.is_dir():
            return sorted(folder.glob("*.yaml")) or sorted(folder.glob("*.md"))
    raise FileNotFoundError("The examples are missing from the installation.")
