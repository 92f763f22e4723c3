"""Joins the segments into one MP3 with captions, lyrics and a transcript, and into a slow and a dictation track.

Reads segments from the artifact store; writes the files there and the publication's ``audio``. Costs about a second of
processor time per minute of each track, and no vendor request.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from esl_pipeline.lessons import Lesson
from esl_pipeline.stages.code_versions import MIX_VERSION
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.outcome import StageOutcome
from esl_pipeline.stages.segment_file import TIMINGS
from esl_pipeline.stages.track_files import files_of
from esl_pipeline.stages.track_length import check_length
from esl_pipeline.stages.track_making import Labelled, TrackMaking
from esl_pipeline.stages.track_segments import MissingSegmentsError, StoredSegments, written
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.protocols import ArtifactStore
from esl_pipeline.stores.publication import AudioPublication, Publication


def merge_track(
    context: JobContext,
    ledger: Ledger,
    artifacts: ArtifactStore,
    lesson: Lesson,
    *,
    cover: bytes | None = None,
    force: bool = False,
) -> StageOutcome:
    """Makes the track and its files, or keeps those there are where segments, tags and settings are the same.

    Args:
        context: the job's.
        ledger: the assignment's publication.
        artifacts: where segments and tracks are kept.
        lesson: a valid lesson.
        cover: a picture for the tracks, JPEG or PNG.
        force: make them again although nothing changed; the same is made.

    Raises:
        MissingSegmentsError: a segment was never bought or its file is damaged.
        TrackTooLongError: the speech lasts longer than any lesson.
        CoverError: the cover is no picture for an MP3.
    """
    publication = ledger.read()
    making = _making(context, artifacts, lesson, cover, publication)
    input_sha256 = _input_sha256(making)
    before = publication.audio
    if not force and before and before.input_sha256 == input_sha256 and _stored(context, artifacts, before):
        return _outcome(before, status="skipped", reason="segments and audio settings have not changed")
    if context.dry_run:
        return StageOutcome(reason="would join the segments into one track")
    if not making.speech.segments:
        raise MissingSegmentsError("There is no speech yet. Run the stage audio_segments first.")
    check_length(making.speech.segments)
    made = making.make(input_sha256)

    def change(publication: Publication) -> None:
        publication.audio = made

    ledger.update(change)
    return _outcome(made)


def _making(
    context: JobContext, artifacts: ArtifactStore, lesson: Lesson, cover: bytes | None, publication: Publication
) -> TrackMaking:
    speech, settings = publication.speech, context.settings
    first_made = publication.audio.year if publication.audio else None
    labelled = Labelled(
        title=lesson.front_matter.title,
        artist=_artist(lesson),
        album=settings.audio.album,
        language=settings.speech.language_code or "en",
        year=first_made or context.clock.now().year,
        cover=cover,
    )
    normal, slow = (speech.segments, speech.slow_segments) if speech else ([], [])
    stored = (StoredSegments(context.tenant, artifacts, segments) for segments in (normal, slow))
    return TrackMaking(context, artifacts, labelled, *stored)


def _artist(lesson: Lesson) -> str:
    """Returns the course where the lesson names one, else the student."""
    for name, value in lesson.front_matter.properties:
        if name.casefold() == "course" and isinstance(value, str) and value.strip():
            return value
    return lesson.front_matter.student


def _input_sha256(making: TrackMaking) -> str:
    settings, labelled = making.context.settings, making.labelled
    asked = {
        "version": MIX_VERSION,
        "segments": _identities(making.speech),
        "slow_segments": _identities(making.slow) if settings.audio.slow_track else [],
        "timings": _timed(making) if settings.speech.word_captions or settings.audio.dictation_track else [],
        "word_captions": settings.speech.word_captions,
        "audio": settings.audio.model_dump(mode="json", exclude={"cover"}),
        "tags": labelled.tags(),
        "cover": hashlib.sha256(labelled.cover).hexdigest() if labelled.cover else "",
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _identities(speech: StoredSegments) -> list[tuple[object, ...]]:
    return [
        (one.sha256, one.begin, one.samples, one.pause_after, one.speaker, one.text, written(one))
        for one in speech.segments
    ]


def _timed(making: TrackMaking) -> list[str]:
    """Returns the requests whose timings are known, which may have been asked for only later."""
    hashes = {one.sha256 for speech in (making.speech, making.slow) for one in speech.segments}
    has, tenant = making.artifacts.has, making.context.tenant
    return sorted(sha256 for sha256 in hashes if has(tenant, sha256, TIMINGS))


def _stored(context: JobContext, artifacts: ArtifactStore, audio: AudioPublication) -> bool:
    return all(artifacts.has(context.tenant, file.sha256, file.suffix) for file in files_of(audio))


def _outcome(audio: AudioPublication, **how: Any) -> StageOutcome:
    by_speaker = audio.loudness_by_speaker_lufs
    metrics = {
        "audio/duration_s": audio.duration_s,
        "audio/loudness_lufs": round(audio.loudness_lufs, 2),
        "audio/true_peak_dbtp": round(audio.true_peak_dbtp, 2),
        "audio/sha256": audio.sha256,
        "audio/files": [
            {"file": str(file.part), "type": file.suffix, "sha256": file.sha256} for file in files_of(audio)
        ],
        "audio/loudness_by_speaker_lufs": by_speaker,
        "audio/speaker_spread_lu": round(max(by_speaker.values()) - min(by_speaker.values()), 2)
        if by_speaker
        else None,
    }
    return StageOutcome(metrics=metrics, **how)
