"""Stores in a folder: the default on one machine."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from esl_pipeline.manifests import check_slug
from esl_pipeline.stores.protocols import LeaseHeldError
from esl_pipeline.stores.publication import Publication

LOCK_TIMEOUT_S = 30
"""An update holds its lock for milliseconds; who waits longer than this meets a stuck machine."""


def write_whole(path: Path, content: bytes, *, replace: bool = True) -> bool:
    """Writes a file so that readers see the old or the new content, also after a power cut.

    Args:
        path: where it goes; its folder is made.
        content: the whole file.
        replace: False where a file that is already there stays.

    Returns:
        True where the file now has this content because of this call.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            temporary.replace(path)
        else:
            path.hardlink_to(temporary)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


class FilePublicationStore:
    """One JSON file per assignment: ``publications/<tenant>/<assignment>.json``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, tenant: str, assignment: str) -> Publication | None:
        """Returns the publication, None where there is none."""
        try:
            content = self._path(tenant, assignment).read_bytes()
        except FileNotFoundError:
            return None
        return Publication.model_validate_json(content)

    def update(self, tenant: str, assignment: str, change: Callable[[Publication], None]) -> Publication:
        """Reads, changes and writes as one step, one process at a time."""
        path = self._path(tenant, assignment)
        with FileLock(self._lock(tenant, assignment, "write"), timeout=LOCK_TIMEOUT_S):
            publication = self.read(tenant, assignment) or Publication(tenant=tenant, assignment=assignment)
            change(publication)
            write_whole(path, publication.model_dump_json(indent=2).encode())
        return publication

    @contextmanager
    def lease(self, tenant: str, assignment: str) -> Iterator[None]:
        """Holds the assignment; the operating system frees it when the process dies.

        Raises:
            LeaseHeldError: another process holds it.
        """
        lock = FileLock(self._lock(tenant, assignment, "lease"), timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            held = f"Another run works on {tenant}/{assignment}. Try again when it has ended."
            raise LeaseHeldError(held) from error
        try:
            yield
        finally:
            lock.release()

    def list(self, tenant: str | None = None) -> Iterator[Publication]:
        """Yields all publications, of one tenant or of all, by tenant and assignment."""
        root = self._root / "publications"
        for path in sorted(root.glob(f"{check_slug(tenant, 'tenant') if tenant else '*'}/*.json")):
            if found := self.read(path.parent.name, path.stem):
                yield found

    def _path(self, tenant: str, assignment: str) -> Path:
        folder = self._root / "publications" / check_slug(tenant, "tenant")
        return folder / f"{check_slug(assignment, 'assignment')}.json"

    def _lock(self, tenant: str, assignment: str, kind: str) -> Path:
        path = self._root / "locks" / check_slug(tenant, "tenant") / f"{check_slug(assignment, 'assignment')}.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


class FileArtifactStore:
    """One file per artifact: ``artifacts/<tenant>/<first two of the hash>/<hash><suffix>``, its checksum beside it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def has(self, tenant: str, sha256: str, suffix: str) -> bool:
        """Tells whether the artifact is stored; files appear whole."""
        return self._path(tenant, sha256, suffix).is_file()

    def get(self, tenant: str, sha256: str, suffix: str) -> bytes:
        """Returns the artifact.

        Raises:
            KeyError: it is not stored, or damaged; a damaged one is removed, so that it is made again.
        """
        path = self._path(tenant, sha256, suffix)
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise KeyError(f"{sha256}{suffix}") from error
        checksum = _checksum(path)
        if not checksum.exists():
            # A run died between the two files; the artifact itself appeared whole.
            write_whole(checksum, hashlib.sha256(content).hexdigest().encode("ascii"))
        if checksum.read_text("ascii") != hashlib.sha256(content).hexdigest():
            path.unlink(missing_ok=True)
            checksum.unlink(missing_ok=True)
            raise KeyError(f"{sha256}{suffix} was damaged")
        return content

    def put(self, tenant: str, sha256: str, suffix: str, content: bytes) -> Path:
        """Stores the artifact whole or not at all; of two writers the first one's content stays."""
        path = self._path(tenant, sha256, suffix)
        if not path.is_file() and write_whole(path, content, replace=False):
            write_whole(_checksum(path), hashlib.sha256(content).hexdigest().encode("ascii"))
        return path

    def locate(self, tenant: str, sha256: str, suffix: str) -> str:
        """Returns the artifact's path."""
        return str(self._path(tenant, sha256, suffix))

    def _path(self, tenant: str, sha256: str, suffix: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", sha256) or not re.fullmatch(r"(\.[a-z0-9]+)+", suffix):
            raise ValueError(f"{sha256[:80]!r}{suffix[:20]!r} is no artifact's name.")
        return self._root / "artifacts" / check_slug(tenant, "tenant") / sha256[:2] / f"{sha256}{suffix}"


def _checksum(path: Path) -> Path:
    return path.with_name(f".{path.name}.sha256")
