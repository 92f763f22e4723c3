"""The command line: thin, over the same jobs and stages as Dagster's UI."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from esl_pipeline.commands.moving import import_project, migrate
from esl_pipeline.commands.options import FILE, dry_run_option, json_option, overrides_option
from esl_pipeline.commands.output import EXIT_CODES, INTERRUPTED, REJECTED, USAGE, Output
from esl_pipeline.commands.secrets_group import secrets
from esl_pipeline.commands.tenants_group import tenants
from esl_pipeline.manifests import SlugError
from esl_pipeline.stages.job_record import Answer
from esl_pipeline.stages.run_stage import describe_failure, failure_kind


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="esl-pipeline")
def esl() -> None:
    """Publishes English lessons as Notion pages with spoken study text.

    State is under ESL_HOME (.esl by default). Without credentials everything goes to the local sandbox.
    Exit codes: 0 done, 1 rejected or invalid, 2 wrong usage, 3 a vendor was unavailable, 130 stopped by Ctrl-C.
    """


@esl.command()
@click.argument("file", type=FILE)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@json_option
def validate(file: Path, *, strict: bool, as_json: bool) -> None:
    """Checks a lesson or manifest; nothing is sent anywhere."""
    from esl_pipeline.commands import publish as commands

    sys.exit(commands.validate(file, strict=strict, output=Output(as_json=as_json)))


@esl.command()
@click.argument("file", type=FILE)
@click.option("--tenant", required=True, help="Whose settings and limits hold; a slug.")
@click.option("--assignment", help="What is due; a slug. The manifest's own or the file's name by default.")
@dry_run_option
@overrides_option
@json_option
def publish(
    file: Path, *, tenant: str, assignment: str | None, dry_run: bool, overrides: tuple[str, ...], as_json: bool
) -> None:
    """Publishes a lesson or manifest, or brings its page and audio up to date."""
    from esl_pipeline.commands import publish as commands

    code, _ = commands.publish(
        file,
        tenant=tenant,
        assignment=assignment,
        dry_run=dry_run,
        overrides=overrides,
        output=Output(as_json=as_json),
    )
    sys.exit(code)


@esl.command()
@click.argument("key", metavar="TENANT/ASSIGNMENT")
@json_option
def status(key: str, *, as_json: bool) -> None:
    """Says what is known of an assignment."""
    from esl_pipeline.commands import publish as commands

    sys.exit(commands.status(key, output=Output(as_json=as_json)))


@esl.command()
@click.argument("key", metavar="TENANT/ASSIGNMENT")
@click.option("--steps", required=True, help="Any of page, speech, upload, attach, with commas between.")
@click.option("--force", is_flag=True, help="Works although nothing changed; stored speech is never paid twice.")
@json_option
def rerun(key: str, *, steps: str, force: bool, as_json: bool) -> None:
    """Runs some steps of an assignment again."""
    from esl_pipeline.commands import publish as commands

    names = [name.strip() for name in steps.split(",")]
    if unknown := [name for name in names if name not in commands.STEPS]:
        raise click.UsageError(f"{unknown[0]!r} is no step; choose from {', '.join(commands.STEPS)}.")
    sys.exit(commands.rerun(key, steps=names, force=force, output=Output(as_json=as_json)))


@esl.command("import-manifest")
@click.argument("file", type=FILE)
@click.option("--tenant", required=True, help="Whose settings and limits hold; a slug.")
@click.option("--assignment", help="What is due; a slug. The file's name by default.")
@dry_run_option
@overrides_option
@json_option
def import_manifest(
    file: Path, *, tenant: str, assignment: str | None, dry_run: bool, overrides: tuple[str, ...], as_json: bool
) -> None:
    """Goes on with the page of a lesson that the TypeScript pipeline published (its *.manifest.json)."""
    from esl_pipeline.commands import adopt as commands

    output = Output(as_json=as_json)
    sys.exit(
        commands.import_manifest(
            file, tenant=tenant, assignment=assignment, overrides=overrides, dry_run=dry_run, output=output
        )
    )


@esl.group()
def pages() -> None:
    """Works with the Notion pages of assignments."""


@pages.command("adopt")
@click.argument("key", metavar="TENANT/ASSIGNMENT")
@click.option("--page", required=True, help="Id or address of the page.")
@dry_run_option
@overrides_option
@json_option
def pages_adopt(key: str, *, page: str, dry_run: bool, overrides: tuple[str, ...], as_json: bool) -> None:
    """Goes on with a page that is there already, instead of making one."""
    from esl_pipeline.commands import adopt as commands

    output = Output(as_json=as_json)
    sys.exit(commands.adopt(key, page=page, overrides=overrides, dry_run=dry_run, output=output))


@esl.command()
@click.option("--tenant", help="Whose files; those of all tenants by default.")
@dry_run_option
@json_option
def prune(*, tenant: str | None, dry_run: bool, as_json: bool) -> None:
    """Removes speech, tracks and uploads that no publication needs any more, when they are old enough."""
    from esl_pipeline.commands import prune as commands

    sys.exit(commands.prune(tenant, dry_run=dry_run, output=Output(as_json=as_json)))


@esl.command()
@click.argument("tenant")
@click.option("--sync", is_flag=True, help="Reads them anew, and says what changed.")
@json_option
def voices(tenant: str, *, sync: bool, as_json: bool) -> None:
    """Lists the voices of a tenant's account, and which of them will go."""
    from esl_pipeline.commands import voices as commands

    sys.exit(commands.voices(tenant, sync=sync, output=Output(as_json=as_json)))


