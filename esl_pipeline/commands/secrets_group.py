"""``esl secrets``, as the command line takes it; its work is loaded when it is asked for."""

from __future__ import annotations

import sys

import click

from esl_pipeline.commands.options import json_option
from esl_pipeline.commands.output import Output


@click.group()
def secrets() -> None:
    """Works with the secrets that ESL_SECRETS keeps in Postgres; other places have tools of their own.

    TENANT is - for the installation's own secrets.
    """


@secrets.command("set")
@click.argument("tenant")
@click.argument("name")
@json_option
def secrets_set(tenant: str, name: str, *, as_json: bool) -> None:
    """Sets a secret, read from stdin or asked for."""
    from esl_pipeline.commands import secrets as commands

    asks = sys.stdin.isatty()
    value = click.prompt(name, hide_input=True, err=True) if asks else sys.stdin.read()
    sys.exit(commands.set_secret(tenant, name, value, output=Output(as_json=as_json)))


@secrets.command("delete")
@click.argument("tenant")
@click.argument("name")
@json_option
def secrets_delete(tenant: str, name: str, *, as_json: bool) -> None:
    """Removes a secret."""
    from esl_pipeline.commands import secrets as commands

    sys.exit(commands.delete_secret(tenant, name, output=Output(as_json=as_json)))


@secrets.command("list")
@json_option
def secrets_list(*, as_json: bool) -> None:
    """Lists tenants and names, no values."""
    from esl_pipeline.commands import secrets as commands

    sys.exit(commands.list_secrets(output=Output(as_json=as_json)))


@secrets.command("rotate")
@json_option
def secrets_rotate(*, as_json: bool) -> None:
    """Encrypts all secrets with the first key of ESL_SECRETS_KEYS."""
    from esl_pipeline.commands import secrets as commands

    sys.exit(commands.rotate(output=Output(as_json=as_json)))


@secrets.command("new-key")
def secrets_new_key() -> None:
    """Writes a new key for ESL_SECRETS_KEYS to stdout."""
    from esl_pipeline.commands import secrets as commands

    sys.exit(commands.new_key())
