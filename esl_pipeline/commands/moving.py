"""What moves things here, and from one store to another: ``esl import-project`` and ``esl migrate``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from esl_pipeline.commands.options import dry_run_option, json_option
from esl_pipeline.commands.output import Output


@click.command()
@click.option("--from", "source", default="", metavar="ADDRESS", help="State: files:HOME, s3://… or postgresql://…")
@click.option("--to", "target", default="", metavar="ADDRESS", help="Where the state is to be.")
@click.option("--artifacts-from", default="", metavar="ADDRESS", help="Speech and tracks: files:HOME or s3://…")
@click.option("--artifacts-to", default="", metavar="ADDRESS", help="Where speech and tracks are to be.")
@click.option("--tenant", help="Whose; everybody's by default.")
@dry_run_option
@json_option
def migrate(
    *,
    source: str,
    target: str,
    artifacts_from: str,
    artifacts_to: str,
    tenant: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Moves publications, account books, audit log and speech from one store to another."""
    from esl_pipeline.commands import migrate as commands

    addresses = commands.Addresses(source, target, artifacts_from, artifacts_to)
    sys.exit(commands.migrate(addresses, tenant, dry_run=dry_run, output=Output(as_json=as_json)))


@click.command("import-project")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--tenant", required=True, help="Whose project it is to be; a slug.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The tenant's document; in ESL_TENANTS by default."
)
@dry_run_option
@json_option
def import_project(folder: Path, *, tenant: str, out: Path | None, dry_run: bool, as_json: bool) -> None:
    """Takes a project of the TypeScript pipeline over: its settings, and the pages of its *.manifest.json."""
    from esl_pipeline.commands import import_project as commands

    sys.exit(commands.take_over(folder, tenant=tenant, file=out, dry_run=dry_run, output=Output(as_json=as_json)))
