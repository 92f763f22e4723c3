"""Notion's rate limits: fixed windows per connection and per workspace, and the block of an integration."""

from __future__ import annotations

import math
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from threading import Lock
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field
from werkzeug.wrappers import Response

from esl_pipeline.sandbox.notion.app import error_body, json_response
from esl_pipeline.sandbox.notion.refusals import Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONNECTION, WORKSPACE = "public_api_request_rate_limit", "public_api_space_request_rate_limit"
BLOCKED = "public_api_request_blocked"
WINDOW_S = 60.0


class RateLimits(BaseModel):
    """How many requests are answered; without limits all are.

    **Source**: developers.notion.com/reference/request-limits (read 2026-11-23): 180 a minute for each connection of a
    Free or Plus workspace, 600 of a Business or Enterprise one, spent in a burst if need be. The workspace's own limit
    is not published.

    Attributes:
        connection: requests of one token in one window; any number where None.
        workspace: requests of all tokens in one window; any number where None.
        window_s: length of a window in seconds.
        blocked: True where Notion answers no request any more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    connection: int | None = Field(None, ge=1)
    workspace: int | None = Field(None, ge=1)
    window_s: float = Field(WINDOW_S, gt=0, le=3600)
    blocked: bool = False


class RateWindows:
    """Counts requests; safe to share between threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic, self._lock = monotonic, Lock()
        self.set(RateLimits())

    def set(self, limits: RateLimits) -> None:
        """Changes the limits; a new window begins."""
        with self._lock:
            self._limits, self._began = limits, self._monotonic()
            self._used: Counter[str] = Counter()

    def enter(self, connection: str) -> None:
        """Counts a request of a connection.

        Raises:
            Refusal: the window is full; a request that is refused does not count.
        """
        with self._lock:
            limits, now = self._limits, self._monotonic()
            if limits.blocked:
                raise _refusal(BLOCKED, None)
            if now >= self._began + limits.window_s:
                self._began += (now - self._began) // limits.window_s * limits.window_s
                self._used.clear()
            left_s = math.ceil(self._began + limits.window_s - now)
            if limits.connection is not None and self._used[connection] >= limits.connection:
                raise _refusal(CONNECTION, left_s)
            if limits.workspace is not None and self._used.total() >= limits.workspace:
                raise _refusal(WORKSPACE, left_s)
            self._used[connection] += 1


def _refusal(reason: str, retry_after_s: int | None) -> Refusal:
    waiting = {} if retry_after_s is None else {"retry_after": str(retry_after_s)}
    message = "You have been rate limited. Please try again in a few minutes."
    return Refusal(429, "rate_limited", message, {"rate_limit_reason": reason, **waiting})


class RateLimited:
    """A WSGI application in front of Notion's."""

    def __init__(self, app: WSGIApplication, windows: RateWindows) -> None:
        self._app, self._windows = app, windows

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request, unless the window is full."""
        try:
            self._windows.enter(environ.get("HTTP_AUTHORIZATION", ""))
        except Refusal as refusal:
            return _answer(refusal)(environ, start_response)
        return self._app(environ, start_response)


def _answer(refusal: Refusal) -> Response:
    request_id = str(uuid.uuid4())
    answer = json_response(error_body(refusal, request_id), refusal.status, request_id)
    if refusal.additional and "retry_after" in refusal.additional:
        answer.headers["Retry-After"] = refusal.additional["retry_after"]
    return answer