@esl.command()
@click.option("--tenant", help="Whose speech; that of all tenants by default.")
@click.option("--month", metavar="YYYY-MM", help="A month in UTC; the current one by default.")
@json_option
def usage(*, tenant: str | None, month: str | None, as_json: bool) -> None:
    """Says what speech cost in a month."""
    from esl_pipeline.commands import usage as commands

    sys.exit(commands.usage(tenant, month, output=Output(as_json=as_json)))


@esl.group()
def settings() -> None:
    """Tells which settings hold, and checks them."""


@settings.command("show")
@click.argument("tenant")
@click.option("--student", default="", help="Whose lessons; a name as in a lesson's `student`.")
@json_option
def settings_show(tenant: str, *, student: str, as_json: bool) -> None:
    """Lists every setting of a tenant, and where its value is from."""
    from esl_pipeline.commands import settings as commands

    sys.exit(commands.show(tenant, student, output=Output(as_json=as_json)))


@settings.command("check")
@click.argument("tenants", metavar="[TENANT]...", nargs=-1)
@click.option("--live", is_flag=True, help="Asks the vendors too: credentials, places, voices, bucket, quota.")
@json_option
def settings_check(tenants: tuple[str, ...], *, live: bool, as_json: bool) -> None:
    """Checks the settings of tenants, of all by default; exit code 1 where something must be mended."""
    from esl_pipeline.commands import settings as commands

    sys.exit(commands.check(tenants, live=live, output=Output(as_json=as_json)))


@esl.command()
@click.argument("tenant", required=False)
@click.option("--operators", is_flag=True, help="To those who run the installation, instead of a tenant.")
@json_option
def notify(tenant: str | None, *, operators: bool, as_json: bool) -> None:
    """Sends a trial to each receiver of a tenant's messages; exit code 1 where one does not arrive."""
    from esl_pipeline.commands import notify as commands

    if bool(tenant) == operators:
        raise click.UsageError("Give a tenant, or --operators.")
    sys.exit(commands.notify(tenant, output=Output(as_json=as_json)))


@esl.command()
@click.argument("tenant")
@click.option("--since", metavar="DATE", help="Only what was told from this day or time on, in UTC.")
@click.option("--verify", is_flag=True, help="Checks that no entry was changed or taken out.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per entry on stdout, all else on stderr.")
def audit(tenant: str, *, since: str | None, verify: bool, as_json: bool) -> None:
    """Says what happened to a tenant: who asked, what was written where, and what it cost."""
    from esl_pipeline.commands import audit as commands

    sys.exit(commands.audit(tenant, since=since, verify=verify, output=Output(as_json=as_json)))


@esl.command()
@json_option
def demo(*, as_json: bool) -> None:
    """Publishes the example lessons into the sandbox and says where to look."""
    from esl_pipeline.commands import demo as commands

    sys.exit(commands.demo(output=Output(as_json=as_json)))


@esl.command()
@click.option("--port", default=3000, show_default=True, help="Port of Dagster's web server.")
def dev(*, port: int) -> None:
    """Starts the sandbox and `dagster dev`; Ctrl-C stops both."""
    from esl_pipeline.commands import dev as commands

    sys.exit(commands.dev(port=port, output=Output(as_json=False)))


@esl.group(invoke_without_command=True)
@click.option("--detach", is_flag=True, help="Leaves the sandbox running; `esl sandbox stop` ends it.")
@click.pass_context
def sandbox(context: click.Context, *, detach: bool) -> None:
    """Runs the local stand-ins of Notion, ElevenLabs and S3."""
    from esl_pipeline.commands import sandbox as commands

    if context.invoked_subcommand is None:
        sys.exit(commands.run(detach=detach, output=Output(as_json=False)))


@sandbox.command("stop")
def sandbox_stop() -> None:
    """Stops the sandbox of this home folder."""
    from esl_pipeline.commands import sandbox as commands

    sys.exit(commands.halt(output=Output(as_json=False)))


esl.add_command(import_project)
esl.add_command(migrate)
esl.add_command(secrets)
esl.add_command(tenants)


class FailureAnswer(Answer):
    """What a command says with --json when it could not begin its work."""

    status: str
    error: dict[str, Any]


def main() -> None:
    """Runs ``esl``; expected failures are one line on stderr, and an object on stdout where JSON is asked for."""
    try:
        sys.exit(esl(standalone_mode=False))
    except click.UsageError as error:
        error.show()
        _answer("usage", {"message": error.format_message()})
        sys.exit(USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("esl: stopped", err=True)
        _answer("cancelled", {"message": "stopped"})
        sys.exit(INTERRUPTED)
    except Exception as error:
        kind = "rejected" if isinstance(error, OSError | SlugError) else failure_kind(error)
        if kind == "failed":
            raise
        click.echo(f"esl: {error}", err=True)
        _answer(kind, describe_failure(error) | {"kind": kind})
        sys.exit(USAGE if isinstance(error, SlugError) else EXIT_CODES.get(kind, REJECTED))


def _answer(status: str, error: dict[str, Any]) -> None:
    Output(as_json="--json" in sys.argv).answer(FailureAnswer(status=status, error=error))
