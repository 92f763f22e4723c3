"""Joins the segments into one MP3 with captions.

Reads segments from the artifact store; writes the MP3 and its captions there and the publication's ``audio``. Costs
about a second of processor time per minute of speech, and no vendor request.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from esl_pipeline.audio import PcmSegment, Track, make_track
from esl_pipeline.lessons import Lesson
from esl_pipeline.speech import webvtt
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.outcome import StageOutcome
from esl_pipeline.stages.segment_file import WAV, from_wav
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.protocols import ArtifactStore
from esl_pipeline.stores.publication import AudioPublication, CuePublication, Publication, SegmentPublication

MP3 = ".mp3"
VTT = ".vtt"
MIX_VERSION = 1
"""Raised when the same segments and settings give other bytes, so that tracks are made anew."""


class MissingSegmentsError(Exception):
    """The segments are not there yet; run the speech stage first."""


def merge_track(
    context: JobContext, ledger: Ledger, artifacts: ArtifactStore, lesson: Lesson, *, force: bool = False
) -> StageOutcome:
    """Makes the track, or keeps the one there is where segments, title and settings are the same.

    Raises:
        MissingSegmentsError: a segment was never bought or its file is damaged.
    """
    publication = ledger.read()
    segments = publication.speech.segments if publication.speech else []
    input_sha256 = _input_sha256(context, lesson, segments)
    before = publication.audio
    if not force and before and before.input_sha256 == input_sha256 and _stored(context, artifacts, before):
        return _outcome(before, status="skipped", reason="segments and audio settings have not changed")
    if context.dry_run:
        return StageOutcome(reason="would join the segments into one track")
    made = _save(context, artifacts, _make(context, artifacts, lesson, segments), input_sha256)

    def change(publication: Publication) -> None:
        publication.audio = made

    ledger.update(change)
    return _outcome(made)


def _input_sha256(context: JobContext, lesson: Lesson, segments: list[SegmentPublication]) -> str:
    asked = {
        "version": MIX_VERSION,
        "segments": [(segment.sha256, segment.speaker, segment.text) for segment in segments],
        "audio": context.settings.audio.model_dump(mode="json"),
        "tags": [lesson.front_matter.title, lesson.front_matter.student, context.settings.speech.language_code],
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _stored(context: JobContext, artifacts: ArtifactStore, audio: AudioPublication) -> bool:
    return artifacts.has(context.tenant, audio.sha256, MP3) and artifacts.has(
        context.tenant, audio.captions_sha256, VTT
    )


def _make(context: JobContext, artifacts: ArtifactStore, lesson: Lesson, segments: list[SegmentPublication]) -> Track:
    if not segments:
        raise MissingSegmentsError("There is no speech yet. Run the stage audio_segments first.")
    pcm: list[PcmSegment] = []
    for segment in segments:
        try:
            samples, sample_rate_hz = from_wav(artifacts.get(context.tenant, segment.sha256, WAV))
        except KeyError as error:
            why = f"The speech of {segment.speaker} ({segment.text[:40]!r}) is missing. Run audio_segments again."
            raise MissingSegmentsError(why) from error
        pcm.append(PcmSegment(samples, sample_rate_hz, segment.speaker, segment.text))
    front = lesson.front_matter
    language = context.settings.speech.language_code or "en"
    return make_track(pcm, context.settings.audio, title=front.title, student=front.student, language=language)


def _save(context: JobContext, artifacts: ArtifactStore, track: Track, input_sha256: str) -> AudioPublication:
    captions = webvtt(track.cues).encode()
    sha256, captions_sha256 = (hashlib.sha256(content).hexdigest() for content in (track.mp3, captions))
    artifacts.put(context.tenant, sha256, MP3, track.mp3)
    artifacts.put(context.tenant, captions_sha256, VTT, captions)
    return AudioPublication(
        input_sha256=input_sha256,
        sha256=sha256,
        captions_sha256=captions_sha256,
        samples=track.samples,
        sample_rate_hz=track.sample_rate_hz,
        duration_s=round(track.samples / track.sample_rate_hz, 3),
        loudness_lufs=track.loudness_lufs,
        true_peak_dbtp=track.true_peak_dbtp,
        cues=[CuePublication(speaker=c.speaker, text=c.text, start_s=c.start_s, end_s=c.end_s) for c in track.cues],
    )


def _outcome(audio: AudioPublication, **how: Any) -> StageOutcome:
    metrics = {
        "audio/duration_s": audio.duration_s,
        "audio/loudness_lufs": round(audio.loudness_lufs, 2),
        "audio/true_peak_dbtp": round(audio.true_peak_dbtp, 2),
        "audio/sha256": audio.sha256,
    }
    return StageOutcome(metrics=metrics, **how)
