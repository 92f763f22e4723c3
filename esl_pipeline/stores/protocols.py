"""What the stages need of storage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from esl_pipeline.stores.artifacts import Removed, StoredArtifact
from esl_pipeline.stores.publication import Publication, UnreadablePublicationError

__all__ = ["ArtifactStore", "Held", "LeaseHeldError", "PublicationStore", "UnreadablePublicationError"]


class LeaseHeldError(Exception):
    """Another run works on the assignment; asking again later helps.

    Attributes:
        retry_after_s: when it can be had if its holder died, in seconds; None where that is not known.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Held:
    """A lease that a run has: which run, and a sign of life, which is another every quarter of a minute."""

    run_id: str
    sign: str


class PublicationStore(Protocol):
    """Publications by assignment. Readers never see half a write."""

    def read(self, tenant: str, assignment: str) -> Publication | None:
        """Returns the publication, None where the assignment was never asked for.

        Raises:
            UnreadablePublicationError: there is one that this version of the program can't read.
        """

    def update(self, tenant: str, assignment: str, change: Callable[[Publication], None]) -> Publication:
        """Reads, changes and writes as one step; makes an empty publication where there is none.

        ``change`` may be called more than once, with a fresh copy each time.

        Raises:
            LeaseHeldError: others keep the publication locked.
            UnreadablePublicationError: there is one that this version of the program can't read; it stays.
        """

    def lease(self, tenant: str, assignment: str, run_id: str = "") -> AbstractContextManager[None]:
        """Holds the assignment for one writer of the vendors' state; frees it when the holder dies.

        Args:
            tenant: a slug.
            assignment: a slug.
            run_id: of the run that works under it, if any, which others then see in ``held``.

        Raises:
            LeaseHeldError: another run holds it.
        """

    def held(self, tenant: str, assignment: str) -> Held | None:
        """Returns which run has the lease, None where no run does; one that died may still be named."""

    def free(self, tenant: str, assignment: str, run_id: str) -> None:
        """Ends the lease of a run of which the caller knows that its process is gone."""

    def list(self, tenant: str | None = None) -> Iterator[Publication]:
        """Yields all publications, of one tenant or of all, by tenant and assignment."""

    def delete(self, tenant: str, assignment: str) -> None:
        """Removes a publication and its lease, which the caller holds; one that is gone already is no error."""


class ArtifactStore(Protocol):
    """Immutable bytes of one tenant under a SHA-256 that the caller chose, with a file suffix."""

    def has(self, tenant: str, sha256: str, suffix: str) -> bool:
        """Tells whether the whole artifact is stored, and notes that it is in use, so that no clean-up takes it."""

    def get(self, tenant: str, sha256: str, suffix: str) -> bytes:
        """Returns the artifact.

        Raises:
            KeyError: it is not stored.
        """

    def open(self, tenant: str, sha256: str, suffix: str) -> BinaryIO:
        """Opens the artifact for reading; it can be read in any order, and the caller closes it.

        Raises:
            KeyError: it is not stored.
        """

    def put(self, tenant: str, sha256: str, suffix: str, content: bytes) -> Path | str:
        """Stores the artifact whole or not at all; storing it again changes nothing. Returns where it is."""

    def put_file(self, tenant: str, sha256: str, suffix: str, file: BinaryIO) -> Path | str:
        """Stores a file under the hash of its content, whole or not at all; it is read from its start.

        Raises:
            ValueError: its content has another hash.
        """

    def locate(self, tenant: str, sha256: str, suffix: str) -> str:
        """Returns the path or address at which a person finds the artifact."""

    def list(self, tenant: str) -> Iterator[StoredArtifact]:
        """Yields the tenant's artifacts."""

    def delete(self, tenant: str, sha256: str, suffix: str, *, unused_since: datetime) -> bool:
        """Deletes the artifact unless it was stored or used since; True where it is gone because of this call."""

    def tenants(self) -> Iterator[str]:
        """Yields the tenants that have artifacts, sorted."""

    def remove_scratch(self, tenant: str, *, unused_since: datetime, dry_run: bool = False) -> Removed:
        """Removes what killed writers of the tenant left half written before a time; in a dry run only counts it."""
