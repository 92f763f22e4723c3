"""What is known of artifacts, and of what a clean-up removed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import IO

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredArtifact:
    """One artifact: ``size`` in bytes, ``used_at`` when it was stored or last used, in UTC, to within half a day."""

    sha256: str
    suffix: str
    size: int
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Removed:
    """How much was removed, or would be."""

    count: int = 0
    bytes: int = 0

    def __add__(self, other: Removed) -> Removed:
        return Removed(self.count + other.count, self.bytes + other.bytes)


def copy_checked(source: IO[bytes], target: IO[bytes], sha256: str) -> None:
    """Copies a file from its start, a piece at a time.

    Raises:
        ValueError: its content has another hash; the copy is worth nothing.
    """
    digest = hashlib.sha256()
    source.seek(0)
    while piece := source.read(CHUNK_BYTES):
        digest.update(piece)
        target.write(piece)
    if digest.hexdigest() != sha256:
        raise ValueError(f"The content to be stored as {sha256} has the hash {digest.hexdigest()}.")


def hash_of(file: IO[bytes]) -> str:
    """Returns the SHA-256 of a file, read from its start, a piece at a time."""
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(CHUNK_BYTES):
        digest.update(piece)
    return digest.hexdigest()
