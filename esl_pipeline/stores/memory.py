"""Stores in memory: for dry runs, tests and hosts that keep state themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock, RLock

from esl_pipeline.manifests import check_slug
from esl_pipeline.stores.names import artifact_name
from esl_pipeline.stores.protocols import LeaseHeldError
from esl_pipeline.stores.publication import Publication


class MemoryPublicationStore:
    """Publications of one process; each reader gets a copy."""

    def __init__(self, known: Iterable[Publication] = ()) -> None:
        self._known = {(p.tenant, p.assignment): p.model_copy(deep=True) for p in known}
        self._lock, self._held = RLock(), set[tuple[str, str]]()

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
    def lease(self, tenant: str, assignment: str) -> Iterator[None]:
        """Holds the assignment for one thread.

        Raises:
            LeaseHeldError: another holds it.
        """
        key = _key(tenant, assignment)
        with self._lock:
            if key in self._held:
                raise LeaseHeldError(f"Another run works on {tenant}/{assignment}. Try again when it has ended.")
            self._held.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._held.discard(key)

    def list(self, tenant: str | None = None) -> Iterator[Publication]:
        """Yields all publications, of one tenant or of all."""
        if tenant is not None:
            check_slug(tenant, "tenant")
        for key in sorted(self._known):
            if tenant in (None, key[0]) and (found := self.read(*key)):
                yield found


class MemoryArtifactStore:
    """Artifacts of one process."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}
        self._lock = Lock()

    def has(self, tenant: str, sha256: str, suffix: str) -> bool:
        """Tells whether the artifact is stored."""
        return _name(tenant, sha256, suffix) in self._known

    def get(self, tenant: str, sha256: str, suffix: str) -> bytes:
        """Returns the artifact.

        Raises:
            KeyError: it is not stored.
        """
        return self._known[_name(tenant, sha256, suffix)]

    def put(self, tenant: str, sha256: str, suffix: str, content: bytes) -> str:
        """Stores the artifact; the first content stays."""
        with self._lock:
            self._known.setdefault(_name(tenant, sha256, suffix), bytes(content))
        return self.locate(tenant, sha256, suffix)

    def locate(self, tenant: str, sha256: str, suffix: str) -> str:
        """Returns a name for people; nothing can be opened there."""
        return _name(tenant, sha256, suffix)


def _key(tenant: str, assignment: str) -> tuple[str, str]:
    return check_slug(tenant, "tenant"), check_slug(assignment, "assignment")


def _name(tenant: str, sha256: str, suffix: str) -> str:
    return f"memory:{check_slug(tenant, 'tenant')}/{artifact_name(sha256, suffix)}"
