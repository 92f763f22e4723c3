"""OpenAI's errors as data.

**Source**: platform.openai.com/docs/guides/error-codes, and forms of bodies from its issues; read 2026-11-24.
"""

from __future__ import annotations

from collections.abc import Mapping

from esl_pipeline.clients.bodies import describe_page, json_of
from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.faults import Meaning, Outlook, VendorWords
from esl_pipeline.clients.http import Dialect
from esl_pipeline.clients.wire import Answer

_KEY = (
    "Set OPENAI_API_KEY, or the secret that speech.api_key_secret names, to a key from platform.openai.com/api-keys; "
    "this one is wrong or was deleted."
)
_QUOTA = (
    "The account has no credit left, or reached its monthly limit; see platform.openai.com/settings/organization. What "
    "was made so far is kept, and the next run buys only the rest."
)
_MODEL = "Set speech.model to one that the account may use: gpt-4o-mini-tts, tts-1 or tts-1-hd."
_TEXT = "Shorten or split the turn in the study text."
_VOICE = "Choose another voice for the speaker: gpt-4o-mini-tts has thirteen, tts-1 and tts-1-hd have nine of them."
_ACCOUNT = "The key, or the account's region, may not use this: see platform.openai.com/settings."
_SLOW_DOWN = "The account allows so many requests a minute; lower speech.max_concurrent_requests."
_REQUEST = "The request breaks OpenAI's rules; the message says how."


def _all(outlook: Outlook, fix: str, *codes: str) -> dict[str, Meaning]:
    return dict.fromkeys(codes, Meaning(outlook, fix))


CODES: Mapping[str, Meaning] = {
    **_all(Outlook.REJECTED, _KEY, "invalid_api_key", "account_deactivated"),
    **_all(Outlook.REJECTED, _QUOTA, "insufficient_quota", "billing_hard_limit_reached", "billing_not_active"),
    **_all(Outlook.REJECTED, _MODEL, "model_not_found"),
    **_all(Outlook.REJECTED, _TEXT, "string_above_max_length", "context_length_exceeded"),
    **_all(Outlook.REJECTED, _VOICE, "voice_not_found"),
    **_all(
        Outlook.REJECTED,
        _ACCOUNT,
        "unsupported_country_region_territory",
        "ip_not_authorized",
        "mismatched_organization",
        "permission_denied",
        "missing_scope",
    ),
    **_all(
        Outlook.REJECTED, _REQUEST, "invalid_value", "unsupported_value", "missing_required_parameter",
        "invalid_request_error",
    ),
    **_all(Outlook.NOT_DONE, _SLOW_DOWN, "rate_limit_exceeded"),
    # The vendor's own word that it takes no work now.
    **_all(Outlook.NOT_DONE, "", "slow_down"),
    **_all(Outlook.UNSURE, "", "server_error"),
}  # fmt: skip


def refused(code: str, message: str) -> RejectedError:
    """Returns the error of what the vendor would refuse, so that it is not asked."""
    return RejectedError("openai", code, message, fix=CODES[code].fix)


def read_words(answer: Answer) -> VendorWords:
    """Reads a failed answer of OpenAI or of a server that speaks like it; ``type`` counts where there is no code."""
    body = json_of(answer)
    error = body.get("error", body) if isinstance(body, dict) else body
    fields = error if isinstance(error, dict) else {"message": error}
    named = [one for one in (fields.get("code"), fields.get("type")) if isinstance(one, str) and one]
    message = fields.get("message")
    return VendorWords(
        codes=tuple(named[:1]),
        message=message if isinstance(message, str) and message else describe_page(answer),
        request_id=answer.headers.get("x-request-id"),
    )


OPENAI = Dialect("openai", CODES, read_words)
