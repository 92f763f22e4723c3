"""Files that appear whole or not at all, also when the writer is killed or the power goes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

SCRATCH = ".new-"
"""Begins the name of a file that is being written, where the system can't write one without a name."""

Fill = Callable[[IO[bytes]], None]


def write_whole(path: Path, content: bytes, *, replace: bool = True) -> bool:
    """Writes a file so that readers see the old or the new content, also after a power cut.

    Args:
        path: where it goes; its folder is made.
        content: the whole file.
        replace: False where a file that is already there stays.

    Returns:
        True where the file now has this content because of this call.
    """

    def fill(file: IO[bytes]) -> None:
        file.write(content)

    return fill_whole(path, fill, replace=replace)


def fill_whole(path: Path, fill: Fill, *, replace: bool = True) -> bool:
    """Does as ``write_whole`` with what ``fill`` writes; what that raises leaves all as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _nameless(path, fill, replace=replace)
    except _NeedsANameError:
        return _named(path, fill, replace=replace)


class _NeedsANameError(Exception):
    """The system can't write files without a name here."""


def _nameless(path: Path, fill: Fill, *, replace: bool) -> bool:
    """Gives the file its name when it is complete, so that nothing is left of a killed writer."""
    folder = _open_folder(path.parent)
    try:
        try:
            handle = os.open(path.parent, os.O_TMPFILE | os.O_RDWR, 0o600)
        except OSError as error:
            raise _NeedsANameError from error
        with os.fdopen(handle, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(handle)
            try:
                _link(handle, path.name, folder)
            except FileExistsError:
                if not replace:
                    return False
                _link_over(handle, path, folder)
        os.fsync(folder)
    finally:
        os.close(folder)
    return True


def _open_folder(folder: Path) -> int:
    if not hasattr(os, "O_TMPFILE"):
        raise _NeedsANameError
    return os.open(folder, os.O_RDONLY)


def _link(handle: int, name: str, folder: int) -> None:
    try:
        os.link(f"/proc/self/fd/{handle}", name, dst_dir_fd=folder, follow_symlinks=True)
    except FileExistsError:
        raise
    except OSError as error:
        raise _NeedsANameError from error


def _link_over(handle: int, path: Path, folder: int) -> None:
    """Puts the file in place of another; it has a name of its own for an instant, since no link replaces a file."""
    temporary = f"{SCRATCH}{os.getpid()}-{handle}-{os.urandom(6).hex()}"
    _link(handle, temporary, folder)
    try:
        path.with_name(temporary).replace(path)
    except OSError:
        path.with_name(temporary).unlink(missing_ok=True)
        raise


def _named(path: Path, fill: Fill, *, replace: bool) -> bool:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=SCRATCH)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            fill(file)
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
    _keep_names(path.parent)
    return True


def _keep_names(folder: Path) -> None:
    """Makes new names in a folder outlast a power cut, where the system can; what is recorded is relied on at once."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_file(path: Path) -> None:
    """Removes a file that may be gone already."""
    with suppress(FileNotFoundError):
        path.unlink()


def remove_empty(folder: Path) -> None:
    """Removes a folder that has nothing in it; one that is gone, or in use, stays as it is."""
    with suppress(OSError):
        folder.rmdir()
