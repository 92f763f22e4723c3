"""Journals in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from esl_pipeline.stores.file_locks import locked
from esl_pipeline.stores.journal import NAME, Decide, check_name
from esl_pipeline.stores.whole_files import remove_empty, remove_file, write_whole

SUFFIX = ".jsonl"


class FileJournal:
    """One file per journal, ``<name>.jsonl``.

    A line counts from its line end on; what a killed writer left after the last one is dropped at the next addition.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def add(self, name: str, decide: Decide) -> Sequence[bytes]:
        """Reads and adds as one step, one process at a time; what it returned outlasts a power cut.

        Raises:
            LeaseHeldError: others keep the journal locked.
        """
        path = self._path(name)
        with locked(self._lock(name), name):
            content = _whole_lines(path)
            added = tuple(decide(content.splitlines()))
            if added:
                _append(path, len(content), b"".join(line + b"\n" for line in added))
        return added

    def lines(self, name: str) -> Sequence[bytes]:
        """Returns the lines."""
        return _whole_lines(self._path(name)).splitlines()

    def names(self, prefix: str) -> Iterator[str]:
        """Yields the names that begin with ``prefix``, sorted; files of other names are passed over."""
        paths = (self._root / prefix.rpartition("/")[0]).rglob(f"*{SUFFIX}")
        found = (path.relative_to(self._root).as_posix().removesuffix(SUFFIX) for path in paths)
        yield from sorted(name for name in found if name.startswith(prefix) and NAME.fullmatch(name))

    def delete(self, name: str) -> None:
        """Removes a journal and the file of its lock."""
        for path in (self._path(name), self._lock(name)):
            remove_file(path)
            remove_empty(path.parent)

    def _path(self, name: str) -> Path:
        return self._root / f"{check_name(name)}{SUFFIX}"

    def _lock(self, name: str) -> Path:
        return self._root / "locks" / f"{name}.journal"


def _whole_lines(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return b""
    return content[: content.rfind(b"\n") + 1]


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
