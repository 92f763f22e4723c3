"""ElevenLabs' errors as data.

**Source**: elevenlabs.io/docs/eleven-api/resources/errors and help.elevenlabs.io articles 19571824571921 and
19572237925521, read 2026-11-23; forms of bodies from answers seen in August to October 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from esl_pipeline.clients.bodies import describe_page, json_of
from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.faults import Meaning, Outlook, VendorWords
from esl_pipeline.clients.http import Dialect
from esl_pipeline.clients.wire import Answer

_KEY = (
    "Set ELEVENLABS_API_KEY, or the secret that speech.api_key_secret names, to a key from "
    "elevenlabs.io/app/settings/api-keys; this one is wrong or was deleted."
)
_SCOPES = (
    "Give the API key the permissions text_to_speech and voices_read, and user_read and speech_history_read for a look "
    "at the quota and for speech whose answer was lost, at elevenlabs.io/app/settings/api-keys."
)
_QUOTA = (
    "The account, or the API key, has no credits left. Buy credits or wait for the next month; what was made so far is "
    "kept, and the next run buys only the rest."
)
_PLAN = "The account's plan does not include this: upgrade it, or choose other voices, a smaller format or model."
_VOICE = (
    "Choose another voice for the speaker: this one is not in the account, or was withdrawn from the voice library."
)
_MODEL = "Set speech.model to one that the account may use, such as eleven_multilingual_v2."
_TEXT = "Shorten or split the turn in the study text."
_SETTINGS = "Check the voice settings: stability, similarity and style are 0 to 1, speed is 0.7 to 1.2."
_SLOW_DOWN = "The account's plan allows so many requests at a time; lower speech.max_concurrent_requests."
_REQUEST = "The request breaks ElevenLabs' rules; the message says how."


def _all(outlook: Outlook, fix: str, *codes: str) -> dict[str, Meaning]:
    return dict.fromkeys(codes, Meaning(outlook, fix))


CODES: Mapping[str, Meaning] = {
    **_all(Outlook.REJECTED, _REQUEST, "invalid_parameters", "invalid_argument", "invalid_output_format"),
    **_all(Outlook.REJECTED, "Give the turn words to speak.", "empty_text"),
    **_all(Outlook.REJECTED, _TEXT, "text_too_long", "max_character_limit_exceeded"),
    **_all(Outlook.REJECTED, _SETTINGS, "invalid_voice_settings", "invalid_ttd_stability"),
    **_all(Outlook.REJECTED, _MODEL, "unsupported_model", "model_not_found", "model_access_denied"),
    **_all(Outlook.REJECTED, _KEY, "invalid_api_key", "missing_api_key"),
    **_all(Outlook.REJECTED, _SCOPES, "missing_permissions", "insufficient_permissions"),
    **_all(
        Outlook.REJECTED,
        "ElevenLabs refuses free accounts that seem to use a VPN or a data centre; use the key of a paid plan.",
        "detected_unusual_activity",
    ),
    **_all(Outlook.REJECTED, _QUOTA, "quota_exceeded", "insufficient_credits"),
    **_all(
        Outlook.REJECTED,
        _PLAN,
        "paid_plan_required",
        "payment_required",
        "feature_not_available",
        "subscription_required",
        "output_format_not_allowed",
    ),
    **_all(Outlook.REJECTED, _VOICE, "voice_not_found", "invalid_voice_id", "voice_access_denied"),
    **_all(Outlook.CROWDED, _SLOW_DOWN, "concurrent_limit_exceeded", "too_many_concurrent_requests"),
    **_all(Outlook.NOT_DONE, _SLOW_DOWN, "rate_limit_exceeded"),
    # The vendor's own word that it takes no work now; the same status without it, from a proxy, leaves it open.
    **_all(Outlook.NOT_DONE, "", "system_busy", "service_unavailable", "maintenance"),
    **_all(Outlook.UNSURE, "", "internal_error", "internal_server_error"),
}


def refused(code: str, message: str) -> RejectedError:
    """Returns the error of what the vendor would refuse, or spoil, so that it is not asked."""
    return RejectedError("elevenlabs", code, message, fix=CODES[code].fix)


def lacks_permission(error: RejectedError) -> bool:
    """Tells whether the key lacks the scope for what was asked; it may be a good key for everything else."""
    return error.code in ("missing_permissions", "insufficient_permissions")


def read_words(answer: Answer) -> VendorWords:
    """Reads a failed answer in any of the vendor's forms, or a proxy's page."""
    body = json_of(answer)
    detail = body.get("detail", body) if isinstance(body, dict) else body
    fields: Mapping[str, Any] = detail if isinstance(detail, dict) else {}
    headers = answer.headers
    request_id = fields.get("request_id") or headers.get("request-id") or headers.get("x-trace-id")
    return VendorWords(
        codes=tuple(code for code in (fields.get("code"), fields.get("status")) if isinstance(code, str) and code),
        message=_message(detail) or describe_page(answer),
        request_id=str(request_id) if request_id else None,
    )


def _message(detail: object) -> str:
    if isinstance(detail, str):
        return detail
    if isinstance(detail, dict):
        return str(detail.get("message") or "")
    if isinstance(detail, list):
        return "; ".join(_violation(entry) for entry in detail if isinstance(entry, dict))
    return ""


def _violation(entry: Mapping[str, Any]) -> str:
    where = entry.get("loc")
    place = ".".join(str(step) for step in where) if isinstance(where, list) else "body"
    return f"{place}: {entry.get('msg', 'invalid')}"


ELEVENLABS = Dialect("elevenlabs", CODES, read_words)
