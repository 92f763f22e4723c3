"""Names of artifacts that are safe in paths, keys and addresses."""

from __future__ import annotations

import re

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"(\.[a-z0-9]+)+")


def artifact_name(sha256: str, suffix: str) -> str:
    """Returns the name of an artifact.

    Raises:
        ValueError: the hash is not 64 small hexadecimal digits, or the suffix not like ``.wav`` or ``.manifest.json``.
    """
    if not _SHA256.fullmatch(sha256) or not _SUFFIX.fullmatch(suffix):
        raise ValueError(f"{sha256[:80]!r}{suffix[:20]!r} is no artifact's name.")
    return f"{sha256}{suffix}"


def parse_artifact_name(name: str) -> tuple[str, str] | None:
    """Returns hash and suffix of an artifact's name, None of another name."""
    sha256, suffix = name[:64], name[64:]
    return (sha256, suffix) if _SHA256.fullmatch(sha256) and _SUFFIX.fullmatch(suffix) else None
