"""Account books in a folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from esl_pipeline.manifests import check_slug
from esl_pipeline.manifests.slugs import SLUG
from esl_pipeline.stores.files import LOCK_TIMEOUT_S
from esl_pipeline.stores.protocols import LeaseHeldError
from esl_pipeline.stores.usage import MONTH, Decide, UnreadableUsageError, UsageEntry, check_month
from esl_pipeline.stores.whole_files import remove_empty, remove_file, write_whole


class FileUsageStore:
    """One JSON object per line: ``usage/<tenant>/<month>.jsonl``.

    A line counts from its line end on; what a killed writer left after the last one is dropped at the next addition.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read_before: dict[Path, _Read] = {}

    def add(self, tenant: str, month: str, decide: Decide) -> Sequence[UsageEntry]:
        """Reads and adds as one step, one process at a time; what it returned outlasts a power cut.

        Raises:
            LeaseHeldError: others keep the book locked.
            UnreadableUsageError: a line is damaged.
        """
        path = self._path(tenant, month)
        with self._locked(tenant, month):
            content = _whole_lines(path)
            added = tuple(decide(self._read(path, content)))
            if added:
                _append(path, len(content), "".join(f"{line.model_dump_json()}\n" for line in added).encode())
        return added

    def lines(self, tenant: str, month: str) -> Sequence[UsageEntry]:
        """Returns a month's lines.

        Raises:
            UnreadableUsageError: a line is damaged.
        """
        path = self._path(tenant, month)
        return self._read(path, _whole_lines(path))

    def months(self) -> Sequence[tuple[str, str]]:
        """Returns tenants and months, sorted; files of other names are passed over."""
        found = ((path.parent.name, path.stem) for path in (self._root / "usage").glob("*/*.jsonl"))
        return sorted((tenant, month) for tenant, month in found if SLUG.fullmatch(tenant) and MONTH.fullmatch(month))

    def delete(self, tenant: str) -> None:
        """Removes all books of a tenant, and the files of their locks."""
        folder, locks = self._root / "usage" / check_slug(tenant, "tenant"), self._root / "locks" / tenant
        for path in (*folder.glob("*.jsonl"), *locks.glob("*.usage")):
            remove_file(path)
        for emptied in (folder, locks):
            remove_empty(emptied)

    def _read(self, path: Path, content: bytes) -> tuple[UsageEntry, ...]:
        """Reads only what is new since the last time, as long as what was read then is still there."""
        before = self._read_before.get(path)
        known = before if before and before.begins(content) else _Read(0, b"", ())
        lines = known.lines + _parsed(path, content[known.size :], len(known.lines))
        self._read_before[path] = _Read(len(content), _digest(content), lines)
        return lines

    def _path(self, tenant: str, month: str) -> Path:
        return self._root / "usage" / check_slug(tenant, "tenant") / f"{check_month(month)}.jsonl"

    @contextmanager
    def _locked(self, tenant: str, month: str) -> Iterator[None]:
        path = self._root / "locks" / tenant / f"{month}.usage"
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, timeout=LOCK_TIMEOUT_S, poll_interval=0.01)
        try:
            lock.acquire()
        except Timeout as error:
            raise LeaseHeldError(f"Others keep the account book of {tenant} locked. Try again later.") from error
        try:
            yield
        finally:
            lock.release()


def _whole_lines(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return b""
    return content[: content.rfind(b"\n") + 1]


def _parsed(path: Path, content: bytes, lines_before: int) -> tuple[UsageEntry, ...]:
    found: list[UsageEntry] = []
    for number, line in enumerate(content.splitlines(), lines_before + 1):
        try:
            found.append(UsageEntry.model_validate_json(line))
        except ValidationError:
            message = f"{path} is damaged in line {number}. Put back a copy of it, or take that line out."
            raise UnreadableUsageError(message) from None
    return tuple(found)


@dataclass(frozen=True)
class _Read:
    """The beginning of a book: its size, digest and lines."""

    size: int
    digest: bytes
    lines: tuple[UsageEntry, ...]

    def begins(self, content: bytes) -> bool:
        """Tells whether a book still begins like this."""
        return len(content) >= self.size and _digest(content[: self.size]) == self.digest


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def _append(path: Path, size: int, lines: bytes) -> None:
    """Writes after the first ``size`` bytes; what can't be written whole leaves only these."""
    if not size:
        write_whole(path, b"")
    with path.open("r+b") as file:
        try:
            file.truncate(size)
            file.seek(size)
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            os.truncate(path, size)
            raise
