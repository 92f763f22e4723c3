"""Artifacts in a folder: the default on one machine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BufferedReader
from pathlib import Path
from typing import IO, BinaryIO

from esl_pipeline.manifests import check_slug
from esl_pipeline.slugs import is_slug
from esl_pipeline.stores.artifacts import Removed, StoredArtifact, copy_checked
from esl_pipeline.stores.names import artifact_name, parse_artifact_name
from esl_pipeline.stores.whole_files import SCRATCH, fill_whole, remove_file, write_whole

USE_NOTED_AFTER = timedelta(hours=12)
"""How exactly the last use of an artifact is known; noting each would be a write per look."""


class FileArtifactStore:
    """One file per artifact: ``artifacts/<tenant>/<first two of the hash>/<hash><suffix>``, its checksum beside it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def has(self, tenant: str, sha256: str, suffix: str) -> bool:
        """Tells whether the artifact is stored, and notes that it is in use; files appear whole."""
        path = self._path(tenant, sha256, suffix)
        try:
            age = datetime.now(UTC) - _modified_at(path)
            if age > USE_NOTED_AFTER:
                os.utime(path)
        except FileNotFoundError:
            return False
        return True

    def get(self, tenant: str, sha256: str, suffix: str) -> bytes:
        """Returns the artifact.

        Raises:
            KeyError: it is not stored, or damaged; a damaged one is removed, so that it is made again.
        """
        with self.open(tenant, sha256, suffix) as file:
            return file.read()

    def open(self, tenant: str, sha256: str, suffix: str) -> BinaryIO:
        """Opens the artifact for reading, after a look at all of it.

        Raises:
            KeyError: it is not stored, or damaged; a damaged one is removed, so that it is made again.
        """
        path = self._path(tenant, sha256, suffix)
        try:
            file = path.open("rb")
        except FileNotFoundError as error:
            raise KeyError(f"{sha256}{suffix}") from error
        try:
            self._check(path, file)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    def put(self, tenant: str, sha256: str, suffix: str, content: bytes) -> Path:
        """Stores the artifact whole or not at all; of two writers the first one's content stays."""
        path = self._path(tenant, sha256, suffix)
        if not self.has(tenant, sha256, suffix) and write_whole(path, content, replace=False):
            _note_checksum(path, hashlib.sha256(content).hexdigest())
        return path

    def put_file(self, tenant: str, sha256: str, suffix: str, file: BinaryIO) -> Path:
        """Stores a file under the hash of its content, whole or not at all; it is read from its start.

        Raises:
            ValueError: its content has another hash.
        """
        path = self._path(tenant, sha256, suffix)

        def fill(copy: IO[bytes]) -> None:
            copy_checked(file, copy, sha256)

        if not self.has(tenant, sha256, suffix) and fill_whole(path, fill, replace=False):
            _note_checksum(path, sha256)
        return path

    def locate(self, tenant: str, sha256: str, suffix: str) -> str:
        """Returns the artifact's path."""
        return str(self._path(tenant, sha256, suffix))

    def list(self, tenant: str) -> Iterator[StoredArtifact]:
        """Yields the tenant's artifacts by hash; files of other names are passed over."""
        for path in sorted(self._folder(tenant).glob("??/*")):
            named = parse_artifact_name(path.name)
            if named is None or path.is_symlink() or path.parent.name != named[0][:2]:
                continue
            try:
                yield StoredArtifact(*named, path.stat().st_size, _modified_at(path))
            except FileNotFoundError:
                continue

    def delete(self, tenant: str, sha256: str, suffix: str, *, unused_since: datetime) -> bool:
        """Deletes the artifact unless it was stored or used since; True where it is gone because of this call."""
        path = self._path(tenant, sha256, suffix)
        try:
            if _modified_at(path) > unused_since:
                return False
            path.unlink()
        except FileNotFoundError:
            return False
        remove_file(_checksum(path))
        return True

    def tenants(self) -> Iterator[str]:
        """Yields the tenants that have artifacts, sorted."""
        for folder in sorted((self._root / "artifacts").glob("*")):
            if is_slug(folder.name) and folder.is_dir():
                yield folder.name

    def remove_scratch(self, tenant: str, *, unused_since: datetime, dry_run: bool = False) -> Removed:
        """Removes what killed writers of the tenant left half written, in all stores of the same folder."""
        removed = Removed()
        for folder in sorted(self._root.glob(f"*/{check_slug(tenant, 'tenant')}")):
            for path in sorted(_leftovers(folder)):
                try:
                    size, old = path.stat().st_size, _modified_at(path) <= unused_since
                except FileNotFoundError:
                    continue
                if old:
                    removed += Removed(1, size)
                    if not dry_run:
                        remove_file(path)
        return removed

    def _check(self, path: Path, file: BufferedReader) -> None:
        actual, checksum = hashlib.file_digest(file, "sha256").hexdigest(), _checksum(path)
        if not checksum.exists():
            # A run died between the two files; the artifact itself appeared whole.
            _note_checksum(path, actual)
        if checksum.read_text("ascii") != actual:
            remove_file(path)
            remove_file(checksum)
            raise KeyError(f"{path.name} was damaged")

    def _path(self, tenant: str, sha256: str, suffix: str) -> Path:
        name = artifact_name(sha256, suffix)
        return self._folder(tenant) / sha256[:2] / name

    def _folder(self, tenant: str) -> Path:
        return self._root / "artifacts" / check_slug(tenant, "tenant")


def _modified_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _note_checksum(path: Path, sha256: str) -> None:
    write_whole(_checksum(path), sha256.encode("ascii"))


def _checksum(path: Path) -> Path:
    return path.with_name(f".{path.name}.sha256")


def _leftovers(folder: Path) -> Iterator[Path]:
    """Yields files that never got their name, and checksums of what is gone."""
    yield from folder.rglob(f"{SCRATCH}*")
    for checksum in folder.rglob(".*.sha256"):
        if not checksum.with_name(checksum.name[1 : -len(".sha256")]).exists():
            yield checksum
