"""Buys what is missing, several segments at a time; what was billed but never arrived is looked for first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, repeat
from threading import Event

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.speech import SegmentRequest, Spoken
from esl_pipeline.stages.context import JobCancelledError
from esl_pipeline.stages.speech_book import SpeechBook
from esl_pipeline.stages.speech_work import Sound, SpeechWork
from esl_pipeline.stages.tenants_gate import TenantSuspendedError

WAITS_S = (2.0, 3.0, 5.0)
"""Waits between the looks into the vendor's history, the last one again and again: a generation may be running."""

GENERATION_S, GENERATION_S_PER_CHARACTER = 10.0, 0.05
"""How long a generation may take, on a busy day; one that is looked for no longer would be paid for twice."""

TOGETHER = 40
"""Characters from which the pace of a text says something."""

PLAUSIBLE = (4.0, 40.0)
"""Characters a second: speech outside of it was cut off, repeated or is mostly silence."""


@dataclass(frozen=True)
class Bought:
    """What became of a purchase: the hashes of what was bought now, and of what came from the vendor's history."""

    now: list[str] = field(default_factory=list)
    recovered: list[str] = field(default_factory=list)


def buy(work: SpeechWork, book: SpeechBook, missing: Sequence[SegmentRequest], bought: Bought) -> None:
    """Buys segments in parallel; after a failure no new one is begun, and those under way are still stored.

    Args:
        work: whose speech it is.
        book: in which all of it is reserved.
        missing: each once.
        bought: is told of each segment as it is stored, also where a later one fails.

    Raises:
        RejectedError: the vendor refuses one.
        UnavailableError: the vendor did not answer well; what arrived is stored.
    """
    if not missing:
        return
    buyer = _Buyer(work, book, bought)
    try:
        with ThreadPoolExecutor(min(work.settings.max_concurrent_requests, len(missing))) as pool:
            futures = [pool.submit(copy_context().run, buyer.obtain, request) for request in missing]
            done, pending = wait(futures, return_when=FIRST_EXCEPTION)
            for future in pending:
                future.cancel()
        for future in done | {future for future in pending if not future.cancelled()}:
            future.result()
    finally:
        book.release(missing)


class _Buyer:
    def __init__(self, work: SpeechWork, book: SpeechBook, bought: Bought) -> None:
        self._work, self._book, self._bought = work, book, bought
        self._failed = Event()

    def obtain(self, request: SegmentRequest) -> None:
        """Gets one segment: another run's, the history's, or a new one; none after another one failed."""
        if self._failed.is_set():
            return
        try:
            self._obtain(request)
        except BaseException:
            self._failed.set()
            raise

    def _obtain(self, request: SegmentRequest) -> None:
        self._work.context.stop_if_cancelled()
        if self._work.is_stored(request.sha256):
            return
        asked_at = self._book.claim(request)
        if asked_at:
            age_s = (self._work.context.clock.now() - asked_at).total_seconds()
            found = self._look(request, asked_at, age_s)
            if found or self._work.is_stored(request.sha256):
                self._keep(request, found)
                return
            self._book.ask_again(request)
        self._ask(request)

    def _ask(self, request: SegmentRequest, *, again: bool = False) -> None:
        asked_at = self._work.context.clock.now()
        try:
            spoken = self._work.engine.synthesize(request)
        except (RejectedError, JobCancelledError, TenantSuspendedError):
            self._book.release([request], asked=True)
            raise
        except UnavailableError as error:
            if not error.may_have_happened:
                self._book.release([request], asked=True)
                raise
            found = self._look(request, asked_at)
            if found:
                self._keep(request, found)
                return
            if again:
                raise
        else:
            self._keep(request, spoken, recovered=False)
            return
        self._book.ask_again(request)
        self._ask(request, again=True)

    def _look(self, request: SegmentRequest, asked_at: datetime, age_s: float = 0.0) -> Spoken | None:
        """Looks for speech that was billed but never arrived; None where it is not there, or came to us otherwise.

        Args:
            request: that was sent.
            asked_at: when.
            age_s: how long the generation has been under way already.
        """
        clock, model = self._work.context.clock, self._work.model
        if not model.credits_per_character and not model.usd_per_1000_characters:
            return None
        for wait_s in _looks_s(request, age_s):
            self._work.context.logger.info("speech looked for", vendor=self._work.engine.name, wait_s=wait_s)
            clock.sleep(wait_s)
            self._work.context.stop_if_cancelled()
            if self._work.is_stored(request.sha256):
                return None
            if found := self._work.engine.recover(request, asked_at):
                return found
        return None

    def _keep(self, request: SegmentRequest, spoken: Spoken | None, *, recovered: bool = True) -> None:
        if spoken is None:
            return
        cost = self._work.store(request, spoken)
        self._work.context.logger.info(
            "speech recovered" if recovered else "speech bought",
            vendor=self._work.engine.name,
            characters=request.characters,
            billed=cost,
            sha256=request.sha256[:16],
            request_id=spoken.request_id,
        )
        seconds = len(spoken.pcm) / 2 / spoken.sample_rate_hz
        self._book.bought(request, cost, seconds, recovered=recovered)
        (self._bought.recovered if recovered else self._bought.now).append(request.sha256)
        self._work.context.metrics.count("speech_characters", cost, tenant=self._work.context.tenant)


def _looks_s(request: SegmentRequest, age_s: float) -> Iterator[float]:
    """Yields the waits before each look, until a generation of that age must have come to its end."""
    left = GENERATION_S + GENERATION_S_PER_CHARACTER * request.characters - age_s
    yield 0.0
    for wait_s in chain(WAITS_S, repeat(WAITS_S[-1])):
        if left <= 0:
            return
        left -= wait_s
        yield wait_s


def odd_sound(request: SegmentRequest, sound: Sound) -> str | None:
    """Says that a sound is silent, or much too short or too long for its text; None where it is not."""
    if sound.silent:
        return f"silence for {request.inputs[0].text[:40]!r}: listen to it"
    if request.characters <= TOGETHER or PLAUSIBLE[0] <= request.characters / sound.seconds <= PLAUSIBLE[1]:
        return None
    return told_pace(request, sound)


def told_pace(request: SegmentRequest, sound: Sound) -> str:
    """Says how long a sound is for its text."""
    return f"{sound.seconds:.1f} s for {request.characters} characters of {request.inputs[0].text[:40]!r}: listen to it"
