"""The one HTTP policy of all vendors: deadline, attempts, back-off, what may be repeated, circuit breaking."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock
from typing import TypeVar

from esl_pipeline.clients.breaker import CircuitBreaker
from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.clients.events import say
from esl_pipeline.clients.faults import Fault, FaultError, Meaning, Outlook, VendorWords, classify
from esl_pipeline.clients.in_flight import InFlight
from esl_pipeline.clients.pace.asking import Asker, NoTurnError, Paced, Turn, fingerprint
from esl_pipeline.clients.redaction import Redactor
from esl_pipeline.clients.retry import RetryPolicy, parse_retry_after
from esl_pipeline.clients.surroundings import Surroundings
from esl_pipeline.clients.wire import Answer, HttpRequest, Wire

T = TypeVar("T")

MOST_AT_ONCE = "maximum-concurrent-requests"
"""The header in which ElevenLabs says what the account's plan allows."""
TOO_MANY = 429
LONG_WAIT_S = 1.0
"""A wait for a turn that is worth a line in the log."""

REQUEST_IDS = ("x-notion-request-id", "request-id", "x-request-id")
"""Headers of answers that carry the vendor's id of the request."""


@dataclass(frozen=True)
class Dialect:
    """How a vendor says that something failed.

    Attributes:
        vendor: the vendor's name in errors.
        codes: the meaning of its codes.
        read_words: reads a failed answer, whatever its form.
        hides_paths: True where a path is itself a secret.
    """

    vendor: str
    codes: Mapping[str, Meaning]
    read_words: Callable[[Answer], VendorWords]
    hides_paths: bool = False


@dataclass(frozen=True)
class Credential:
    """A header that proves who asks."""

    header: str
    secret: str
    scheme: str = ""

    def __repr__(self) -> str:
        return f"Credential({self.header})"

    @property
    def headers(self) -> Mapping[str, str]:
        """The header as it is sent."""
        return {self.header: f"{self.scheme} {self.secret}".strip()}


