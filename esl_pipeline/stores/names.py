"""Names of artifacts that are safe in paths, keys and addresses."""

from __future__ import annotations

import re


def artifact_name(sha256: str, suffix: str) -> str:
    """Returns the name of an artifact.

    Raises:
        ValueError: the hash is not 64 small hexadecimal digits, or the suffix not like ``.wav`` or ``.manifest.json``.
    """
    if not re.fullmatch(r"[0-9a-f]{64}", sha256) or not re.fullmatch(r"(\.[a-z0-9]+)+", suffix):
        raise ValueError(f"{sha256[:80]!r}{suffix[:20]!r} is no artifact's name.")
    return f"{sha256}{suffix}"
