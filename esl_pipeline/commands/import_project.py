"""``esl import-project``."""

from __future__ import annotations

from pathlib import Path

import click

from esl_pipeline.commands.actor import shell_actor
from esl_pipeline.commands.output import DONE, EXIT_CODES, REJECTED, UNAVAILABLE, Output
from esl_pipeline.manifests import check_slug, read_tenant_file
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import Environment, read_environment
from esl_pipeline.stages.import_project import ImportWork, ProjectImported, import_project
from esl_pipeline.stages.pipeline import Pipeline

TAKEN_OVER = {"adopted", "planned", "unchanged"}


def take_over(folder: Path, *, tenant: str, file: Path | None, dry_run: bool, output: Output) -> int:
    """Takes a project of the predecessor over, or says what that would do."""
    environment = read_environment()
    check_slug(tenant, "tenant")
    file = file or _file_of(tenant, environment)

    def pipeline_with(document: str) -> Pipeline:
        found = read_tenant_file(document, file=file.name)
        return create_pipeline(environment=environment, tenant_file=lambda _: found)

    work = ImportWork(folder, tenant, file, pipeline_with, shell_actor())
    imported = import_project(work, dry_run=dry_run)
    _say(imported, output)
    output.answer(imported)
    bad = [page.status for page in imported.pages if page.status not in TAKEN_OVER]
    if not bad:
        return DONE
    return UNAVAILABLE if {EXIT_CODES.get(status) for status in bad} == {UNAVAILABLE} else REJECTED


def _file_of(tenant: str, environment: Environment) -> Path:
    if environment.tenants_address:
        raise click.UsageError(
            "ESL_TENANTS is no folder. Say with --out where to write the document; then put it there."
        )
    there = [
        path for suffix in (".yaml", ".yml", ".json") if (path := environment.tenants / f"{tenant}{suffix}").exists()
    ]
    return there[0] if there else environment.tenants / f"{tenant}.yaml"


def _say(imported: ProjectImported, output: Output) -> None:
    people, does = output.people, "would write" if imported.dry_run else "wrote"
    for one in imported.taken:
        where = f"students.{one.student}" if one.student else "settings"
        people.print(f"{one.source}: {where}.{one.setting}", markup=False)
    for left in imported.left:
        people.print(f"{left.source} is not taken over: {left.reason}", markup=False)
    there = f"{imported.file} is there already and stays; only its settings hold"
    people.print(f"{does} {imported.file}" if imported.written else there, markup=False)
    for page in imported.pages:
        if page.status in TAKEN_OVER:
            people.print(f"{page.assignment} {page.status}: {page.reason}", markup=False)
        else:
            output.failure(f"{page.assignment} {page.status}: {page.reason}")
