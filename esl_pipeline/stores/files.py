"""Publications in a folder: the default on one machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from filelock import FileLock, Timeout

from esl_pipeline.manifests import check_slug
from esl_pipeline.slugs import is_slug
from esl_pipeline.stores.protocols import Held, LeaseHeldError
from esl_pipeline.stores.publication import Publication, read_publication
from esl_pipeline.stores.whole_files import remove_empty, remove_file, write_whole

LOCK_TIMEOUT_S = 30
"""An update holds its lock for milliseconds; who waits longer than this meets a stuck machine."""
LOCKS = ("write", "lease", "alive")
BEAT_S = 15.0
"""How often the holder of a lease shows that it lives: the system frees the lock of a process that died, but keeps
that of one which hangs."""


class FilePublicationStore:
    """One JSON file per assignment: ``publications/<tenant>/<assignment>.json``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, tenant: str, assignment: str) -> Publication | None:
        """Returns the publication, None where there is none.

        Raises:
            UnreadablePublicationError: it is damaged, or of a newer version of the program.
        """
        path = self._path(tenant, assignment)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        return read_publication(content, tenant, assignment, str(path))

    def update(self, tenant: str, assignment: str, change: Callable[[Publication], None]) -> Publication:
        """Reads, changes and writes as one step, one process at a time; what ``change`` raises leaves all as it was.

        Raises:
            LeaseHeldError: others keep the publication locked.
            UnreadablePublicationError: it is damaged, or of a newer version of the program; it stays.
        """
        path = self._path(tenant, assignment)
        with self._locked(tenant, assignment, "write", LOCK_TIMEOUT_S):
            publication = self.read(tenant, assignment) or Publication(tenant=tenant, assignment=assignment)
            change(publication)
            write_whole(path, publication.model_dump_json(indent=2).encode())
        return publication

    @contextmanager
    def lease(self, tenant: str, assignment: str, run_id: str = "") -> Iterator[None]:
        """Holds the assignment; the operating system frees it when the process dies.

        Raises:
            LeaseHeldError: another process holds it.
        """
        with self._locked(tenant, assignment, "lease", 0), ExitStack() as stack:
            if run_id:
                stack.enter_context(_beating(self._lock_path(tenant, assignment, "alive"), run_id))
            yield

    def held(self, tenant: str, assignment: str) -> Held | None:
        """Returns which run has the lease, also where it died and no other took it since."""
        path = self._lock_path(tenant, assignment, "alive")
        try:
            return Held(path.read_text("ascii"), str(path.stat().st_mtime_ns))
        except FileNotFoundError:
            return None

    def free(self, tenant: str, assignment: str, run_id: str) -> None:
        """Does nothing: the system did it when the process ended."""

    def list(self, tenant: str | None = None) -> Iterator[Publication]:
        """Yields all publications, of one tenant or of all, by tenant and assignment.

        Files with names that are none of ours are passed over.

        Raises:
            UnreadablePublicationError: one is damaged, or of a newer version of the program.
        """
        folder = "*" if tenant is None else check_slug(tenant, "tenant")
        for path in sorted((self._root / "publications").glob(f"{folder}/*.json")):
            ours = is_slug(path.parent.name) and is_slug(path.stem)
            if ours and (found := self.read(path.parent.name, path.stem)):
                yield found

    def delete(self, tenant: str, assignment: str) -> None:
        """Removes a publication and the files of its locks; who holds one of them keeps it to the end."""
        path = self._path(tenant, assignment)
        remove_file(path)
        for kind in LOCKS:
            remove_file(self._lock_path(tenant, assignment, kind))
        for folder in (path.parent, self._root / "locks" / tenant):
            remove_empty(folder)

    def _path(self, tenant: str, assignment: str) -> Path:
        folder = self._root / "publications" / check_slug(tenant, "tenant")
        return folder / f"{check_slug(assignment, 'assignment')}.json"

    def _lock_path(self, tenant: str, assignment: str, kind: str) -> Path:
        return self._root / "locks" / check_slug(tenant, "tenant") / f"{check_slug(assignment, 'assignment')}.{kind}"

    @contextmanager
    def _locked(self, tenant: str, assignment: str, kind: str, timeout_s: float) -> Iterator[None]:
        path = self._lock_path(tenant, assignment, kind)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whoever ends the block frees the lock, also in another thread than began it.
        lock = FileLock(path, timeout=timeout_s, poll_interval=0.01, thread_local=False)
        try:
            lock.acquire()
        except Timeout as error:
            held = f"Another run works on {tenant}/{assignment}. Try again when it has ended."
            raise LeaseHeldError(held) from error
        try:
            yield
        finally:
            lock.release()


@contextmanager
def _beating(path: Path, run_id: str) -> Iterator[None]:
    """Keeps a file that names the run and is never older than a beat."""

    def beat() -> None:
        while not over.wait(BEAT_S):
            with suppress(OSError):
                os.utime(path)

    over = Event()
    path.write_text(run_id, "ascii")
    beating = Thread(target=beat, daemon=True)
    beating.start()
    try:
        yield
    finally:
        over.set()
        beating.join()
        remove_file(path)
