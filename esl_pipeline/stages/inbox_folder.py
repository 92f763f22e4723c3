"""An inbox that is a folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from esl_pipeline.stages.asking import MANIFEST_SUFFIXES, ManifestText, check_inside, manifest_file
from esl_pipeline.stages.inbox import InboxFile, Misplaced, TenantFiles

FIX = "Put it into a folder with its tenant's name."

UNSETTLED_NS = 1_000_000_000
"""A file that changed so lately may change again without another time: systems count in steps of some milliseconds."""


class FolderInbox:
    """Files below a folder; hidden ones are passed over, and links between folders not followed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def place(self) -> str:
        """Its path."""
        return str(self._root)

    def tenants(self) -> Iterator[TenantFiles | Misplaced]:
        """Yields what lies in each tenant's folder, by name."""
        if not self._root.is_dir():
            return
        for entry in _visible(self._root):
            if entry.is_symlink() and self.within(entry.path) is not None:
                yield Misplaced(entry.name, "It is a link to another tenant's folder. Make it a folder of its own.")
            elif entry.is_dir():
                yield _files(entry)
            elif entry.name.endswith(MANIFEST_SUFFIXES):
                yield Misplaced(entry.name, f"It lies in no tenant's folder. {FIX}")

    def find(self, tenant: str, assignment: str) -> str | None:
        """Returns the path of an assignment's manifest, else of its lesson alone, else None."""
        for suffix in MANIFEST_SUFFIXES:
            path = self._root / tenant / f"{assignment}{suffix}"
            if path.exists():
                check_inside(path.parent, path)
                return f"{tenant}/{path.name}"
        return None

    def manifest(self, path: str) -> ManifestText:
        """Reads a manifest, or a lesson as its own manifest; no link leads out of the tenant's folder."""
        parts = PurePosixPath(path).parts
        # A path with ".." begins where any link of the tenant's may lead, so it is measured from the inbox itself.
        folder = self._root if ".." in parts else self._root / parts[0]
        return manifest_file(check_inside(folder, self._root / path))

    def holds(self, tenant: str) -> bool:
        """Tells whether there is a folder of the tenant."""
        return (self._root / tenant).exists()

    def within(self, path: str) -> str | None:
        """Returns the path in the inbox of a file of this machine, links followed; None where it lies elsewhere."""
        file, root = Path(path).resolve(), self._root.resolve()
        return file.relative_to(root).as_posix() if file.is_relative_to(root) else None


def _visible(folder: Path | str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)


def _files(tenant: os.DirEntry[str]) -> TenantFiles | Misplaced:
    """Returns a tenant's files; those that are gone by now are left out."""
    files, changed_at, folders = list[InboxFile](), 0, [("", tenant)]
    while folders:
        below, folder = folders.pop()
        try:
            # Also a folder's own time counts: it tells that something was taken away, or that all of it was moved here.
            changed_at = max(changed_at, folder.stat().st_ctime_ns)
            entries = _visible(folder.path)
        except FileNotFoundError:
            continue
        except OSError as error:
            return Misplaced(f"{tenant.name}/{below}", f"The folder can't be read: {error.strerror}.")
        for entry in entries:
            is_named_so = entry.name.lower().endswith(MANIFEST_SUFFIXES)
            if entry.is_dir(follow_symlinks=False) and (below or not is_named_so):
                folders.append((f"{below}{entry.name}/", entry))
            elif is_named_so and (file := _file(f"{below}{entry.name}", entry)):
                files.append(file)
                changed_at = max(changed_at, file.changed_at)
    return TenantFiles(tenant.name, tuple(files), changed_at)


def _file(path: str, entry: os.DirEntry[str]) -> InboxFile | None:
    """Returns a file, None where it is gone; what is none but is named like one fails when it is read.

    What counts is when the system last changed anything of it (ctime): copies and moves may keep a time of writing.
    """
    try:
        found, link = entry.stat(), entry.stat(follow_symlinks=False)
    except OSError:
        return None
    changed_at = max(found.st_ctime_ns, link.st_ctime_ns)
    stamp = f"{found.st_mtime_ns} {found.st_ctime_ns} {found.st_size} {found.st_ino} {link.st_ino}"
    return InboxFile(path, changed_at, stamp if time.time_ns() - changed_at > UNSETTLED_NS else "")
