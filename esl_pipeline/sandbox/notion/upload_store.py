"""Uploaded files on disk, each part a file beside what is known of the upload; and their addresses, which end."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

ADDRESS_LASTS = timedelta(hours=1)
LARGEST_FILE_BYTES = 5 << 20
"""Of the free plan, which the workspace has unless it is told otherwise; paid ones take 5 GiB.

**Source**: developers.notion.com/guides/data-apis/working-with-files-and-media, read 2026-11-25.
"""


@dataclass(frozen=True)
class Upload:
    """One upload.

    Attributes:
        parts: how many there are to be; None where the file is sent at once.
        ends_at: None once something refers to it.
    """

    id: str
    filename: str
    content_type: str
    parts: int | None
    created_at: str
    ends_at: str | None
    created_by: str
    status: str = "pending"

    def changed(self, **fields: Any) -> Self:
        """Returns it with other values."""
        return replace(self, **fields)


@dataclass(frozen=True)
class StoredFile:
    """A whole file, as it is given to whoever has a good address."""

    content: bytes
    content_type: str


class UploadStore:
    """All uploads of a workspace.

    Args:
        folder: holds them.
        files_url: address that an upload's id and name are appended to.
    """

    def __init__(self, folder: Path, files_url: str) -> None:
        self._folder, self._files_url = folder, files_url
        self._secret = secrets.token_bytes(16)
        self.largest_file_bytes = LARGEST_FILE_BYTES

    def save(self, upload: Upload) -> None:
        """Stores what is known of an upload."""
        folder = self._folder / upload.id
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / "upload.part"
        part.write_text(json.dumps(asdict(upload)), "utf-8")
        part.replace(folder / "upload.json")

    def find(self, upload_id: str) -> Upload | None:
        """Returns an upload."""
        try:
            return Upload(**json.loads((self._folder / upload_id / "upload.json").read_text("utf-8")))
        except FileNotFoundError:
            return None

    def all(self) -> list[Upload]:
        """Returns all uploads, newest first."""
        files = sorted(self._folder.glob("*/upload.json"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        return [Upload(**json.loads(file.read_text("utf-8"))) for file in files]

    def write(self, upload_id: str, number: int, content: bytes) -> None:
        """Stores a part; one that was sent before is replaced."""
        (self._folder / upload_id / f"{number:05d}.bytes").write_bytes(content)

    def sizes(self, upload_id: str) -> Mapping[int, int]:
        """Returns the length of each part that was sent, by its number."""
        return {int(file.stem): file.stat().st_size for file in self._parts(upload_id)}

    def address(self, upload_id: str) -> Mapping[str, str]:
        """Returns what a block shows of a file: an address that is good for an hour, and when it ends."""
        upload = self.find(upload_id)
        ends = datetime.now(UTC) + ADDRESS_LASTS
        until = int(ends.timestamp())
        query = {"ends": until, "signature": self._signature(upload_id, until)}
        name = quote(upload.filename if upload else "")
        return {
            "url": f"{self._files_url}{upload_id}/{name}?{urlencode(query)}",
            "expiry_time": ends.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        }

    def read(self, upload_id: str, ends: str, signature: str) -> StoredFile | None:
        """Returns a file, None where the address was never given or has ended."""
        upload = self.find(upload_id) if ends.isdecimal() else None
        good = upload and hmac.compare_digest(self._signature(upload_id, int(ends)), signature)
        if not upload or not good or int(ends) <= datetime.now(UTC).timestamp():
            return None
        return StoredFile(b"".join(file.read_bytes() for file in self._parts(upload_id)), upload.content_type)

    def _parts(self, upload_id: str) -> list[Path]:
        return sorted((self._folder / upload_id).glob("*.bytes"))

    def _signature(self, upload_id: str, ends: int) -> str:
        return hmac.new(self._secret, f"{upload_id} {ends}".encode(), hashlib.sha256).hexdigest()
