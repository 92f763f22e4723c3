"""How the vendor says no.

**Source**: elevenlabs.io/docs/eleven-api/resources/errors, read 2026-11-23; the 401 of an exhausted quota from reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """What a code comes with.

    Attributes:
        http_status: of the answer.
        type: the vendor's class of errors.
        legacy_status: the older name of the code, in ``status``; None where it is the same.
    """

    http_status: int
    type: str
    legacy_status: str | None = None


KINDS = {
    "invalid_parameters": Kind(400, "validation_error"),
    "empty_text": Kind(400, "validation_error"),
    "text_too_long": Kind(400, "validation_error", "max_character_limit_exceeded"),
    "invalid_voice_settings": Kind(400, "validation_error"),
    "invalid_ttd_stability": Kind(400, "validation_error"),
    "unsupported_model": Kind(400, "validation_error"),
    "model_not_found": Kind(400, "validation_error"),
    "invalid_output_format": Kind(400, "validation_error"),
    "missing_api_key": Kind(401, "authentication_error"),
    "invalid_api_key": Kind(401, "authentication_error"),
    "missing_permissions": Kind(401, "authentication_error"),
    "quota_exceeded": Kind(401, "invalid_request"),
    "voice_not_found": Kind(404, "not_found"),
    "history_item_not_found": Kind(404, "not_found"),
    "pronunciation_dictionary_not_found": Kind(404, "not_found"),
    "concurrent_limit_exceeded": Kind(429, "rate_limit_error", "too_many_concurrent_requests"),
    "internal_server_error": Kind(500, "internal_error"),
}


@dataclass
class FaultError(Exception):
    """A request that is refused.

    Attributes:
        code: a key of ``KINDS``.
        message: for people.
        param: the field at fault, None where it is not one field.
    """

    code: str
    message: str
    param: str | None = None

    @property
    def http_status(self) -> int:
        """Of the answer."""
        return KINDS[self.code].http_status

    def body(self, request_id: str) -> dict[str, Any]:
        """Returns the JSON answer."""
        kind = KINDS[self.code]
        return {
            "detail": {
                "type": kind.type,
                "code": self.code,
                "message": self.message,
                "status": kind.legacy_status or self.code,
                "request_id": request_id,
                "param": self.param,
            }
        }
