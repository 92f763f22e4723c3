"""The healthy facts of a publication, each looked at by itself after the stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from esl_pipeline.audio import measure
from esl_pipeline.stages.job import Job
from esl_pipeline.stages.merge_track import MP3
from esl_pipeline.stores.protocols import ArtifactStore


@dataclass(frozen=True)
class CheckOutcome:
    """Whether a fact holds, with what was seen; ``metadata`` has JSON values."""

    passed: bool
    description: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


def audio_lasts_as_long_as_its_segments(job: Job, artifacts: ArtifactStore) -> CheckOutcome:
    """Decodes the track and compares its length, in samples, and its loudness with what was planned."""
    audio = job.ledger.read().audio
    if audio is None:
        return CheckOutcome(False, "There is no track. Run merged_mp3.")
    try:
        measured = measure(artifacts.get(job.context.tenant, audio.sha256, MP3))
    except KeyError:
        return CheckOutcome(False, "The track's file is gone. Run merged_mp3 again.")
    seen = {
        "audio/samples": measured.samples,
        "audio/samples_expected": audio.samples,
        "audio/duration_s": round(measured.samples / measured.sample_rate_hz, 3),
        "audio/loudness_lufs": round(measured.loudness_lufs, 2),
        "audio/loudness_target_lufs": job.context.settings.audio.loudness_lufs,
    }
    if measured.samples == audio.samples and measured.sample_rate_hz == audio.sample_rate_hz:
        return CheckOutcome(True, "The track is as long as its segments and pauses, to the sample.", seen)
    return CheckOutcome(False, "The track is not as long as its segments and pauses. Run merged_mp3 again.", seen)


def _differences(differences: list[str], healthy: str, mend: str) -> CheckOutcome:
    if not differences:
        return CheckOutcome(True, healthy)
    return CheckOutcome(False, f"{mend} First: {differences[0]}", {"notion/differences": differences[:50]})
