"""Opens the inbox, as the environment names it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from esl_pipeline.clients import s3_client
from esl_pipeline.slugs import is_slug
from esl_pipeline.stages.asking import AskingError, ManifestText, manifest_file, unreadable
from esl_pipeline.stages.environment import ConfigurationError, Environment
from esl_pipeline.stages.inbox import Inbox
from esl_pipeline.stages.inbox_folder import FolderInbox
from esl_pipeline.stages.inbox_s3 import S3Inbox
from esl_pipeline.stores.addresses import AddressError, bucket_of


def open_inbox(environment: Environment) -> Inbox:
    """Returns the inbox that ``ESL_INBOX`` names; nobody is asked yet.

    Raises:
        ConfigurationError: the address is none.
    """
    if not environment.inbox_address:
        return FolderInbox(environment.inbox)
    try:
        bucket, path = bucket_of(environment.inbox_address)
    except AddressError:
        raise ConfigurationError(
            "ESL_INBOX is no address that is known: give a folder or s3://bucket/prefix."
        ) from None
    return S3Inbox(s3_client(), bucket, f"{path}/" if path else "")


def manifest_at(inbox: Inbox, tenant: str, assignment: str, path: str) -> ManifestText:
    """Reads the manifest at a path: absolute, that of a file of this machine; else one of the tenant in the inbox.

    What lies in the tenant's folder itself is the assignment's of its name; a file below that may be anybody's.

    Raises:
        AskingError: it can't be read, or is another tenant's or assignment's.
    """
    absolute = Path(path).is_absolute()
    parts = PurePosixPath((inbox.within(path) or tenant) if absolute else path).parts
    if parts[:1] != (tenant,) or ".." in parts:
        fix = f"Give the path of a file of {tenant}, such as {tenant}/week-1.yaml, without “..”."
        raise AskingError((unreadable(path, f"It is no file of {tenant} in the inbox.", fix),))
    if len(parts) == 2 and is_slug(other := PurePosixPath(parts[1]).stem) and other != assignment:
        why = f"It is the manifest of {tenant}/{other}, and the run is for {tenant}/{assignment}."
        fix = f"Launch it for {tenant}/{other}, or put a copy into a folder below {tenant}/ and name that."
        raise AskingError((unreadable(path, why, fix),))
    return manifest_file(Path(path)) if absolute else inbox.manifest(path)


def manifest_in(inbox: Inbox, tenant: str, assignment: str) -> ManifestText | None:
    """Reads what the inbox has for an assignment, None where it has nothing.

    Raises:
        AskingError: it can't be read.
    """
    path = inbox.find(tenant, assignment)
    return inbox.manifest(path) if path else None
