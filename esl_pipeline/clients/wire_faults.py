"""What the exceptions of requests and urllib3 mean."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import requests
from urllib3 import exceptions as urllib3

from esl_pipeline.clients.faults import Fault, Meaning, Outlook, VendorWords


def _without_answer(code: str, message: str, outlook: Outlook, fix: str = "") -> Fault:
    return Fault(code, Meaning(outlook, fix), VendorWords(message=message))


_NETWORK = "Check the network and the base URL."
TRUNCATED = _without_answer("truncated", "the answer broke off", Outlook.UNSURE)
TOO_SLOW = _without_answer("timeout", "the answer did not end in time", Outlook.UNSURE)
TOO_LARGE = _without_answer("too_large", "the answer is too large", Outlook.REJECTED)
_SILENCE = _without_answer("timeout", "no answer came in time", Outlook.UNSURE)
_NO_SCHEME = _without_answer(
    "invalid_url", "the base URL is none", Outlook.REJECTED, "Begin the base URL with https://."
)
_FAULTS: tuple[tuple[type[BaseException], Fault], ...] = (
    (
        ssl.SSLCertVerificationError,
        _without_answer(
            "certificate",
            "the vendor's certificate can't be trusted",
            Outlook.REJECTED,
            "Check the base URL; behind a proxy that opens TLS, name its certificate in REQUESTS_CA_BUNDLE.",
        ),
    ),
    (
        urllib3.NewConnectionError,
        _without_answer("connection", "no connection could be made", Outlook.NOT_DONE, _NETWORK),
    ),
    (
        urllib3.ConnectTimeoutError,
        _without_answer("timeout", "no connection could be made in time", Outlook.NOT_DONE, _NETWORK),
    ),
    (
        urllib3.ProxyError,
        _without_answer("connection", "the proxy can't be reached", Outlook.NOT_DONE, "Check HTTPS_PROXY."),
    ),
    (
        requests.exceptions.InvalidURL,
        _without_answer("invalid_url", "the base URL is none", Outlook.REJECTED, "Check the base URL."),
    ),
    (requests.exceptions.InvalidSchema, _NO_SCHEME),
    (requests.exceptions.MissingSchema, _NO_SCHEME),
    (urllib3.ReadTimeoutError, _SILENCE),
    (requests.exceptions.ReadTimeout, _SILENCE),
    (
        requests.RequestException,
        _without_answer("connection", "the connection broke before an answer came", Outlook.UNSURE),
    ),
)
"""By kind of exception, the first that fits; its own text is never used, for it may show an address with a password."""


_FAULTS_IN_BODY: tuple[tuple[type[BaseException], Fault], ...] = (
    (urllib3.TimeoutError, _SILENCE),
    (urllib3.DecodeError, _without_answer("garbled", "the answer can't be unpacked", Outlook.UNSURE)),
    (urllib3.HTTPError, TRUNCATED),
)


def fault_of_body(error: urllib3.HTTPError) -> Fault:
    """Returns the fault of an answer whose body could not be read to its end."""
    return next(fault for kind, fault in _FAULTS_IN_BODY if isinstance(error, kind))


def fault_of(error: requests.RequestException) -> Fault:
    """Returns the fault of a request that got no answer."""
    kinds = [type(found) for found in _inside(error)]
    return next(fault for kind, fault in _FAULTS if any(issubclass(found, kind) for found in kinds))


def _inside(error: BaseException | None) -> Iterator[BaseException]:
    """Yields an exception and those that it wraps, in requests' and urllib3's ways."""
    if error is None:
        return
    yield error
    yield from _inside(error.__cause__)
    for wrapped in (*error.args, getattr(error, "reason", None)):
        if isinstance(wrapped, BaseException):
            yield from _inside(wrapped)
