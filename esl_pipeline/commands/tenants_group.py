"""``esl tenants``, as the command line takes it; its work is loaded when it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from esl_pipeline.commands.options import FILE, dry_run_option, json_option
from esl_pipeline.commands.output import Output


@click.group()
def tenants() -> None:
    """Lists who publishes here; adds, suspends, exports and removes tenants."""


@tenants.command("add")
@click.argument("tenant")
@click.option("--from", "document", type=FILE, help="The tenant's settings, as YAML.")
@json_option
def tenants_add(tenant: str, *, document: Path | None, as_json: bool) -> None:
    """Makes a tenant known, and writes its settings where they are files."""
    from esl_pipeline.commands import tenants as commands

    sys.exit(commands.add(tenant, document, output=Output(as_json=as_json)))


@tenants.command("list")
@json_option
def tenants_list(*, as_json: bool) -> None:
    """Lists tenants: standing, assignments, last run, and this month's spending."""
    from esl_pipeline.commands import tenants as commands

    sys.exit(commands.list_all(output=Output(as_json=as_json)))


@tenants.command("suspend")
@click.argument("tenant")
@click.option("--reason", required=True, help="Why; the tenant's runs say it.")
@json_option
def tenants_suspend(tenant: str, *, reason: str, as_json: bool) -> None:
    """Stops a tenant: runs under way end before their next request, and none begins."""
    from esl_pipeline.commands import tenants as commands

    sys.exit(commands.suspend(tenant, reason, output=Output(as_json=as_json)))


@tenants.command("resume")
@click.argument("tenant")
@json_option
def tenants_resume(tenant: str, *, as_json: bool) -> None:
    """Lets a suspended tenant publish again."""
    from esl_pipeline.commands import tenants as commands

    sys.exit(commands.resume(tenant, output=Output(as_json=as_json)))


@tenants.command("export")
@click.argument("tenant")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@json_option
def tenants_export(tenant: str, folder: Path, *, as_json: bool) -> None:
    """Writes all that is kept of a tenant into a folder."""
    from esl_pipeline.commands import tenants as commands

    sys.exit(commands.export(tenant, folder, output=Output(as_json=as_json)))


@tenants.command("remove")
@click.argument("tenant")
@click.option("--confirm", default="", metavar="TENANT", help="The tenant's name once more.")
@click.option(
    "--export",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where all of it is written to before it is deleted.",
)
@dry_run_option
@json_option
def tenants_remove(tenant: str, *, confirm: str, folder: Path, dry_run: bool, as_json: bool) -> None:
    """Exports a tenant, deletes all that is kept of it, and says what it can't delete."""
    from esl_pipeline.commands import tenants as commands

    sys.exit(commands.remove(tenant, confirm, folder, dry_run=dry_run, output=Output(as_json=as_json)))
