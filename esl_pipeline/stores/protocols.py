"""What the stages need of storage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from esl_pipeline.stores.publication import Publication


class LeaseHeldError(Exception):
    """Another run works on the assignment; asking again later helps."""


class UnreadablePublicationError(Exception):
    """A publication is damaged or of a newer version of the program; it stays as it is. Asking again can't help."""


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

    def lease(self, tenant: str, assignment: str) -> AbstractContextManager[None]:
        """Holds the assignment for one writer of the vendors' state; frees it when the holder dies.

        Raises:
            LeaseHeldError: another run holds it.
        """

    def list(self, tenant: str | None = None) -> Iterator[Publication]:
        """Yields all publications, of one tenant or of all, by tenant and assignment."""


class ArtifactStore(Protocol):
    """Immutable bytes of one tenant under a SHA-256 that the caller chose, with a file suffix."""

    def has(self, tenant: str, sha256: str, suffix: str) -> bool:
        """Tells whether the whole artifact is stored."""

    def get(self, tenant: str, sha256: str, suffix: str) -> bytes:
        """Returns the artifact.

        Raises:
            KeyError: it is not stored.
        """

    def put(self, tenant: str, sha256: str, suffix: str, content: bytes) -> Path | str:
        """Stores the artifact whole or not at all; storing it again changes nothing. Returns where it is."""

    def locate(self, tenant: str, sha256: str, suffix: str) -> str:
        """Returns the path or address at which a person finds the artifact."""
