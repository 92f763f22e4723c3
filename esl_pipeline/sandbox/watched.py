"""Stands in front of a vendor's stand-in: logs its requests, slows them down and makes them fail."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from esl_pipeline.sandbox.delays import SPEAKERS, SPEECH_DELAY, Delays, body_of
from esl_pipeline.sandbox.fault_answers import fault_answer
from esl_pipeline.sandbox.fault_rules import COMMITTED, KILL, LATE, RESETS, SILENCES, SLOW, SPOILT, FaultRule, Faults
from esl_pipeline.sandbox.fault_times import with_nonsense_times
from esl_pipeline.sandbox.notion.rate_windows import RateWindows
from esl_pipeline.sandbox.request_log import LoggedRequest, RequestLog
from esl_pipeline.sandbox.traffic import Traffic

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FIRST_ERROR = 400
LONGEST_SILENCE_S = 600.0
"""How long a client that has no time limit of its own is kept waiting."""


class NoAnswerError(ConnectionError):
    """The connection was broken on purpose; the server takes it for a client that went away."""


@dataclass
class Controls:
    """What the control API turns; shared by all vendors."""

    log: RequestLog = field(default_factory=RequestLog)
    faults: Faults = field(default_factory=Faults)
    delays: Delays = field(default_factory=Delays)
    windows: RateWindows = field(default_factory=RateWindows)
    traffic: Traffic = field(default_factory=Traffic)
    closing: Event = field(default_factory=Event)


class Watched:
    """A WSGI application around a vendor's."""

    def __init__(self, app: WSGIApplication, vendor: str, controls: Controls) -> None:
        self._app, self._vendor, self._controls = app, vendor, controls

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request, or does not."""
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        entry = self._controls.log.begin(self._vendor, method, path, environ.get("QUERY_STRING", ""))
        end = self._controls.traffic.begin(self._vendor, environ)
        rule = self._controls.faults.take(self._vendor, method, path)
        started = time.perf_counter()

        def ended() -> None:
            entry.seconds = time.perf_counter() - started
            end(entry.status)

        try:
            self._delay(environ)
            answer = self._with_fault(rule, entry, environ) if rule else None
            app = self._app if answer is None else answer
            return _until_sent(app(environ, _noting(start_response, entry, started)), ended)
        except BaseException:
            ended()
            raise

    def _delay(self, environ: WSGIEnvironment) -> None:
        """Waits; speech is slow only once it is billed, which its application knows."""
        seconds = self._controls.delays.of(self._vendor, environ)
        if self._vendor in SPEAKERS:
            environ[SPEECH_DELAY] = lambda: self._wait(seconds)
        else:
            self._wait(seconds)

    def _wait(self, seconds: float) -> None:
        if seconds:
            self._controls.closing.wait(seconds)

    def _with_fault(self, rule: FaultRule, entry: LoggedRequest, environ: WSGIEnvironment) -> Response | None:
        entry.fault = rule.kind
        if rule.kind not in SILENCES and rule.kind != LATE:
            self._wait(rule.slow_s or 0.0)
        if rule.kind == SLOW:
            return None
        sent = body_of(environ)
        if rule.kind == LATE:
            return self._work_late(rule, environ)
        if not rule.works_first:
            return self._fail(rule, environ, {})
        done = Response.from_app(self._app, environ, buffered=True)
        if rule.kind in SPOILT:
            return _SPOILT[rule.kind](done)
        if done.status_code >= FIRST_ERROR and rule.kind != KILL:
            return done
        if rule.kind == COMMITTED and not _is_write(environ):
            return self._fail(rule.model_copy(update={"kind": "503"}), environ, {})
        return self._fail(rule, environ, _committed(environ, sent, done) if rule.kind == COMMITTED else {})

    def _work_late(self, rule: FaultRule, environ: WSGIEnvironment) -> Response:
        """Lets the client go without an answer, and does the work all the same."""
        self._keep_silent(environ, LONGEST_SILENCE_S)
        self._wait(rule.slow_s or 0.0)
        Response.from_app(self._app, environ, buffered=True)
        raise NoAnswerError

    def _fail(self, rule: FaultRule, environ: WSGIEnvironment, committed: dict[str, Any]) -> Response:
        if rule.kind == KILL:
            os.kill(rule.pid or 0, signal.SIGKILL)
            raise NoAnswerError
        if rule.kind in SILENCES:
            self._keep_silent(environ, rule.slow_s or LONGEST_SILENCE_S)
            raise NoAnswerError
        if rule.kind in RESETS:
            _break_on_close(environ)
            raise NoAnswerError
        return fault_answer(rule, committed)

    def _keep_silent(self, environ: WSGIEnvironment, seconds: float) -> None:
        """Waits until the client has gone, the sandbox ends or the time is over."""
        connection: socket.socket = environ["werkzeug.socket"]
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._controls.closing.is_set():
            if select.select([connection], [], [], 0.05)[0] and not _peek(connection):
                return


def _peek(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return b""


def _break_on_close(environ: WSGIEnvironment) -> None:
    """Makes the end of the connection a reset, where the system can."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _half(done: Response) -> Response:
    """Promises the whole, sends half of it and hangs up."""
    content = done.get_data()
    cut = Response(content[: len(content) // 2], done.status_code, list(done.headers))
    cut.headers["Content-Length"] = str(len(content))
    return cut


def _half_in_chunks(done: Response) -> Response:
    """Hangs up in the middle of an answer that does not say how long it is."""

    def chunks() -> Iterator[bytes]:
        content = done.get_data()
        yield content[: len(content) // 2]
        raise NoAnswerError

    cut = Response(chunks(), done.status_code, list(done.headers))
    del cut.headers["Content-Length"]
    return cut


def _ended_early(done: Response) -> Response:
    """Says that half is all."""
    content = done.get_data()
    half = content[: len(content) // 4 * 2]
    cut = Response(half, done.status_code, list(done.headers))
    cut.headers["Content-Length"] = str(len(half))
    return cut


_SPOILT: Mapping[str, Callable[[Response], Response]] = {
    "truncated": _half,
    "truncated_chunk": _half_in_chunks,
    "ended_early": _ended_early,
    "nonsense_times": with_nonsense_times,
}


def _is_write(environ: WSGIEnvironment) -> bool:
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    return method != "GET" and not path.endswith(("/query", "/search"))


def _committed(environ: WSGIEnvironment, sent: bytes, done: Response) -> dict[str, Any]:
    """Returns the ids that Notion tells of a write that was saved although its answer was an error."""
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].split("/")
    if method == "PATCH" and path[-1] == "children":
        new = json.loads(done.get_data())["results"][: len(json.loads(sent)["children"])]
        return {"committed_resource_id": path[-2], "committed_child_ids": [block["id"] for block in new]}
    if method == "POST" and path[-1] in ("pages", "databases", "data_sources"):
        return {"committed_resource_id": json.loads(done.get_data())["id"]}
    return {}


def _noting(start_response: StartResponse, entry: LoggedRequest, started: float) -> StartResponse:
    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:
        entry.status, entry.seconds = int(status.split()[0]), time.perf_counter() - started
        return start_response(status, headers, exc_info)

    return start


def _until_sent(content: Iterable[bytes], ended: Callable[[], None]) -> Iterator[bytes]:
    try:
        yield from content
    finally:
        ended()
        close = getattr(content, "close", None)
        if close:
            close()
