"""``esl prune``."""

from __future__ import annotations

from esl_pipeline.commands.output import DONE, REJECTED, Output
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stages.prune_artifacts import prune_artifacts


def prune(tenant: str | None, *, dry_run: bool, output: Output) -> int:
    """Cleans up after one tenant or all, or says what that would remove."""
    pruned = prune_artifacts(create_pipeline(environment=read_environment()), tenant, dry_run=dry_run)
    verb = "would remove" if dry_run else "removed"
    for one in pruned.tenants:
        for kind, removed in one.removed.items():
            output.people.print(f"{one.tenant}: {verb} {removed.count} {kind}, {removed.bytes:,} bytes", markup=False)
    for problem in pruned.problems:
        output.failure(problem)
    total = pruned.total()
    output.people.print(f"{verb} {total.count} files, {total.bytes:,} bytes", markup=False)
    output.answer(pruned)
    return REJECTED if pruned.problems else DONE
