"""Posts to addresses that somebody else chose: signed webhooks, and the incoming webhooks of Slack."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from esl_pipeline.clients.bodies import describe_page
from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.faults import VendorWords
from esl_pipeline.clients.guarded_adapter import GuardedAdapter, MayConnect
from esl_pipeline.clients.http import Credential, Dialect, HttpCaller
from esl_pipeline.clients.retry import RetryPolicy
from esl_pipeline.clients.surroundings import Surroundings
from esl_pipeline.clients.wire import Answer, HttpRequest, to_json

POLICY = RetryPolicy(
    attempts=2, deadline_s=10.0, connect_timeout_s=3.0, read_timeout_s=5.0, backoff_s=0.5, longest_wait_s=1.0
)
"""Others wait for their messages meanwhile; what does not arrive is sent again later anyway."""
WHO_ASKS = Credential("User-Agent", "esl-pipeline")
PREFIX = "whsec_"
SHORTEST_KEY = 24
"""Bytes. **Source**: the specification of Standard Webhooks 1.0.0, "Signature scheme", read 2026-11-25."""
MAX_ANSWER_BYTES = 65536

_CODE = re.compile(r"[a-z]+(_[a-z]+)+")


def _words(answer: Answer) -> VendorWords:
    said = describe_page(answer)
    return VendorWords(codes=(said,) if _CODE.fullmatch(said) else (), message=said)


class Post:
    """Posts JSON to one address, which is a secret: it stands in no log and no error.

    Args:
        vendor: ``webhook`` or ``slack``, for errors.
        url: the whole address.
        key: that posts are signed with, as Standard Webhooks has it; they are not signed where None.
        may_connect: looks at the address that is connected to.
        surroundings: clock and chance.
    """

    def __init__(
        self,
        vendor: str,
        url: str,
        *,
        may_connect: MayConnect,
        key: str | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        around = replace(surroundings or Surroundings(), adapter=GuardedAdapter(may_connect))
        parts = urlsplit(url)
        self._path = url.partition(parts.netloc)[2] or "/"
        self._key = None if key is None else _key(vendor, key)
        self._clock = around.clock
        self._http = HttpCaller(
            Dialect(vendor, {}, _words, hides_paths=True),
            f"{parts.scheme}://{parts.netloc}",
            WHO_ASKS,
            POLICY,
            tenant="",
            surroundings=around,
        )

    def send(self, message_id: str, body: Mapping[str, Any]) -> None:
        """Posts a body; the receiver may see one message twice, with one id.

        Raises:
            RejectedError: the receiver refuses, or answers at another address.
            UnavailableError: sending again may help.
        """
        content = to_json(body)
        headers = {"Content-Type": "application/json"}
        if self._key is not None:
            headers |= signature(self._key, message_id, int(self._clock.now().timestamp()), content)
        request = HttpRequest(
            "POST", self._path, content=content, headers=headers, harmless=True, max_bytes=MAX_ANSWER_BYTES
        )
        self._http.call(request, lambda _: None)


def signature(key: bytes, message_id: str, at: int, content: bytes) -> dict[str, str]:
    """Returns the headers by which a receiver knows who posts, and that it is not an old post.

    **Source**: the specification of Standard Webhooks 1.0.0, read 2026-11-25: the HMAC-SHA256 of id, seconds since 1970
    and body, with full stops between.
    """
    signed = hmac.new(key, f"{message_id}.{at}.".encode() + content, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode('ascii')}",
    }


def _key(vendor: str, text: str) -> bytes:
    """Returns the key of a secret such as ``whsec_MfKQ…``; a message about a wrong one does not show it."""
    key: bytes | None = None
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = None
    if key is None or len(key) < SHORTEST_KEY:
        raise RejectedError(
            vendor,
            "signing_key",
            f"the key for signatures is not base64 of at least {SHORTEST_KEY} bytes",
            fix=f"Make one: echo {PREFIX}$(openssl rand -base64 32)",
        ) from None
    return key
