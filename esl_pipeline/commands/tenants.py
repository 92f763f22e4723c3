"""``esl tenants``: who publishes here, and who may."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from esl_pipeline.commands.actor import shell_actor
from esl_pipeline.commands.forget_tenant import forget_runs
from esl_pipeline.commands.output import DONE, Output
from esl_pipeline.stages.asking import read_text
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import Environment, read_environment
from esl_pipeline.stages.inbox_place import open_inbox
from esl_pipeline.stages.job_record import Answer
from esl_pipeline.stages.secret_places import open_secret_rows
from esl_pipeline.stages.tenants import add_tenant
from esl_pipeline.stages.tenants import resume as resume_tenant
from esl_pipeline.stages.tenants import suspend as suspend_tenant
from esl_pipeline.stages.tenants_export import export_tenant
from esl_pipeline.stages.tenants_list import TenantAnswer, list_tenants
from esl_pipeline.stages.tenants_remove import RemovalAnswer, Surroundings, remove_tenant
from esl_pipeline.stores.secrets_postgres import PostgresSecrets
from esl_pipeline.stores.standing import Standing


class TenantsAnswer(Answer):
    """What ``esl tenants list --json`` says."""

    tenants: tuple[TenantAnswer, ...]


class StandingAnswer(Answer):
    """How a tenant stands after an act."""

    tenant: str
    standing: Standing


def _documents(environment: Environment) -> Path | None:
    """Returns the folder of tenant files, None where documents are elsewhere."""
    return None if environment.tenants_address else environment.tenants


def add(tenant: str, document: Path | None, *, output: Output) -> int:
    """Makes a tenant known."""
    environment = read_environment()
    folder, text = _documents(environment), read_text(document) if document else None
    if document and folder is None:
        message = f"The documents are not files here. Put {document} to {tenant}.yaml where ESL_TENANTS says."
        raise click.UsageError(message)
    providers = create_pipeline(environment=environment).providers
    standing = add_tenant(providers, tenant, shell_actor(), folder=folder, document=text)
    where = folder / f"{tenant}.yaml" if folder else f"{tenant}.yaml, where ESL_TENANTS says; put it there"
    output.people.print(f"{tenant} is a tenant. Its settings: {where}", markup=False)
    output.answer(StandingAnswer(tenant=tenant, standing=standing))
    return DONE


def list_all(*, output: Output) -> int:
    """Lists the tenants."""
    found = tuple(list_tenants(create_pipeline().providers))
    table = Table(box=None)
    for name in ("tenant", "state", "assignments", "last run", "characters", "usd", "why"):
        table.add_column(name, overflow="fold")
    for one in found:
        last = f"{one.last_run_at:%Y-%m-%d %H:%M}" if one.last_run_at else ""
        cells = (one.tenant, one.state, str(one.assignments), last, f"{one.characters:,}", f"{one.usd:.2f}", one.reason)
        table.add_row(*map(escape, cells), style=None if one.state == "active" else "yellow")
    output.people.print(table if found else "There are no tenants yet.")
    output.answer(TenantsAnswer(tenants=found))
    return DONE


def suspend(tenant: str, reason: str, *, output: Output) -> int:
    """Keeps a tenant from publishing."""
    standing = suspend_tenant(create_pipeline().providers, tenant, shell_actor(), reason)
    output.people.print(f"{tenant} is suspended; runs under way stop before their next request.", markup=False)
    output.answer(StandingAnswer(tenant=tenant, standing=standing))
    return DONE


def resume(tenant: str, *, output: Output) -> int:
    """Lets a tenant publish again."""
    standing = resume_tenant(create_pipeline().providers, tenant, shell_actor())
    output.people.print(f"{tenant} publishes again.", markup=False)
    output.answer(StandingAnswer(tenant=tenant, standing=standing))
    return DONE


def export(tenant: str, folder: Path, *, output: Output) -> int:
    """Writes all that is kept of a tenant into a folder."""
    answer = export_tenant(create_pipeline().providers, tenant, shell_actor(), folder)
    index = answer.index
    output.people.print(
        f"{tenant}: {index.publications} publications, {index.artifacts} files ({index.artifact_bytes:,} bytes), "
        f"{index.months} months of spending, {index.entries} entries of the audit log in {folder}",
        markup=False,
    )
    output.answer(answer)
    return DONE


def remove(tenant: str, confirm: str, folder: Path, *, dry_run: bool, output: Output) -> int:
    """Exports a tenant and deletes all that is kept of it, or says what that would delete."""
    if not dry_run and confirm != tenant:
        raise click.UsageError(f"Nothing was removed. Type the tenant's name again: --confirm {tenant}")
    environment = read_environment()
    inbox, runs = open_inbox(environment), forget_runs(environment.home)
    around = Surroundings(inbox, _documents(environment), runs, _rows(environment))
    providers = create_pipeline(environment=environment).providers
    answer = remove_tenant(providers, tenant, shell_actor(), folder, around, dry_run=dry_run)
    _say(answer, output)
    output.answer(answer)
    return DONE


def _rows(environment: Environment) -> PostgresSecrets | None:
    """Returns the secrets that can be deleted from here; the sandbox deletes none."""
    in_postgres = environment.live and environment.secrets_address.startswith("postgres")
    return open_secret_rows(environment) if in_postgres else None


def _say(answer: RemovalAnswer, output: Output) -> None:
    verb = "would remove" if answer.dry_run else "removed"
    output.people.print(
        f"{answer.tenant}: {verb} {answer.publications} publications, {answer.artifacts} files, {answer.uploads} "
        f"uploads, {answer.months} months of spending, {answer.runs} runs, {answer.secrets} secrets. "
        f"Export: {answer.export}",
        markup=False,
    )
    for page in answer.pages:
        sound = ", and its sound, which Notion deletes with the page alone" if page.sound_at_notion else ""
        output.people.print(f"stays: the page of {page.assignment}, {page.url}{sound}", markup=False)
    for one in answer.stays:
        output.people.print(f"stays: {one}", markup=False)
