"""``esl validate``, ``publish``, ``rerun`` and ``status``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from esl_pipeline.commands.instance import run_publish_job
from esl_pipeline.commands.output import DONE, EXIT_CODES, REJECTED, Output
from esl_pipeline.lessons import Problem, Severity
from esl_pipeline.manifests import SlugError, check_slug, parse_partition_key, partition_key, slug_of_name, suggest_slug
from esl_pipeline.stages.asking import AskingError, ManifestText, manifest_file, unreadable
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stages.job_log import JobLog
from esl_pipeline.stages.job_record import Answer, JobRecord, ProblemAnswer
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stages.tenants_gate import check_tenant

STEPS: dict[str, tuple[Stage, ...]] = {
    "page": (Stage.PAGE,),
    "speech": (Stage.SPEECH, Stage.MERGE),
    "upload": (Stage.UPLOAD,),
    "attach": (Stage.ATTACH,),
}
"""What ``esl rerun --steps`` runs for each word."""


INTERRUPTED = "DagsterExecutionInterruptedError"
"""How Dagster names what Ctrl-C does to a run."""


class RunError(Exception):
    """A run failed before its stages could say why; the message is the cause's."""


class ValidationAnswer(Answer):
    """What ``esl validate --json`` says."""

    file: str
    ok: bool
    problems: tuple[ProblemAnswer, ...]


def problem_answers(problems: Sequence[Problem]) -> tuple[ProblemAnswer, ...]:
    """Returns problems as they stand in JSON answers."""
    return tuple(
        ProblemAnswer(
            rule=p.rule,
            severity=str(p.severity),
            line=p.line,
            column=p.column,
            message=p.message,
            fix=p.fix,
            file=p.file,
        )
        for p in problems
    )


def validate(file: Path, *, strict: bool, output: Output) -> int:
    """Checks a lesson, or a manifest with its lesson, without publishing it."""
    try:
        pipeline = create_pipeline(environment=read_environment(sandbox=True))
        job = pipeline.open_job("check", "check", manifest_file(file), JobOptions(dry_run=True))
        problems = job.understood.problems
    except AskingError as error:
        problems = error.problems
    bad = [p for p in problems if strict or p.severity is Severity.ERROR]
    output.problems(problems, file.name)
    if not problems:
        output.people.print(f"{file.name}: no problems")
    output.answer(ValidationAnswer(file=str(file), ok=not bad, problems=problem_answers(problems)))
    return REJECTED if bad else DONE


def publish(
    file: Path,
    *,
    tenant: str,
    assignment: str | None,
    dry_run: bool,
    overrides: Sequence[str],
    output: Output,
    sandbox: bool = False,
) -> tuple[int, JobRecord | None]:
    """Publishes a lesson through the Dagster job, or says what that would do."""
    try:
        asked = manifest_file(file)
    except AskingError as error:
        output.problems(error.problems, file.name)
        record = JobRecord(
            assignment=f"{tenant}/{assignment or suggest_slug(file.stem)}",
            status="rejected",
            job_id="",
            run_id="",
            problems=problem_answers(error.problems),
        )
        output.answer(record)
        return REJECTED, record
    key = _key(tenant, assignment, file, asked)
    if dry_run:
        record = _dry_run(key, asked, overrides, output, sandbox=sandbox)
    else:
        asking = {"manifest_path": str(file.resolve()), "settings": list(overrides), "retries": 0}
        record = _run(key, asking, tuple(Stage), output, sandbox=sandbox)
    return _say(record, file.name, output), record


def rerun(key: str, *, steps: Sequence[str], force: bool, output: Output) -> int:
    """Runs some steps of an assignment again, with what was last found valid."""
    parse_partition_key(key)
    stages = tuple(stage for step in steps for stage in STEPS[step])
    status = create_pipeline().assignment_status(*parse_partition_key(key))
    if status.state == "unknown":
        raise AskingError((unreadable(key, "It was never published.", "Publish it first: esl publish FILE …"),))
    asking = {"force": [stage.value for stage in stages] if force else [], "retries": 0}
    return _say(_run(key, asking, stages, output), key, output)


def status(key: str, *, output: Output) -> int:
    """Says what is known of an assignment."""
    found = create_pipeline().assignment_status(*parse_partition_key(key))
    output.answer(found)
    output.people.print(f"[bold]{found.assignment}[/] {found.state} {found.title}")
    output.publication(found)
    for stage in found.stages:
        why = stage.error["message"] if stage.error else stage.reason
        output.people.print(f"  {stage.stage:<18} {stage.status:<10} {why}", markup=False)
    return REJECTED if found.state == "unknown" else DONE


def _key(tenant: str, assignment: str | None, file: Path, asked: ManifestText) -> str:
    manifest = asked.read().manifest
    named = assignment or (manifest.assignment if manifest else None)
    try:
        check_slug(tenant, "tenant")
        return partition_key(tenant, named or slug_of_name(file.stem, "--assignment"))
    except SlugError as error:
        raise click.UsageError(str(error)) from error


def _dry_run(key: str, asked: ManifestText, overrides: Sequence[str], output: Output, *, sandbox: bool) -> JobRecord:
    pipeline = create_pipeline(environment=read_environment(sandbox=sandbox))
    options = JobOptions(overrides=overrides, dry_run=True, hooks={"progress": output.progress})
    return pipeline.new_assignment(*parse_partition_key(key), asked, options)


def _run(
    key: str, asking: dict[str, object], stages: Sequence[Stage], output: Output, *, sandbox: bool = False
) -> JobRecord:
    environment = read_environment(sandbox=sandbox)
    selection = None if tuple(stages) == tuple(Stage) else [stage.value for stage in stages]
    log, pipeline = JobLog(output.progress), create_pipeline(environment=environment)
    check_tenant(pipeline.providers.standings, parse_partition_key(key)[0])
    run = run_publish_job(environment.home, key, asking=asking, selection=selection, progress=log, sandbox=sandbox)
    record = pipeline.record_of_run(*parse_partition_key(key), run.run_id, log, stages)
    if record.status == "cancelled" and run.error and INTERRUPTED not in run.error:
        raise RunError(run.error)
    return record.model_copy(update={"checks": run.checks})


def _say(record: JobRecord, file: str, output: Output) -> int:
    output.problems(record.problems, file)
    for stage in record.stages:
        if stage.error:
            output.failure(f"{stage.stage}: {stage.error['message']}")
    if record.status == "succeeded":
        output.publication(record)
    for check in record.checks:
        if not check.passed and check.name != "lesson_is_valid":
            output.failure(f"check {check.name}: {check.description}")
    output.people.print(f"[bold]{record.assignment}[/] {record.status}")
    output.answer(record)
    return EXIT_CODES.get(record.status, REJECTED)
