"""Why a vendor did not do what was asked.

VendorError
├── RejectedError     asking again can't help: bad credentials, quota, unknown voice, a request it refuses
└── UnavailableError  asking again may help: time-outs, rate limits, the vendor's own faults
"""

from __future__ import annotations

from dataclasses import dataclass

_REFUSED_KEYS = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken"})
"""S3 refuses keys with 403 or 400; the others with 401."""


@dataclass
class VendorError(Exception):
    """A request to a vendor failed after the client's own attempts.

    Attributes:
        vendor: ``notion``, ``elevenlabs``, ``openai`` or ``s3``.
        code: the vendor's own code, such as ``validation_error``;
            ``timeout`` or ``connection`` where there was no answer.
        message: the vendor's words, secrets removed.
        status: HTTP status, None where there was no answer.
        request_id: the vendor's id of the request, for its support; None where it gave none.
        fix: what the reader should do.
    """

    vendor: str
    code: str
    message: str
    status: int | None = None
    request_id: str | None = None
    fix: str = ""

    @property
    def seen(self) -> str:
        """What happened, without what to do."""
        seen = f" (HTTP {self.status})" if self.status else ""
        request = f" [request {self.request_id}]" if self.request_id else ""
        return f"{self.vendor}: {self.code}{seen}: {self.message}{request}"

    def __str__(self) -> str:
        return f"{self.seen} {self.fix}".rstrip()

    @property
    def refuses_credentials(self) -> bool:
        """Tells whether another credential might do."""
        return self.status == 401 or self.code in _REFUSED_KEYS


@dataclass
class RejectedError(VendorError):
    """Asking again can't help until somebody changes something."""

    __str__ = VendorError.__str__


@dataclass
class UnavailableError(VendorError):
    """Asking again may help.

    Attributes:
        retry_after_s: seconds that the vendor asks to wait, None where it does not say.
        may_have_happened: True where a write may have been done although no success was seen; settle it by reading.
        committed_resource_id: id of what a failed create made all the same, where the vendor says so.
        committed_child_ids: ids of the first-level blocks that a failed append made all the same.
    """

    retry_after_s: float | None = None
    may_have_happened: bool = False
    committed_resource_id: str | None = None
    committed_child_ids: tuple[str, ...] = ()

    __str__ = VendorError.__str__
