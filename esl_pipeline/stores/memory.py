"""Stores in memory: for dry runs, tests and hosts that keep state themselves."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import RLock
from typing import BinaryIO

from esl_pipeline.manifests import check_slug
from esl_pipeline.stores.artifacts import Removed, StoredArtifact, copy_checked
from esl_pipeline.stores.names import artifact_name
from esl_pipeline.stores.protocols import Held, LeaseHeldError
from esl_pipeline.stores.publication import Publication


class MemoryPublicationStore:
    """Publications of one process; each reader gets a copy."""

    def __init__(self, known: Iterable[Publication] = ()) -> None:
        self._known = {(p.tenant, p.assignment): p.model_copy(deep=True) for p in known}
        self._lock, self._held = RLock(), dict[tuple[str, str], str]()

    def read(self, tenant: str, assignment: str) -> Publication | None:
        """Returns the publication, None where there is none."""
        with self._lock:
            found = self._known.get(_key(tenant, assignment))
            return found.model_copy(deep=True) if found else None

    def update(self, tenant: str, assignment: str, change: Callable[[Publication], None]) -> Publication:
        """Reads, changes and writes as one step."""
        with self._lock:
            publication = self.read(tenant, assignment) or Publication(tenant=tenant, assignment=assignment)
            change(publication)
            self._known[(tenant, assignment)] = publication
            return publication.model_copy(deep=True)

    @contextmanager
    def lease(self, tenant: str, assignment: str, run_id: str = "") -> Iterator[None]:
        """Holds the assignment for one thread.

        Raises:
            LeaseHeldError: another holds it.
        """
        key = _key(tenant, assignment)
        with self._lock:
            if key in self._held:
                raise LeaseHeldError(f"Another run works on {tenant}/{assignment}. Try again when it has ended.")
            self._held[key] = run_id
        try:
            yield
        finally:
            with self._lock:
                self._held.pop(key, None)

    def held(self, tenant: str, assignment: str) -> Held | None:
        """Returns which run has the lease; who can ask lives in the same process, and so does the holder."""
        run_id = self._held.get(_key(tenant, assignment))
        return Held(run_id, str(time.monotonic())) if run_id else None

    def free(self, tenant: str, assignment: str, run_id: str) -> None:
        """Ends the lease of a run whose thread is gone."""
        with self._lock:
            if self._held.get(_key(tenant, assignment)) == run_id:
                del self._held[_key(tenant, assignment)]

    def list(self, tenant: str | None = None) -> Iterator[Publication]:
        """Yields all publications, of one tenant or of all."""
        if tenant is not None:
            check_slug(tenant, "tenant")
        for key in sorted(self._known):
            if tenant in (None, key[0]) and (found := self.read(*key)):
                yield found

    def delete(self, tenant: str, assignment: str) -> None:
        """Removes a publication."""
        with self._lock:
            self._known.pop(_key(tenant, assignment), None)


class MemoryArtifactStore:
    """Artifacts of one process."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], tuple[bytes, datetime]] = {}
        self._lock = RLock()

    def has(self, tenant: str, sha256: str, suffix: str) -> bool:
        """Tells whether the artifact is stored, and notes that it is in use."""
        key = _artifact(tenant, sha256, suffix)
        with self._lock:
            if key not in self._known:
                return False
            self._known[key] = self._known[key][0], datetime.now(UTC)
            return True

    def get(self, tenant: str, sha256: str, suffix: str) -> bytes:
        """Returns the artifact.

        Raises:
            KeyError: it is not stored.
        """
        return self._known[_artifact(tenant, sha256, suffix)][0]

    def open(self, tenant: str, sha256: str, suffix: str) -> BinaryIO:
        """Opens the artifact for reading.

        Raises:
            KeyError: it is not stored.
        """
        return io.BytesIO(self.get(tenant, sha256, suffix))

    def put(self, tenant: str, sha256: str, suffix: str, content: bytes) -> str:
        """Stores the artifact; the first content stays."""
        with self._lock:
            if not self.has(tenant, sha256, suffix):
                self._known[_artifact(tenant, sha256, suffix)] = bytes(content), datetime.now(UTC)
        return self.locate(tenant, sha256, suffix)

    def put_file(self, tenant: str, sha256: str, suffix: str, file: BinaryIO) -> str:
        """Stores a file under the hash of its content.

        Raises:
            ValueError: its content has another hash.
        """
        copy = io.BytesIO()
        copy_checked(file, copy, sha256)
        return self.put(tenant, sha256, suffix, copy.getvalue())

    def locate(self, tenant: str, sha256: str, suffix: str) -> str:
        """Returns a name for people; nothing can be opened there."""
        return f"memory:{check_slug(tenant, 'tenant')}/{artifact_name(sha256, suffix)}"

    def list(self, tenant: str) -> Iterator[StoredArtifact]:
        """Yields the tenant's artifacts."""
        check_slug(tenant, "tenant")
        with self._lock:
            known = sorted(self._known.items())
        for (owner, sha256, suffix), (content, used_at) in known:
            if owner == tenant:
                yield StoredArtifact(sha256, suffix, len(content), used_at)

    def delete(self, tenant: str, sha256: str, suffix: str, *, unused_since: datetime) -> bool:
        """Deletes the artifact unless it was stored or used since; True where it is gone because of this call."""
        key = _artifact(tenant, sha256, suffix)
        with self._lock:
            if key not in self._known or self._known[key][1] > unused_since:
                return False
            del self._known[key]
            return True

    def tenants(self) -> Iterator[str]:
        """Yields the tenants that have artifacts, sorted."""
        with self._lock:
            yield from sorted({tenant for tenant, _, _ in self._known})

    def remove_scratch(self, tenant: str, *, unused_since: datetime, dry_run: bool = False) -> Removed:  # noqa: ARG002
        """Removes nothing: what is in memory ends with its process."""
        check_slug(tenant, "tenant")
        return Removed()


def _key(tenant: str, assignment: str) -> tuple[str, str]:
    return check_slug(tenant, "tenant"), check_slug(assignment, "assignment")


def _artifact(tenant: str, sha256: str, suffix: str) -> tuple[str, str, str]:
    artifact_name(sha256, suffix)
    return check_slug(tenant, "tenant"), sha256, suffix
