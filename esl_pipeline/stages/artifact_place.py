"""Opens the place of speech and tracks, as the environment names it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from esl_pipeline.clients import s3_client
from esl_pipeline.slugs import leads_elsewhere
from esl_pipeline.stages.environment import ConfigurationError, Environment
from esl_pipeline.stores.artifact_files import FileArtifactStore
from esl_pipeline.stores.protocols import ArtifactStore
from esl_pipeline.stores.s3_artifacts import S3ArtifactStore

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ADDRESS = re.compile(r"s3://(?P<bucket>(?:[a-z0-9.-]|\{tenant\})+)(?:/(?P<prefix>[^?#]*))?", re.ASCII)


class ArtifactsAddressError(Exception):
    """The address of the artifacts is none; the message does not show it, because it may hold a password."""

    def __init__(self) -> None:
        super().__init__(
            "This is no address of artifacts that is known: give s3://bucket/prefix without . or .. in it, with "
            "{tenant} in the bucket's name where each tenant has one of its own, or nothing for files."
        )


def open_artifacts(address: str, folder: Path, prefix: str, s3: Callable[[], S3Client] = s3_client) -> ArtifactStore:
    """Returns the store; nobody is asked yet.

    Args:
        address: ``s3://bucket/prefix``; files where it is empty.
        folder: of the files.
        prefix: keeps the sandbox's artifacts apart from real ones in one bucket; ends in a slash, or is empty.
        s3: makes the client of S3.

    Raises:
        ArtifactsAddressError: the address is none.
    """
    if not address:
        return FileArtifactStore(folder)
    found = ADDRESS.fullmatch(address)
    if not found or leads_elsewhere(found["prefix"] or ""):
        raise ArtifactsAddressError
    path = (found["prefix"] or "").strip("/")
    return S3ArtifactStore(s3(), found["bucket"], f"{path}/{prefix}" if path else prefix)


def open_artifacts_of(environment: Environment) -> ArtifactStore:
    """Returns the store that ``ESL_ARTIFACTS`` names; nobody is asked yet.

    Raises:
        ConfigurationError: the address is none.
    """
    try:
        return open_artifacts(environment.artifacts_address, environment.state, f"{environment.target}/")
    except ArtifactsAddressError as error:
        raise ConfigurationError(f"ESL_ARTIFACTS: {error}") from error
