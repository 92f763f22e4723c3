"""Speaks the study text, and buys each segment once.

Reads the account's voices and quota, the artifact store and the tenant's account book; writes one artifact per missing
segment as soon as it arrives, what it cost, the account book, and the publication's ``speech``. Costs the vendor's
price of the missing segments only, which is reserved in the tenant's budget before the first one is bought.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.speech.dialogue import mode_problem
from esl_pipeline.stages.outcome import StageOutcome
from esl_pipeline.stages.speech_book import SpeechBook
from esl_pipeline.stages.speech_budget import Estimate, check_quota
from esl_pipeline.stages.speech_cast import Cast
from esl_pipeline.stages.speech_plan import Plan, plan_speech, speech_input_sha256, stored_sounds
from esl_pipeline.stages.speech_purchase import Bought, buy
from esl_pipeline.stages.speech_record import (
    BILLED,
    ESTIMATED_CREDITS,
    QUOTA,
    RECOVERED,
    SEGMENTS_TO_BUY,
    TO_BUY,
    USD,
    cast_records,
    cast_table,
    named,
    odd_segments,
    speech_metrics,
    speech_publication,
)
from esl_pipeline.stages.speech_work import SpeechWork
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.publication import Publication, SpeechPublication

NOTHING_TO_SAY = "Nothing in the study text is spoken: it has only what is left out, such as stage directions and gaps."


def synthesize_missing_segments(work: SpeechWork, ledger: Ledger, *, force: bool = False) -> StageOutcome:
    """Casts the speakers and buys what is not stored yet, several at a time.

    Args:
        work: for whom, who speaks, and where it is kept.
        ledger: the assignment's publication.
        force: cast again although nothing changed; stored segments are used all the same.

    Raises:
        RejectedError: a voice is unknown, the quota or the budget is exhausted and the like; what is said to be
            refused before it was bought has cost nothing.
        UnavailableError: the vendor did not answer well; what arrived is stored, asking again buys the rest.
    """
    input_sha256 = speech_input_sha256(work)
    before = ledger.read().speech
    if not force and before and before.input_sha256 == input_sha256 and _all_stored(work, before):
        _keep(ledger, before)
        return StageOutcome("skipped", "the study text and its voices have not changed", speech_metrics(before))
    if problem := mode_problem(work.settings, work.model):
        raise RejectedError(work.engine.name, "unsupported_mode", problem)
    cast, plan = _cast_and_plan(work, before)
    book = SpeechBook(work)
    if work.context.dry_run:
        _forget_track(ledger)
        return _planned(work, cast, plan, book)
    book.settle(plan.stored, plan.requests)
    told, bought = _buy(work, plan, book)
    plan = replace(plan, stored=plan.stored | stored_sounds(work, plan.missing))
    made = speech_publication(work, plan, cast.casting, input_sha256, [*bought.now, *bought.recovered])
    _save(ledger, made)
    told |= {
        RECOVERED: len(bought.recovered) or None,
        "audio/odd_segments": "; ".join(odd_segments(plan)) or None,
        "audio/expiring_voices": " ".join(voice.message for voice in cast.expiring()) or None,
    }
    metrics = speech_metrics(made) | named(work.engine.name, told)
    return StageOutcome(reason=told["budget/warning"] or "", metrics=_without_blanks(metrics))


def _cast_and_plan(work: SpeechWork, before: SpeechPublication | None) -> tuple[Cast, Plan]:
    """Casts and plans; the account is asked about the voices only where something must be bought."""
    cast = Cast(work, before)
    plan = plan_speech(work, cast.casting)
    if not plan.main:
        raise RejectedError(work.engine.name, "nothing_to_say", NOTHING_TO_SAY, fix="Write what the speakers say.")
    if plan.missing and cast.check():
        plan = plan_speech(work, cast.casting)
    return cast, plan


def _buy(work: SpeechWork, plan: Plan, book: SpeechBook) -> tuple[dict[str, Any], Bought]:
    """Buys what is missing and writes the account book; returns what is to be told of the money."""
    missing, bought = plan.missing, Bought()
    needed = book.estimate(missing)
    quota = work.engine.quota() if missing else None
    check_quota(work.engine.name, quota, needed)
    warnings = book.reserve(missing) if missing else ()
    try:
        buy(work, book, missing, bought)
    finally:
        hashes = {*bought.now, *bought.recovered}
        billed = sum(work.cost(request) for request in missing if request.sha256 in hashes)
        work.context.spent.update(named(work.engine.name, {BILLED: billed}))
    book.reused([request for request in plan.requests if request.sha256 in plan.stored], plan.stored)
    told = _money(needed) | {QUOTA: quota.remaining - billed if quota else None}
    return told | {"budget/warning": " ".join(warnings) or None}, bought


def _money(needed: Estimate) -> dict[str, Any]:
    return {ESTIMATED_CREDITS: needed.credits, USD: round(needed.usd, 4)}


def _planned(work: SpeechWork, cast: Cast, plan: Plan, book: SpeechBook) -> StageOutcome:
    needed = book.estimate(plan.missing)
    metrics = _money(needed) | {
        "audio/segments": len(plan.main),
        TO_BUY: needed.characters,
        SEGMENTS_TO_BUY: needed.segments,
        "audio/cast": cast_table(cast_records(cast.casting)),
    }
    would = f"would buy {needed.segments} segments, {needed.characters} characters, about ${needed.usd:.2f}"
    try:
        warnings = book.warnings(plan.missing)
        check_quota(work.engine.name, work.engine.quota() if plan.missing else None, needed)
    except RejectedError as error:
        would, warnings = f"{would}; it would be refused:", (str(error),)
    return StageOutcome(reason=" ".join([would, *warnings]), metrics=named(work.engine.name, metrics))


def _without_blanks(metrics: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metrics.items() if value is not None}


def _all_stored(work: SpeechWork, speech: SpeechPublication) -> bool:
    hashes: Iterable[str] = {segment.sha256 for segment in (*speech.segments, *speech.slow_segments)}
    return all(work.is_stored(sha256) for sha256 in hashes)


def _save(ledger: Ledger, made: SpeechPublication) -> None:
    def change(publication: Publication) -> None:
        publication.speech = made

    ledger.update(change)


def _forget_track(ledger: Ledger) -> None:
    """Lets the later stages of a dry run, whose publication is its own, see that there would be another track."""

    def change(publication: Publication) -> None:
        publication.speech = publication.audio = publication.upload = None

    ledger.update(change)


def _keep(ledger: Ledger, before: SpeechPublication) -> None:
    """Marks all segments as already there, which the last run may have bought."""
    for segment in (*before.segments, *before.slow_segments):
        if not segment.cached:
            segment.cached = True
    _save(ledger, before)
