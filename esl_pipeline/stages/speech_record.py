"""What the publication keeps of the speech, and what an operator is told of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from esl_pipeline.speech import SegmentRequest
from esl_pipeline.speech.casting import Casting
from esl_pipeline.stages.speech_plan import Plan
from esl_pipeline.stages.speech_purchase import TOGETHER, odd_sound, told_pace
from esl_pipeline.stages.speech_work import Sound, SpeechWork
from esl_pipeline.stores.publication import CastPublication, SegmentPublication, SpeechPublication

BILLED = "elevenlabs/characters_billed"
"""This and the names below are for ElevenLabs; those of another engine begin with its name."""
CHARACTERS = "elevenlabs/characters"
TO_BUY = "elevenlabs/characters_to_buy"
SEGMENTS_TO_BUY = "elevenlabs/segments_to_buy"
ESTIMATED_CREDITS = "elevenlabs/credits_estimated"
USD = "elevenlabs/usd"
QUOTA = "elevenlabs/credits_left"
RECOVERED = "elevenlabs/segments_recovered"

HURRIED = 1.6
"""A text that is spoken so many times faster than most of its track was probably cut off."""


def named(engine: str, metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Returns metrics under the engine's own name."""
    return {
        f"{engine}/{name.partition('/')[2]}" if name.startswith("elevenlabs/") else name: value
        for name, value in metrics.items()
    }


def speech_publication(
    work: SpeechWork, plan: Plan, casting: Casting, input_sha256: str, bought: Sequence[str]
) -> SpeechPublication:
    """Makes the record of speech that is all stored.

    Args:
        work: whose speech it is.
        plan: with every segment stored.
        casting: of the plan.
        input_sha256: of what was asked for.
        bought: hashes of the segments that this run got.
    """

    def segments(requests: Sequence[SegmentRequest]) -> list[SegmentPublication]:
        return [
            segment
            for request in requests
            for segment in _segments(work, request, plan.stored[request.sha256], cached=request.sha256 not in bought)
        ]

    return SpeechPublication(
        input_sha256=input_sha256,
        engine=work.engine.name,
        model=work.model.id,
        cast=cast_records(casting),
        segments=segments(plan.main),
        slow_segments=segments(plan.slow),
    )


def cast_records(casting: Casting) -> list[CastPublication]:
    """Returns the cast as it is kept."""
    return [
        CastPublication(
            speaker=speaker,
            voice_id=cast.voice.id,
            voice_name=cast.voice.name,
            source=cast.source,
            score=cast.score,
            reasons=list(cast.reasons),
            wanted_sha256=cast.wanted_sha256,
        )
        for speaker, cast in casting.voices.items()
    ]


def cast_table(cast: Sequence[CastPublication]) -> list[dict[str, Any]]:
    """Returns the cast for a person to read."""
    return [
        {
            "speaker": one.speaker,
            "voice": one.voice_name,
            "source": one.source,
            "score": "" if one.score is None else str(one.score),
            "reasons": ", ".join(one.reasons),
        }
        for one in cast
    ]


def _segments(work: SpeechWork, request: SegmentRequest, sound: Sound, *, cached: bool) -> list[SegmentPublication]:
    """Returns a segment per input; several of a dialogue share its sound, and the first one bears the cost."""
    return [
        SegmentPublication(
            sha256=request.sha256,
            speaker=spoken.speaker,
            voice_id=spoken.voice.id,
            voice_name=spoken.voice.name,
            text=spoken.text,
            written=spoken.written if spoken.written != spoken.text else "",
            pause_after=spoken.pause_after,
            begin=begin,
            samples=samples,
            sample_rate_hz=sound.sample_rate_hz,
            character_cost=0 if begin else work.cost(request),
            cached=cached,
        )
        for spoken, (begin, samples) in zip(request.inputs, _stretches(work, request, sound), strict=True)
    ]


def _stretches(work: SpeechWork, request: SegmentRequest, sound: Sound) -> Sequence[tuple[int, int]]:
    return work.stretches(request) if len(request.inputs) > 1 else [(0, sound.samples)]


def speech_metrics(speech: SpeechPublication) -> dict[str, Any]:
    """Returns the figures of speech that is all stored."""
    segments = [*speech.segments, *speech.slow_segments]
    billed = {(segment.sha256, segment.begin): segment.character_cost for segment in segments if not segment.cached}
    metrics = {
        BILLED: sum(billed.values()),
        CHARACTERS: sum(len(segment.text) for segment in segments),
        "audio/segments": len(speech.segments),
        "audio/segments_cached": sum(segment.cached for segment in speech.segments),
        "audio/slow_segments": len(speech.slow_segments) or None,
        "audio/cast": cast_table(speech.cast),
    }
    return named(speech.engine, metrics)


def odd_segments(plan: Plan) -> list[str]:
    """Says which sounds are silent, or much too short or too long for their text, also beside the others."""
    told = {request.sha256: odd_sound(request, plan.stored[request.sha256]) for request in plan.requests}
    hurried = {sha256: one for track in (plan.main, plan.slow) for sha256, one in _hurried(plan, track)}
    return [one for sha256, by_itself in told.items() if (one := by_itself or hurried.get(sha256))]


def _hurried(plan: Plan, track: Sequence[SegmentRequest]) -> Iterator[tuple[str, str]]:
    """Says which sounds of a track were probably cut off; a vendor that ends early says nothing."""
    long = {one.sha256: one for one in track if one.characters > TOGETHER}
    paces = {sha256: one.characters / plan.stored[sha256].seconds for sha256, one in long.items()}
    for sha256, pace in paces.items():
        if len(paces) > 2 and pace > HURRIED * median(paces.values()):
            yield sha256, told_pace(long[sha256], plan.stored[sha256])
