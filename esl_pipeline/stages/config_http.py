"""Tenants' settings from an HTTP server; it is asked as the vendors are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import SecretStr

from esl_pipeline.clients.bodies import describe_page, garbled, json_of
from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.clients.faults import VendorWords
from esl_pipeline.clients.http import Credential, Dialect, HttpCaller
from esl_pipeline.clients.retry import RetryPolicy
from esl_pipeline.clients.surroundings import Surroundings
from esl_pipeline.clients.wire import NOT_MODIFIED, Answer, HttpRequest
from esl_pipeline.slugs import check_slug, is_slug
from esl_pipeline.stores.config import (
    MAX_BYTES,
    ConfigRefusedError,
    ConfigText,
    ConfigUnavailableError,
    document_of,
    refused,
)

T = TypeVar("T")

POLICY = RetryPolicy(
    attempts=3, deadline_s=20.0, connect_timeout_s=3.0, read_timeout_s=5.0, backoff_s=0.5, longest_wait_s=5.0
)
"""A run waits for its settings, and those of before are at hand, so nothing is waited for long."""

FORMS = "application/yaml, application/json;q=0.9, text/plain;q=0.5"


def _words(answer: Answer) -> VendorWords:
    return VendorWords(message=describe_page(answer))


SERVER = Dialect("settings", {}, _words)


class HttpConfig:
    """``GET <address>/<tenant>`` gives a document, or 404; ``GET <address>`` a JSON list of the tenants.

    Args:
        url: the address.
        token: sent as a bearer token.
        policy: limits of a call.
        surroundings: clock, chance and wire.
    """

    def __init__(
        self,
        url: str,
        token: SecretStr,
        *,
        policy: RetryPolicy = POLICY,
        surroundings: Surroundings | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        credential = Credential("Authorization", token.get_secret_value(), "Bearer")
        self._http = HttpCaller(SERVER, self._url, credential, policy, tenant="", surroundings=surroundings)

    def read(self, tenant: str, known: ConfigText | None = None) -> ConfigText | None:
        """Returns a tenant's document, None where it has none; an unchanged one is not sent again."""
        check_slug(tenant, "tenant")
        marked = known is not None and known.version.endswith('"')
        headers = {"Accept": FORMS} | ({"If-None-Match": known.version} if known and marked else {})
        request = HttpRequest("GET", f"/{tenant}", headers=headers, max_bytes=MAX_BYTES)

        try:
            answer = self._ask(request, lambda answer: answer)
        except RejectedError as error:
            if error.status == 404:
                return None
            if error.code == "too_large":
                fix = "Check that the server sends the right document."
                raise refused(f"{tenant}.yaml", f"The document has more than {MAX_BYTES:,} bytes.", fix) from error
            raise self._refused(error) from error
        if answer.status == NOT_MODIFIED:
            return known
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        file = f"{tenant}.{'json' if kind.endswith('json') else 'yaml'}"
        return document_of(answer.content, file, answer.headers.get("etag", ""))

    def tenants(self) -> Sequence[str]:
        """Returns the tenants that the server lists, sorted."""

        def names(answer: Answer) -> list[str]:
            listed = json_of(answer)
            if not isinstance(listed, list):
                raise garbled("the answer is no JSON list of tenants", answer)
            return sorted({name for name in listed if isinstance(name, str) and is_slug(name)})

        try:
            return self._ask(HttpRequest("GET", "", headers={"Accept": "application/json"}, max_bytes=MAX_BYTES), names)
        except RejectedError as error:
            raise self._refused(error) from error

    def _ask(self, request: HttpRequest, read: Callable[[Answer], T]) -> T:
        try:
            return self._http.call(request, read)
        except UnavailableError as error:
            raise ConfigUnavailableError(f"The settings at {self._url} are out of reach: {error}") from error

    def _refused(self, error: RejectedError) -> ConfigRefusedError:
        fix = "Check ESL_TENANTS_TOKEN." if error.status in (401, 403) else "Check ESL_TENANTS."
        seen = f"HTTP {error.status}: " if error.status else ""
        return ConfigRefusedError(f"The settings at {self._url} can't be read: {seen}{error.message}. {fix}")
