"""Speaks each turn of the study text once.

Reads the account's voices and the artifact store; writes one artifact per missing segment as soon as it arrives, and
the publication's ``speech``. Costs the vendor's price of the missing segments only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Any

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.lessons import Lesson
from esl_pipeline.speech import SegmentRequest, SpeechEngine, cast, plan_segments, voices_from_catalogue
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.outcome import StageOutcome
from esl_pipeline.stages.segment_file import WAV, from_wav, to_wav
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.protocols import ArtifactStore
from esl_pipeline.stores.publication import Publication, SegmentPublication, SpeechPublication

COST = ".json"
"""Suffix of what a segment cost; it may be missing where a run died right after storing the speech."""


def speech_input_sha256(lesson: Lesson, context: JobContext, engine: SpeechEngine) -> str:
    """Returns the hash of all that decides what is spoken and by whom, the vendor's catalogue apart."""
    asked = {
        "turns": [(turn.speaker, turn.paragraphs) for turn in lesson.turns],
        "profiles": [repr(profile) for profile in lesson.front_matter.speaker_profiles],
        "speech": context.settings.speech.model_dump(mode="json", exclude={"max_concurrent_requests"}),
        "level": lesson.front_matter.level,
        "engine": [engine.name, engine.endpoint],
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def synthesize_missing_segments(
    context: JobContext,
    ledger: Ledger,
    artifacts: ArtifactStore,
    speech: SpeechEngine,
    lesson: Lesson,
    *,
    force: bool = False,
) -> StageOutcome:
    """Casts the speakers and buys what is not stored yet, several at a time.

    Args:
        context: the job's.
        ledger: the assignment's publication.
        artifacts: where segments are kept.
        speech: the tenant's speech vendor.
        lesson: a valid lesson.
        force: cast again although nothing changed; stored segments are used all the same.

    Raises:
        RejectedError: a voice is unknown, the quota is exhausted and the like.
        UnavailableError: the vendor did not answer well; what arrived is stored, asking again buys the rest.
    """
    input_sha256 = speech_input_sha256(lesson, context, speech)
    before = ledger.read().speech
    if not force and before and before.input_sha256 == input_sha256 and _all_stored(context, artifacts, before):
        _keep(ledger, before)
        return _outcome(before, status="skipped", reason="the study text and its voices have not changed")
    requests = _requests(context, speech, lesson)
    missing = _missing(context, artifacts, requests)
    if context.dry_run:
        _forget_track(ledger)
        return _planned(requests, missing)
    try:
        _buy(context, artifacts, speech, missing)
    finally:
        bought_now = [request for request in missing if artifacts.has(context.tenant, request.sha256, WAV)]
        context.spent["elevenlabs/characters_billed"] = sum(_cost(context, artifacts, r) for r in bought_now)
    bought = {request.sha256 for request in missing}
    segments = [_segment(context, artifacts, request, request.sha256 not in bought) for request in requests]
    made = SpeechPublication(input_sha256=input_sha256, segments=segments)
    _save(ledger, made)
    return _outcome(made)


def _requests(context: JobContext, speech: SpeechEngine, lesson: Lesson) -> tuple[SegmentRequest, ...]:
    settings = context.settings.speech
    speakers = tuple(dict.fromkeys(turn.speaker for turn in lesson.turns))
    catalogue = voices_from_catalogue(speech.list_voices())
    casting = cast(speakers, lesson.front_matter.speaker_profiles, settings, catalogue)
    if casting.problems:
        message = " ".join(f"{problem.message} {problem.fix}".strip() for problem in casting.problems)
        raise RejectedError("elevenlabs", "unknown_voice", message)
    pace = settings.level_speeds.get(lesson.front_matter.level or "", 1.0)
    model = speech.model(settings.model)
    return plan_segments(
        lesson.turns, casting, settings, engine=speech.name, endpoint=speech.endpoint, model=model, speed=pace
    )


def _missing(
    context: JobContext, artifacts: ArtifactStore, requests: Sequence[SegmentRequest]
) -> tuple[SegmentRequest, ...]:
    """Returns each request once whose audio is not stored, the longest first, so that none is waited for at the end."""
    absent = {r.sha256: r for r in requests if not artifacts.has(context.tenant, r.sha256, WAV)}
    return tuple(sorted(absent.values(), key=lambda request: -request.characters))


def _all_stored(context: JobContext, artifacts: ArtifactStore, speech: SpeechPublication) -> bool:
    return all(artifacts.has(context.tenant, segment.sha256, WAV) for segment in speech.segments)


def _buy(
    context: JobContext, artifacts: ArtifactStore, speech: SpeechEngine, missing: Sequence[SegmentRequest]
) -> None:
    """Buys segments in parallel; after a failure no new one is begun, and those under way are still stored."""

    def buy(request: SegmentRequest) -> None:
        context.stop_if_cancelled()
        spoken = speech.synthesize(request)
        artifacts.put(context.tenant, request.sha256, WAV, to_wav(spoken.pcm, spoken.sample_rate_hz))
        cost = request.characters if spoken.character_cost is None else spoken.character_cost
        artifacts.put(context.tenant, request.sha256, COST, json.dumps({"character_cost": cost}).encode())
        context.metrics.count("speech_characters", cost, tenant=context.tenant)

    if not missing:
        return
    with ThreadPoolExecutor(min(context.settings.speech.max_concurrent_requests, len(missing))) as pool:
        futures = [pool.submit(buy, request) for request in missing]
        done, pending = wait(futures, return_when=FIRST_EXCEPTION)
        for future in pending:
            future.cancel()
    for future in done | {future for future in pending if not future.cancelled()}:
        future.result()


def _segment(
    context: JobContext, artifacts: ArtifactStore, request: SegmentRequest, cached: bool
) -> SegmentPublication:
    (spoken,) = request.inputs
    pcm, sample_rate_hz = from_wav(artifacts.get(context.tenant, request.sha256, WAV))
    return SegmentPublication(
        sha256=request.sha256,
        speaker=spoken.speaker,
        voice_id=spoken.voice.id,
        voice_name=spoken.voice.name,
        text=spoken.text,
        written=spoken.written if spoken.written != spoken.text else "",
        pause_after=spoken.pause_after,
        samples=len(pcm) // 2,
        sample_rate_hz=sample_rate_hz,
        character_cost=_cost(context, artifacts, request),
        cached=cached,
    )


def _cost(context: JobContext, artifacts: ArtifactStore, request: SegmentRequest) -> int:
    if not artifacts.has(context.tenant, request.sha256, COST):
        return request.characters
    return int(json.loads(artifacts.get(context.tenant, request.sha256, COST))["character_cost"])


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
    for segment in before.segments:
        if not segment.cached:
            segment.cached = True
    _save(ledger, before)


def _billed(segments: Sequence[SegmentPublication]) -> int:
    return sum({segment.sha256: segment.character_cost for segment in segments if not segment.cached}.values())


def _outcome(speech: SpeechPublication, **how: Any) -> StageOutcome:
    metrics = {
        "elevenlabs/characters_billed": _billed(speech.segments),
        "elevenlabs/characters": sum(len(segment.text) for segment in speech.segments),
        "audio/segments": len(speech.segments),
        "audio/segments_cached": sum(segment.cached for segment in speech.segments),
    }
    return StageOutcome(metrics=metrics, **how)


def _planned(requests: Sequence[SegmentRequest], missing: Sequence[SegmentRequest]) -> StageOutcome:
    characters = sum(request.characters for request in missing)
    metrics = {
        "audio/segments": len(requests),
        "elevenlabs/characters_to_buy": characters,
        "elevenlabs/segments_to_buy": len(missing),
        "audio/cast": {one.speaker: one.voice.name for request in requests for one in request.inputs},
    }
    return StageOutcome(reason=f"would buy {len(missing)} segments, {characters} characters", metrics=metrics)
