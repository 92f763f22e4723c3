"""``esl migrate``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from esl_pipeline.clients import s3_client
from esl_pipeline.commands.output import DONE, REJECTED, UNAVAILABLE, Output
from esl_pipeline.stages.artifact_place import ArtifactsAddressError, open_artifacts
from esl_pipeline.stages.environment import Environment, read_environment
from esl_pipeline.stages.migrate_state import Place, TenantMigrated, migrate_state
from esl_pipeline.stores.protocols import ArtifactStore
from esl_pipeline.stores.state import State, StateAddressError, open_state

FILES = "files:"


ARTIFACTS = "--artifacts-from and --artifacts-to"


@dataclass(frozen=True)
class Addresses:
    """Where things are and where they are to be; empty of what is not moved."""

    source: str = ""
    target: str = ""
    artifacts_source: str = ""
    artifacts_target: str = ""

    def check(self) -> None:
        """Refuses half a pair, and what would move nothing."""
        state = (self.source, self.target, "--from and --to")
        for source, target, names in (state, (self.artifacts_source, self.artifacts_target, ARTIFACTS)):
            if bool(source) != bool(target):
                raise click.UsageError(f"Give both {names}, or neither.")
            if source and source == target:
                raise click.UsageError(f"{names} are the same place.")
        if not (self.source or self.artifacts_source):
            raise click.UsageError(f"Give --from and --to, or {ARTIFACTS}, or all four.")


def migrate(addresses: Addresses, tenant: str | None, *, dry_run: bool, output: Output) -> int:
    """Moves what is stored from one place to another, or says what that would do."""
    addresses.check()
    environment = read_environment()
    source = Place(
        _state(addresses.source, "--from", environment),
        _artifacts(addresses.artifacts_source, "--artifacts-from", environment),
    )
    target = Place(
        _state(addresses.target, "--to", environment),
        _artifacts(addresses.artifacts_target, "--artifacts-to", environment),
    )
    return _migrate(source, target, tenant, output, dry_run=dry_run)


def _migrate(source: Place, target: Place, tenant: str | None, output: Output, *, dry_run: bool) -> int:
    def tell(one: TenantMigrated) -> None:
        verb = "would move" if dry_run else "moved"
        for kind, moved in one.moved.items():
            words = f"{one.tenant}: {verb} {moved.moved} {kind}, {moved.bytes:,} bytes; {moved.equal} were there"
            output.people.print(words, markup=False)
        for name in one.kept:
            output.people.print(f"{one.tenant}: {name} is newer in the target, and stays", markup=False)
        for problem in one.problems:
            output.failure(f"{one.tenant}: {problem}")

    migrated = migrate_state(source, target, tenant, dry_run=dry_run, progress=tell)
    if not migrated.tenants:
        output.people.print("there is nothing to move")
    output.answer(migrated)
    if not migrated.problems:
        return DONE
    return UNAVAILABLE if all(one.retry or not one.problems for one in migrated.tenants) else REJECTED


def _state(address: str, option: str, environment: Environment) -> State | None:
    if not address:
        return None
    folder, rest = _folder(address, environment)
    try:
        return open_state(rest, folder, f"{environment.target}/", s3_client)
    except StateAddressError as error:
        raise click.BadParameter(f"{error} Files are files:HOME.", param_hint=option) from error


def _artifacts(address: str, option: str, environment: Environment) -> ArtifactStore | None:
    if not address:
        return None
    folder, rest = _folder(address, environment)
    try:
        return open_artifacts(rest, folder, f"{environment.target}/")
    except ArtifactsAddressError as error:
        raise click.BadParameter(f"{error} Files are files:HOME.", param_hint=option) from error


def _folder(address: str, environment: Environment) -> tuple[Path, str]:
    """Returns the folder of files, and what is left of the address for the other kinds of store."""
    if not address.startswith(FILES):
        return environment.state, address
    home = Path(address.removeprefix(FILES) or environment.home).expanduser().resolve()
    return home / environment.target / "state", ""
