"""Takes secrets out of what people and logs get to read."""

from __future__ import annotations

import re
from collections.abc import Iterable

REDACTED = "[redacted]"
SHORTEST_SECRET = 8
"""Shorter credentials, such as the sandbox's, are words that messages need."""
LONGEST_MESSAGE = 600

_CREDENTIALS = re.compile(
    r"(?i)\b(?:bearer\s+|xi-api-key['\"]?\s*[:=]\s*['\"]?|AWS4-HMAC-SHA256\s+|X-Amz-(?:Signature|Credential)=)[^\s'\"&]+"
)
_ADDRESS_PASSWORD = re.compile(r"(?<=://)[^/\s@]+@")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f]+")


class Redactor:
    """Removes the secrets of one client, and whatever else looks like a credential."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted({secret for secret in secrets if len(secret) >= SHORTEST_SECRET}, key=len, reverse=True)

    def __repr__(self) -> str:
        return f"Redactor({len(self._secrets)} secrets)"

    def __call__(self, text: str) -> str:
        """Returns a text in one line, without secrets, at most 600 characters."""
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        text = _ADDRESS_PASSWORD.sub(f"{REDACTED}@", _CREDENTIALS.sub(REDACTED, text))
        text = _BLANKS.sub(" ", text).strip()
        return text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE - 1]}…"
