"""The tenant's account book, as one run of the speech stage writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from esl_pipeline.speech import SegmentRequest
from esl_pipeline.stages.speech_budget import Estimate, Rates, check_budget, estimate, rates_of
from esl_pipeline.stages.speech_work import Sound, SpeechWork
from esl_pipeline.stores.usage import Decide, Kind, UsageEntry, fold, month_before, month_of, spending

Lines = Sequence[UsageEntry]


class SpeechBook:
    """Reserves, asks, buys and settles; all lines of a run go to the month in which it began."""

    def __init__(self, work: SpeechWork) -> None:
        self._work = work
        self.month = month_of(work.context.clock.now())
        self._before = month_before(self.month)
        lines = [*self._lines(self._before), *self._lines(self.month)]
        self.rates: Rates = rates_of(work.model, work.context.settings.budget, lines, work.engine.name)

    def estimate(self, requests: Sequence[SegmentRequest]) -> Estimate:
        """Returns what requests will cost."""
        return estimate(requests, self.rates)

    def warnings(self, requests: Sequence[SegmentRequest]) -> tuple[str, ...]:
        """Says what budget the requests would pass, without reserving anything.

        Raises:
            RejectedError: it is a hard limit.
        """
        return self._check(self._lines(self.month), self._to_reserve(self._lines(self.month), requests))

    def reserve(self, requests: Sequence[SegmentRequest]) -> tuple[str, ...]:
        """Takes the cost of all requests from the budget, or of none; returns warnings.

        Raises:
            RejectedError: a hard limit would be passed.
        """
        warnings: list[str] = []

        def decide(lines: Lines) -> Lines:
            new = self._to_reserve(lines, requests)
            warnings[:] = self._check(lines, new)
            return new

        self._add(self.month, decide)
        return tuple(warnings)

    def claim(self, request: SegmentRequest) -> datetime | None:
        """Writes that a request goes out now, unless one is out whose answer nobody knows: returns when that was."""
        earlier: list[datetime] = []

        def decide(lines: Lines) -> Lines:
            asked = [line for line in (fold(lines).get(request.sha256), self._asked_before(request)) if line]
            earlier[:] = [line.at for line in asked if line.kind == "asked"]
            return [] if earlier else [self._line("asked", request)]

        self._add(self.month, decide)
        return max(earlier, default=None)

    def ask_again(self, request: SegmentRequest) -> None:
        """Writes that a request goes out once more, since the vendor does not have what the one before it made."""
        self._add(self.month, lambda _: [self._line("asked", request)])

    def bought(self, request: SegmentRequest, credits_billed: int, seconds: float, *, recovered: bool) -> None:
        """Closes a request whose audio is stored, unless another run did that in the meantime."""
        fields = {"credits": credits_billed, "seconds": round(seconds, 3), "recovered": recovered}
        earlier = recovered and self._asked_before(request) is not None

        def decide(lines: Lines) -> Lines:
            if _was_bought([line for line in lines if line.sha256 == request.sha256]):
                return []
            return [self._line("released" if earlier else "bought", request, **({} if earlier else fields))]

        self._add(self.month, decide)
        self._close(self._before, [request.sha256], "bought" if earlier else "released", fields if earlier else {})

    def release(self, requests: Iterable[SegmentRequest], *, asked: bool = False) -> None:
        """Gives back what was reserved and never asked for; with ``asked`` also what the vendor surely did not do."""
        hashes = [request.sha256 for request in requests]
        kinds: tuple[Kind, ...] = ("reserved", "asked") if asked else ("reserved",)
        self._close(self.month, hashes, "released", {"credits": 0, "usd": 0.0}, kinds)

    def settle(self, stored: Mapping[str, Sound], requests: Iterable[SegmentRequest]) -> None:
        """Closes what earlier runs left open, before this one reserves anything: they died, or nobody told them.

        What they asked for stays open unless it is stored, because it may have been billed.
        """
        hashes = {request.sha256: request for request in requests if request.sha256 in stored}
        for month in (self._before, self.month):
            standing = fold(self._lines(month))
            for sha256 in hashes:
                if sha256 in standing and standing[sha256].kind == "asked":
                    cost = self._work.cost(hashes[sha256])
                    fields = {"credits": cost, "seconds": round(stored[sha256].seconds, 3)}
                    self._close(month, [sha256], "bought", fields, ("asked",))
            given_up = [
                sha256
                for sha256, line in standing.items()
                if line.kind == "reserved" and (sha256 in hashes or line.assignment == self._work.context.assignment)
            ]
            self._close(month, given_up, "released", {"credits": 0, "usd": 0.0}, ("reserved",))

    def reused(self, requests: Sequence[SegmentRequest], stored: Mapping[str, Sound]) -> None:
        """Writes what did not have to be bought, a line per voice."""
        by_voice: dict[str, list[SegmentRequest]] = {}
        for request in requests:
            by_voice.setdefault(_voice_id(request), []).append(request)
        lines = [self._reused(same, stored) for same in by_voice.values()]
        if lines:
            self._add(self.month, lambda _: lines)

    def _reused(self, same: Sequence[SegmentRequest], stored: Mapping[str, Sound]) -> UsageEntry:
        needed = self.estimate(same)
        return self._line(
            "reused",
            same[0],
            characters=needed.characters,
            credits=sum(self._work.cost(request) for request in same),
            estimated_credits=needed.credits,
            usd=needed.usd,
            seconds=round(sum(stored[request.sha256].seconds for request in same), 3),
            segments=len(same),
        )

    def _to_reserve(self, lines: Lines, requests: Sequence[SegmentRequest]) -> Lines:
        standing = fold(lines)
        taken = {sha256 for sha256, line in standing.items() if line.open}
        return [self._line("reserved", request) for request in requests if request.sha256 not in taken]

    def _check(self, lines: Lines, new: Lines) -> tuple[str, ...]:
        return check_budget(
            self._work.context.settings.budget, self._work.context.tenant, self.month, spending(lines), new
        )

    def _asked_before(self, request: SegmentRequest) -> UsageEntry | None:
        """Returns the request of the month before that is still out, None where there is none."""
        line = fold(self._lines(self._before)).get(request.sha256)
        return line if line and line.kind == "asked" else None

    def _close(
        self,
        month: str,
        hashes: Sequence[str],
        kind: Kind,
        fields: Mapping[str, object],
        kinds: tuple[Kind, ...] = ("reserved", "asked"),
    ) -> None:
        """Closes lines that are open; the run that opened them stays named in them."""
        at = self._work.context.clock.now()

        def decide(lines: Lines) -> Lines:
            standing = fold(lines)
            still = (standing[sha256] for sha256 in hashes if sha256 in standing and standing[sha256].kind in kinds)
            return [line.model_copy(update={"kind": kind, "at": at, **fields}) for line in still]

        if decide(self._lines(month)):
            self._add(month, decide)

    def _line(self, kind: Kind, request: SegmentRequest, **fields: object) -> UsageEntry:
        characters, needed = request.characters, self.rates.credits(request.characters)
        known: dict[str, object] = {
            "kind": kind,
            "at": self._work.context.clock.now(),
            "run_id": self._run_id,
            "assignment": self._work.context.assignment,
            "sha256": request.sha256,
            "engine": request.engine,
            "model": request.model,
            "voice_id": _voice_id(request),
            "voice_name": " + ".join(dict.fromkeys(one.voice.name for one in request.inputs)),
            "characters": characters,
            "credits": needed,
            "estimated_credits": needed,
            "usd": self.rates.usd(request.priced_characters),
        }
        return UsageEntry.model_validate(known | fields)

    @property
    def _run_id(self) -> str:
        return self._work.context.run_id

    def _lines(self, month: str) -> Lines:
        return self._work.usage.lines(self._work.context.tenant, month)

    def _add(self, month: str, decide: Decide) -> None:
        self._work.usage.add(self._work.context.tenant, month, decide)


def _voice_id(request: SegmentRequest) -> str:
    return "+".join(dict.fromkeys(one.voice.id for one in request.inputs))


def _was_bought(lines: Lines) -> bool:
    """Tells whether what a segment was last asked for is booked: by its buyer, or by who found it in the history."""
    last = max((number for number, line in enumerate(lines) if line.kind == "asked"), default=-1)
    return any(line.kind == "bought" for line in lines[last + 1 :])
