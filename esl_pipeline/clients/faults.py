"""What a failed attempt means: whether asking again can help, and whether something may have been written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.clients.redaction import Redactor


class Outlook(Enum):
    """What may be expected of asking again."""

    REJECTED = "asking again can't help"
    NOT_DONE = "nothing was written, so anything may be asked again"
    CONTESTED = "nothing was written, since somebody else writes there; a write is asked again only after reading"
    CROWDED = "nothing was written; ask again when one of our own requests is done"
    UNSURE = "it may have been written, so only what may happen twice is asked again"


@dataclass(frozen=True)
class Meaning:
    """What a vendor's code or an HTTP status means; ``fix`` is a sentence for the person who must act."""

    outlook: Outlook
    fix: str = ""


@dataclass(frozen=True)
class VendorWords:
    """What the body of a failed answer says.

    Attributes:
        codes: the vendor's names for the failure, the most telling first; ``code:reason`` for a code that means
            something else for a special reason.
    """

    codes: tuple[str, ...] = ()
    message: str = ""
    request_id: str | None = None
    retry_after_s: float | None = None
    committed_resource_id: str | None = None
    committed_child_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fault:
    """How one attempt failed; its texts may hold secrets until ``error`` is called."""

    code: str
    meaning: Meaning
    words: VendorWords
    status: int | None = None

    @property
    def is_outage(self) -> bool:
        """Tells whether the vendor seems to be down; one that answers with rules and limits is not."""
        return self.meaning.outlook not in (Outlook.REJECTED, Outlook.CROWDED) and self.status not in _ALIVE

    def error(
        self, vendor: str, redact: Redactor, *, may_have_happened: bool, retry_after_s: float | None = None
    ) -> RejectedError | UnavailableError:
        """Returns the error to raise.

        Args:
            vendor: the vendor's name.
            redact: the client's.
            may_have_happened: a write that may have been done.
            retry_after_s: seconds to wait where the vendor names none.
        """
        code, message = redact(self.code), redact(self.words.message)
        request_id = redact(self.words.request_id) if self.words.request_id else None
        if self.meaning.outlook is Outlook.REJECTED:
            return RejectedError(vendor, code, message, self.status, request_id, self.meaning.fix)
        asked = self.words.retry_after_s
        return UnavailableError(
            vendor,
            code,
            message,
            self.status,
            request_id,
            self.meaning.fix,
            retry_after_s=retry_after_s if asked is None else asked,
            may_have_happened=may_have_happened,
            committed_resource_id=self.words.committed_resource_id,
            committed_child_ids=self.words.committed_child_ids,
        )


class FaultError(Exception):
    """Carries a fault from an attempt to the policy; never leaves the clients."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


_ALIVE = frozenset({409, 425, 429})

STATUSES: Mapping[int, tuple[str, Meaning]] = {
    400: ("bad_request", Meaning(Outlook.REJECTED)),
    401: ("unauthorized", Meaning(Outlook.REJECTED, "Check the API key.")),
    402: ("payment_required", Meaning(Outlook.REJECTED, "Check the account's plan and credit.")),
    403: ("forbidden", Meaning(Outlook.REJECTED, "Give the API key the rights for this.")),
    404: ("not_found", Meaning(Outlook.REJECTED, "Check the id and the base URL.")),
    407: ("proxy_authentication_required", Meaning(Outlook.REJECTED, "Check the proxy's user and password.")),
    408: ("request_timeout", Meaning(Outlook.UNSURE)),
    413: ("payload_too_large", Meaning(Outlook.REJECTED, "Send less in one request.")),
    425: ("too_early", Meaning(Outlook.NOT_DONE)),
    429: ("rate_limited", Meaning(Outlook.NOT_DONE, "Wait, or publish fewer lessons at once.")),
    500: ("internal_server_error", Meaning(Outlook.UNSURE)),
    502: ("bad_gateway", Meaning(Outlook.UNSURE)),
    503: ("service_unavailable", Meaning(Outlook.UNSURE)),
    504: ("gateway_timeout", Meaning(Outlook.UNSURE)),
    529: ("service_overload", Meaning(Outlook.NOT_DONE)),
}
"""Meaning of a status where the vendor gives no code that is known."""

_REDIRECT = Meaning(Outlook.REJECTED, "Check the base URL: the vendor answers at another address.")


def classify(status: int, words: VendorWords, codes: Mapping[str, Meaning]) -> Fault:
    """Returns the fault of an answer: by the vendor's code where it is in the table, else by its status."""
    known = next((code for code in words.codes if code in codes), None)
    if known is not None:
        return Fault(known.partition(":")[0], codes[known], words, status)
    name, meaning = STATUSES.get(status) or (f"http_{status}", _by_class(status))
    return Fault(next((code.partition(":")[0] for code in words.codes), name), meaning, words, status)


def _by_class(status: int) -> Meaning:
    if 300 <= status < 400:
        return _REDIRECT
    return Meaning(Outlook.UNSURE if status >= 500 else Outlook.REJECTED)