class HttpCaller:
    """Calls one vendor for one tenant.

    Args:
        dialect: the vendor's.
        base_url: where the vendor is.
        credential: the tenant's.
        headers: what else every request carries.
        policy: its limits.
        tenant: names the tenant in logs.
        in_flight: bounds what is under way at the same time.
        paced: asked for each request, so that all who share the credential keep to the vendor's limits together.
        surroundings: clock, chance and wire.
    """

    def __init__(
        self,
        dialect: Dialect,
        base_url: str,
        credential: Credential,
        policy: RetryPolicy,
        *,
        tenant: str,
        headers: Mapping[str, str] | None = None,
        in_flight: InFlight | None = None,
        paced: Paced | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        around = surroundings or Surroundings()
        _check(dialect.vendor, credential)
        self._dialect, self._policy, self._around, self._tenant = dialect, policy, around, tenant
        self._redact = Redactor([credential.secret])
        self._wire = Wire(base_url, {**(headers or {}), **credential.headers}, policy, around)
        self._breaker = CircuitBreaker(around.clock.monotonic)
        self._in_flight, self._paced = in_flight or InFlight(), paced
        self._fingerprint = fingerprint(dialect.vendor, credential.secret)
        self._lock = Lock()
        self._requests_made = 0

    @property
    def requests_made(self) -> int:
        """Requests sent, repeated ones included."""
        with self._lock:
            return self._requests_made

    def call(self, request: HttpRequest, read: Callable[[Answer], T]) -> T:
        """Sends a request, again where that can help and can't harm.

        Args:
            request: what to send.
            read: takes a 2xx answer apart; raises FaultError, through ``garbled``, where it makes no sense.

        Raises:
            RejectedError: asking again can't help.
            UnavailableError: it may; a write with ``may_have_happened`` must be settled by reading first.
        """
        deadline = self._around.clock.monotonic() + self._policy.deadline_s
        closed_for_s = self._breaker.enter()
        if closed_for_s:
            raise self._circuit_open(closed_for_s)
        unsure, attempt, crowded = False, 0, 0
        while True:
            try:
                return self._attempt(request, read, deadline)
            except FaultError as failed:
                fault = failed.fault
            unsure = unsure or fault.meaning.outlook is Outlook.UNSURE
            if fault.meaning.outlook is Outlook.CROWDED:
                # Only a place in a queue was missing, which is no failed attempt; the deadline ends this too.
                crowded = min(crowded + 1, self._policy.attempts - 1)
            else:
                attempt += 1
            if not self._wait(request, fault, crowded or attempt, deadline):
                break
        # Raised outside of the handler, so that no exception with the request's headers hangs on to it.
        raise fault.error(
            self._dialect.vendor,
            self._redact,
            may_have_happened=unsure and request.writes,
            retry_after_s=self._breaker.remaining_s() or None,
        )

    def _attempt(self, request: HttpRequest, read: Callable[[Answer], T], deadline: float) -> T:
        try:
            answer = self._send(request, deadline)
            content = read(answer)
        except FaultError as failed:
            self._breaker.note(outage=failed.fault.is_outage)
            raise
        self._breaker.note(outage=False)
        if request.writes:
            self._say_written(request, answer)
        return content

    def _say_written(self, request: HttpRequest, answer: Answer) -> None:
        found = next((answer.headers[name] for name in REQUEST_IDS if name in answer.headers), "")
        path = "" if self._dialect.hides_paths else request.path
        seen = {"method": request.method, "path": path, "status": answer.status}
        event = f"{self._dialect.vendor} wrote"
        say(logging.DEBUG, event, tenant=self._tenant, **seen, request_id=self._redact(found))

    def _send(self, request: HttpRequest, deadline: float) -> Answer:
        """Sends a request when it is its turn, and passes on what the vendor says of its limits."""
        with self._in_flight.slot(), self._turn(deadline) as turn:
            with self._lock:
                self._requests_made += 1
            answer = self._wire.send(request, deadline)
            turn.most_at_once = _whole(answer.headers.get(MOST_AT_ONCE))
            try:
                return self._successful(answer)
            except FaultError as failed:
                if answer.status == TOO_MANY:
                    turn.hold_s = failed.fault.words.retry_after_s
                raise

    @contextmanager
    def _turn(self, deadline: float) -> Iterator[Turn]:
        """Waits until the vendor may be asked.

        Raises:
            FaultError: not before the deadline; nothing was sent.
        """
        if self._paced is None:
            yield Turn()
            return
        asker = Asker(self._dialect.vendor, self._fingerprint, self._tenant, self._paced.limits)
        latest = deadline - self._policy.connect_timeout_s - self._policy.read_timeout_s
        try:
            with self._paced.pace.turn(asker, latest - self._around.clock.monotonic()) as turn:
                self._say_waited(turn)
                yield turn
        except NoTurnError as none:
            raise FaultError(_no_turn(none)) from None

    def _say_waited(self, turn: Turn) -> None:
        if turn.waited_s >= LONG_WAIT_S:
            event = f"{self._dialect.vendor} was waited for"
            say(logging.INFO, event, tenant=self._tenant, waited_s=round(turn.waited_s, 1))

    def _successful(self, answer: Answer) -> Answer:
        if answer.succeeded:
            return answer
        words = self._dialect.read_words(answer)
        asked = parse_retry_after(answer.headers.get("retry-after"), self._around.clock.now())
        if asked is not None:
            words = replace(words, retry_after_s=asked)
        raise FaultError(classify(answer.status, words, self._dialect.codes))

    def _wait(self, request: HttpRequest, fault: Fault, attempt: int, deadline: float) -> bool:
        """Waits before the next attempt; False where there should be none."""
        outlook, policy, clock = fault.meaning.outlook, self._policy, self._around.clock
        if outlook is Outlook.REJECTED or attempt == policy.attempts:
            return False
        if outlook is Outlook.UNSURE and not request.may_happen_twice:
            return False
        if outlook is Outlook.CONTESTED and request.writes:
            return False
        wait_s = policy.wait_s(attempt, fault.words.retry_after_s, self._around.uniform)
        latest = deadline - policy.connect_timeout_s - policy.read_timeout_s
        if wait_s is None or self._breaker.remaining_s() or clock.monotonic() + wait_s > latest:
            return False
        say(
            logging.INFO,
            f"{self._dialect.vendor} asked again",
            tenant=self._tenant,
            method=request.method,
            code=self._redact(fault.code),
            status=fault.status,
            attempt=attempt,
            wait_s=round(wait_s, 1),
            request_id=self._redact(fault.words.request_id or ""),
        )
        if outlook is Outlook.CROWDED:
            self._in_flight.wait_for_departure(latest - clock.monotonic() - wait_s)
        clock.sleep(wait_s)
        return not self._breaker.enter()

    def _circuit_open(self, closed_for_s: float) -> UnavailableError:
        return UnavailableError(
            self._dialect.vendor,
            "circuit_open",
            "the vendor failed several times in a row, so nothing is sent to it for a while",
            fix=f"Try again in {closed_for_s:.0f} seconds.",
            retry_after_s=closed_for_s,
        )


def _check(vendor: str, credential: Credential) -> None:
    """Refuses a key that no header can carry; an exception of the HTTP library would show it."""
    secret = credential.secret
    if not (secret.isascii() and secret.isprintable() and " " not in secret):
        message = "the API key has characters that no key has"
        raise RejectedError(vendor, "unauthorized", message, fix="Copy the key again, without blanks and line ends.")


def _no_turn(none: NoTurnError) -> Fault:
    message = "so many requests wait for this credential that it was not this one's turn in time"
    meaning = Meaning(Outlook.CROWDED, "Wait, or publish fewer lessons at once.")
    return Fault("no_turn", meaning, VendorWords(message=message, retry_after_s=none.retry_after_s))


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
