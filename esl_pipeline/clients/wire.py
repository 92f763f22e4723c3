"""Sends one HTTP request, once, and reads the whole answer."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from esl_pipeline.clients.faults import FaultError
from esl_pipeline.clients.retry import RetryPolicy
from esl_pipeline.clients.surroundings import Surroundings
from esl_pipeline.clients.wire_faults import TOO_LARGE, TOO_SLOW, TRUNCATED, fault_of, fault_of_body

CHUNK_BYTES = 65536
CONNECTIONS = 16
NOT_MODIFIED = 304


@dataclass(frozen=True)
class HttpRequest:
    """A request to a vendor.

    Attributes:
        path: from the root of the base URL, quoted.
        query: a parameter with several values is sent several times.
        body: sent as JSON; none where None.
        content: sent as it is, in place of ``body``; its type is among the headers.
        reads: True for a POST that changes nothing, such as a query.
        headers: besides the client's own, which win.
        max_bytes: of the answer's body, unpacked; a longer one is refused. No limit where None.
        harmless: True for a write that may be carried out twice, since what it makes ends by itself.
    """

    method: str
    path: str
    query: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    reads: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int | None = None
    content: bytes | None = field(default=None, repr=False)
    harmless: bool = False

    @property
    def writes(self) -> bool:
        """Tells whether it changes something at the vendor."""
        return not (self.reads or self.method in ("GET", "HEAD"))

    @property
    def may_happen_twice(self) -> bool:
        """Tells whether it does no harm to send it again although it may have been carried out."""
        return not self.writes or self.harmless or self.method == "DELETE"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read to its end; header names in any case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def succeeded(self) -> bool:
        """Tells whether the status is 2xx, or says that nothing changed since the version that was named."""
        return 200 <= self.status < 300 or self.status == NOT_MODIFIED


class _Headers(requests.auth.AuthBase):
    """Adds the client's own headers last, so that neither a .netrc file nor the session can replace them."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = dict(headers)

    def __repr__(self) -> str:
        return f"_Headers({', '.join(self._headers)})"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request


class Wire:
    """Connections to one base URL, shared by threads; follows no redirect and keeps no cookie.

    Args:
        base_url: where the vendor is; a trailing slash makes no difference.
        headers: sent with every request, credentials among them.
        policy: its time-outs hold for each request.
        surroundings: clock and adapter.
    """

    def __init__(
        self, base_url: str, headers: Mapping[str, str], policy: RetryPolicy, surroundings: Surroundings
    ) -> None:
        self._base_url, self._policy, self._clock = base_url.rstrip("/"), policy, surroundings.clock
        self._auth = _Headers(headers)
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.trust_env = not is_loopback(base_url)
        adapter = surroundings.adapter or HTTPAdapter(pool_maxsize=CONNECTIONS)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter)

    def send(self, request: HttpRequest, deadline: float) -> Answer:
        """Sends a request once.

        Args:
            request: what to send.
            deadline: the clock's time after which an answer that still trickles in is given up.

        Raises:
            FaultError: there was no answer, or a 2xx answer broke off.
        """
        try:
            response = self._session.request(
                request.method,
                self._base_url + request.path,
                params=request.query,
                data=request.content if request.body is None else to_json(request.body),
                headers={**request.headers, **({} if request.body is None else {"Content-Type": "application/json"})},
                auth=self._auth,
                timeout=(self._policy.connect_timeout_s, self._policy.read_timeout_s),
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            raise FaultError(fault_of(error)) from None
        with response:
            return self._read(response, deadline, request.max_bytes)

    def _read(self, response: requests.Response, deadline: float, max_bytes: int | None) -> Answer:
        headers = CaseInsensitiveDict(response.headers)
        content = bytearray()
        # A failure's words need not be whole; the library itself reads those of a redirect, and a 304 has none.
        must_be_whole = 200 <= response.status_code < 300
        try:
            # Unlike iter_content, this returns what has arrived, so that the deadline holds for what trickles in.
            while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
                content += chunk
                self._check_time(deadline)
                _check_size(content, max_bytes)
            _check_length(headers, content)
        except HTTPError as error:
            if must_be_whole:
                raise FaultError(fault_of_body(error)) from None
        except FaultError:
            if must_be_whole:
                raise
        return Answer(response.status_code, headers, bytes(content))

    def _check_time(self, deadline: float) -> None:
        if self._clock.monotonic() > deadline:
            raise FaultError(TOO_SLOW)


def to_json(body: Mapping[str, Any]) -> bytes:
    """Returns a body as it is sent: the shortest JSON, since vendors limit its bytes."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def is_loopback(url: str) -> bool:
    """Tells whether an address is on this machine, where no proxy leads."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_size(content: bytearray, max_bytes: int | None) -> None:
    if max_bytes is not None and len(content) > max_bytes:
        raise FaultError(TOO_LARGE)


def _check_length(headers: Mapping[str, str], content: bytearray) -> None:
    announced = headers.get("content-length", "")
    if announced.isdecimal() and not headers.get("content-encoding") and int(announced) != len(content):
        raise FaultError(TRUNCATED)
