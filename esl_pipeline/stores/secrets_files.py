"""Secrets in files, as Docker and Kubernetes mount them."""

from __future__ import annotations

import errno
from pathlib import Path

from pydantic import SecretStr

from esl_pipeline.stores.secrets import SecretRefusedError, SecretUnavailableError

LONGEST_BYTES = 65_536
ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR})


class FileSecrets:
    """The installation's secrets as ``<root>/<NAME>``, a tenant's as ``<root>/<tenant>/<NAME>``.

    Files are read when they are asked for, so a mount that changes is seen at once.

    Args:
        root: folder of the secrets; links in it are followed, but not out of it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, owner: str | None, name: str) -> SecretStr | None:
        """Returns a secret without line ends after it, None where its file is missing or empty."""
        path = self._path(owner, name)
        try:
            path.stat()  # An OSError for links in a circle too, which resolve() answers with another one.
            real = path.resolve()
            if not real.is_relative_to(self._root.resolve()):
                raise SecretRefusedError(f"{path} leads out of {self._root}.")
            with real.open("rb") as file:
                content = file.read(LONGEST_BYTES + 1)
        except OSError as error:
            if error.errno in ABSENT:
                return None
            raise _failure(path, error) from None
        return _secret(path, content)

    def place(self, owner: str | None, name: str) -> str:
        """Names the file."""
        return f"the file {self._path(owner, name)}"

    def forget(self, owner: str) -> None:
        """Does nothing: files are not remembered."""

    def _path(self, owner: str | None, name: str) -> Path:
        return self._root / owner / name if owner else self._root / name


def _secret(path: Path, content: bytes) -> SecretStr | None:
    if len(content) > LONGEST_BYTES:
        raise SecretRefusedError(f"The secret in {path} is longer than {LONGEST_BYTES} bytes.")
    try:
        text = content.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        # Not the cause of the error, because it holds the content.
        text = None
    if text is None:
        raise SecretRefusedError(f"The secret in {path} is not UTF-8.")
    return SecretStr(text) if text else None


def _failure(path: Path, error: OSError) -> SecretRefusedError | SecretUnavailableError:
    if error.errno in {errno.EIO, errno.ESTALE, errno.ETIMEDOUT}:
        return SecretUnavailableError(f"{path} can't be read just now: {error.strerror}.")
    return SecretRefusedError(f"{path} can't be read: {error.strerror}. Give this program's user the right to.")
