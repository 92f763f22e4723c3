"""Moves one thing each: a publication, a document, a journal, an artifact; reads it back and compares."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from esl_pipeline.stores.artifacts import StoredArtifact, hash_of
from esl_pipeline.stores.documents import DocumentChangedError
from esl_pipeline.stores.protocols import ArtifactStore, LeaseHeldError, PublicationStore
from esl_pipeline.stores.publication import Publication
from esl_pipeline.stores.state import State

NEVER = datetime.min.replace(tzinfo=UTC)


class NotEqualError(Exception):
    """What is in the target is not what was to be there; it stays. A person must look at it."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How much was moved, or would be, and how much was there already."""

    count: int = 0
    bytes: int = 0
    equal: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """The target has a newer one, which stays."""


EQUAL = Moved(equal=1)


def move_publication(
    source: PublicationStore, target: PublicationStore, tenant: str, assignment: str, *, dry_run: bool
) -> Moved | Kept:
    """Moves a publication, whose leases the caller holds, unless the target's is newer.

    Raises:
        NotEqualError: it was not read back as it was written.
    """
    found, there = source.read(tenant, assignment), target.read(tenant, assignment)
    if found is None:
        return Moved()
    size = len(found.model_dump_json())
    if there is not None:
        if _same(found, there):
            return EQUAL
        if worked_on_at(there) >= worked_on_at(found):
            return Kept()
    if dry_run:
        return Moved(1, size)

    def change(publication: Publication) -> None:
        # Each store counts its own leases.
        wanted = found.model_copy(deep=True, update={"lease_token": publication.lease_token})
        for name in set(publication.model_extra or {}) - set(wanted.model_extra or {}):
            delattr(publication, name)
        for name, value in wanted:
            setattr(publication, name, value)

    target.update(tenant, assignment, change)
    if not is_moved(source, target, tenant, assignment):
        raise NotEqualError("It was not read back from the target as it was written.")
    return Moved(1, size)


def is_moved(source: PublicationStore, target: PublicationStore, tenant: str, assignment: str) -> bool:
    """Tells whether the target has just what the source has."""
    found, there = source.read(tenant, assignment), target.read(tenant, assignment)
    return found is None or (there is not None and _same(found, there))


def worked_on_at(publication: Publication) -> datetime:
    """Returns when the newest stage of a publication began; the beginning of time where there was none."""
    begun = [record.started_at for record in publication.stages.values()]
    if publication.page:
        begun.append(publication.page.intended_at)
    return max(begun, default=NEVER)


def _same(one: Publication, other: Publication) -> bool:
    return _fields(one) == _fields(other)


def _fields(publication: Publication) -> dict[str, Any]:
    return publication.model_dump(mode="json", exclude={"lease_token"})


def move_document(source: State, target: State, key: str, *, dry_run: bool) -> Moved | Kept:
    """Moves a document that says when it was written, unless the target's is newer.

    Raises:
        NotEqualError: it was not read back as it was written.
        LeaseHeldError: others write it just now.
    """
    found, there = source.documents.get(key), target.documents.get(key)
    if found is None:
        return Moved()
    if there is not None:
        if there.content == found.content:
            return EQUAL
        if _written_at(there.content) >= _written_at(found.content):
            return Kept()
    if not dry_run:
        try:
            target.documents.put(key, found.content, expected=there.version if there else None)
        except DocumentChangedError as error:
            raise LeaseHeldError("Others write it just now. Try again.") from error
        back = target.documents.get(key)
        if back is None or back.content != found.content:
            raise NotEqualError("It was not read back from the target as it was written.")
    return Moved(1, len(found.content))


def _written_at(content: bytes) -> datetime:
    try:
        fields = json.loads(content)
        return datetime.fromisoformat(fields.get("synced_at") or fields["at"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return NEVER


def move_journal(source: State, target: State, name: str, *, dry_run: bool) -> Moved | Kept:
    """Moves the lines that the target has not yet; unchanged, so that a chain of hashes stays one.

    Raises:
        NotEqualError: the target has other lines; nothing is added to them.
    """
    lines = list(source.journal.lines(name))

    def rest(there: Sequence[bytes]) -> list[bytes]:
        both = min(len(lines), len(there))
        if lines[:both] != list(there[:both]):
            raise NotEqualError(
                "The target has lines of its own there, which can't be put together with these. Nothing was added."
            )
        return lines[both:]

    there = target.journal.lines(name)
    if len(there) > len(lines) and not rest(there):
        return Kept()
    added = rest(there) if dry_run else list(target.journal.add(name, rest))
    if not dry_run and list(target.journal.lines(name))[: len(lines)] != lines:
        raise NotEqualError("It was not read back from the target as it was written.")
    return Moved(len(added), sum(map(len, added)), len(lines) - len(added))


def move_artifact(
    source: ArtifactStore,
    target: ArtifactStore,
    tenant: str,
    artifact: StoredArtifact,
    size_there: int | None,
    *,
    dry_run: bool,
) -> Moved | Kept:
    """Moves an artifact unless the target has it.

    Args:
        source: has it.
        target: is to have it.
        tenant: whose it is.
        artifact: which one.
        size_there: its size in the target; None where it is not there.
        dry_run: True to change nothing.

    Raises:
        KeyError: the source's is damaged, or was cleaned up meanwhile.
        NotEqualError: the target has another content, or did not keep this one.
    """
    sha256, suffix = artifact.sha256, artifact.suffix
    if size_there == artifact.size:
        return EQUAL
    if size_there is not None:
        raise NotEqualError(f"The target has {size_there:,} bytes of that name, the source {artifact.size:,}.")
    if dry_run:
        return Moved(1, artifact.size)
    with source.open(tenant, sha256, suffix) as file:
        own = hash_of(file)
        if own == sha256:
            target.put_file(tenant, sha256, suffix, file)
        else:
            file.seek(0)
            target.put(tenant, sha256, suffix, file.read())
    with target.open(tenant, sha256, suffix) as file:
        back = hash_of(file)
    if back != own:
        raise NotEqualError("It was not read back from the target as it was written.")
    return Moved(1, artifact.size)
