"""What became of a job, as one typed document: the answer of the API and of ``esl publish --json``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from esl_pipeline.stages.stage import Stage
from esl_pipeline.stores.publication import Publication, StageRecord

JobStatus = Literal["succeeded", "planned", "rejected", "unavailable", "cancelled", "failed"]


class Answer(BaseModel):
    """A part of a job record, never changed after it was made."""

    model_config = ConfigDict(frozen=True)


class PageAnswer(Answer):
    """The Notion page; ``requests`` counts what this job sent to Notion for page and audio block."""

    id: str | None = None
    url: str | None = None
    requests: int = 0


class SegmentAnswer(Answer):
    """One turn as it is heard; ``cached`` where this job did not buy it."""

    speaker: str
    voice: str
    text: str
    start_s: float
    end_s: float
    cached: bool


class AudioAnswer(Answer):
    """The track: where it lies here, and where the student hears it."""

    path: str | None = None
    captions_path: str | None = None
    url: str | None = None
    captions_url: str | None = None
    sha256: str | None = None
    duration_s: float | None = None
    characters_billed: int = 0
    segments: tuple[SegmentAnswer, ...] = ()


class ProblemAnswer(Answer):
    """One thing that the author can mend."""

    rule: str
    severity: str
    line: int
    column: int
    message: str
    fix: str = ""
    file: str = ""


class StageAnswer(Answer):
    """What one stage did in this job."""

    stage: str
    status: str
    reason: str = ""
    elapsed_s: float = 0.0
    metrics: dict[str, Any] = Field(default_factory=dict)
    error: dict[str, Any] | None = None


class CheckAnswer(Answer):
    """One look at what stands at the vendors after a job."""

    name: str
    passed: bool
    description: str


class JobRecord(Answer):
    """What became of a job; ``manifest_sha256`` says of which version of the manifest and lesson.

    ``checks`` are the looks that were taken afterwards at what stands at the vendors.
    """

    assignment: str
    status: JobStatus
    job_id: str
    run_id: str
    started_at: datetime | None = None
    elapsed_s: float = 0.0
    manifest_sha256: str = ""
    page: PageAnswer = PageAnswer()
    audio: AudioAnswer = AudioAnswer()
    problems: tuple[ProblemAnswer, ...] = ()
    stages: tuple[StageAnswer, ...] = ()
    checks: tuple[CheckAnswer, ...] = ()


def job_record(
    publication: Publication,
    *,
    job_id: str,
    run_id: str,
    expected: Collection[Stage],
    stages: Mapping[str, StageRecord],
    dry_run: bool = False,
    audio_path: str | None = None,
    captions_path: str | None = None,
) -> JobRecord:
    """Puts together what the job's stages did.

    Args:
        publication: as it is after the job.
        job_id: the job's.
        run_id: Dagster's run, or the job's id.
        expected: the stages that the job was to run.
        stages: what those that ran did, by name.
        dry_run: True where nothing was changed.
        audio_path: where the track lies in the artifact store.
        captions_path: where its captions lie.
    """
    ran = {stage.value: stages[stage.value] for stage in Stage if stage.value in stages}
    return JobRecord(
        assignment=f"{publication.tenant}/{publication.assignment}",
        status=_status(ran, expected, dry_run),
        job_id=job_id,
        run_id=run_id,
        started_at=min((record.started_at for record in ran.values()), default=None),
        elapsed_s=round(sum(record.elapsed_s for record in ran.values()), 3),
        manifest_sha256=publication.manifest_sha256,
        page=_page(publication, ran),
        audio=_audio(publication, ran, audio_path, captions_path),
        problems=tuple(ProblemAnswer(**p) for record in ran.values() for p in record.problems),
        stages=tuple(_stage(name, record) for name, record in ran.items()),
    )


def _status(ran: Mapping[str, StageRecord], expected: Collection[Stage], dry_run: bool) -> JobStatus:
    for record in ran.values():
        if record.error:
            kind: JobStatus = record.error["kind"]
            return kind
        if record.status == "failed":
            return "rejected"
    if any(stage.value not in ran for stage in expected):
        return "cancelled"
    return "planned" if dry_run else "succeeded"


def _page(publication: Publication, ran: Mapping[str, StageRecord]) -> PageAnswer:
    requests = sum(int(record.metrics.get("notion/requests", 0)) for record in ran.values())
    page = publication.page
    return PageAnswer(id=page.id, url=page.url, requests=requests) if page else PageAnswer(requests=requests)


def _audio(
    publication: Publication, ran: Mapping[str, StageRecord], path: str | None, captions_path: str | None
) -> AudioAnswer:
    speech = ran.get(Stage.SPEECH.value)
    audio, upload = publication.audio, publication.upload
    segments = publication.speech.segments if publication.speech else []
    cues = audio.cues if audio and len(audio.cues) == len(segments) else []
    return AudioAnswer(
        path=path if audio else None,
        captions_path=captions_path if audio else None,
        url=upload.address if upload else None,
        captions_url=(upload.captions_url or None) if upload else None,
        sha256=audio.sha256 if audio else None,
        duration_s=audio.duration_s if audio else None,
        characters_billed=_billed(speech.metrics) if speech else 0,
        segments=tuple(
            SegmentAnswer(
                speaker=segment.speaker,
                voice=segment.voice_name,
                text=segment.text,
                start_s=cue.start_s,
                end_s=cue.end_s,
                cached=segment.cached or speech is None,
            )
            for segment, cue in zip(segments, cues, strict=False)
        ),
    )


def _billed(metrics: Mapping[str, Any]) -> int:
    """Returns the characters that the engine billed, whichever it was."""
    return sum(int(value) for name, value in metrics.items() if name.endswith("/characters_billed"))


def _stage(name: str, record: StageRecord) -> StageAnswer:
    return StageAnswer(
        stage=name,
        status=record.status,
        reason=record.reason,
        elapsed_s=record.elapsed_s,
        metrics=record.metrics,
        error=record.error,
    )


class AssignmentStatus(Answer):
    """What is known of an assignment: ``published`` where every stage has done its work for the last manifest."""

    assignment: str
    title: str = ""
    state: Literal["unknown", "incomplete", "published"]
    manifest_sha256: str = ""
    page: PageAnswer = PageAnswer()
    audio: AudioAnswer = AudioAnswer()
    stages: tuple[StageAnswer, ...] = ()


def assignment_status(
    publication: Publication, *, audio_path: str | None = None, captions_path: str | None = None
) -> AssignmentStatus:
    """Puts together what all stages left, whichever job ran them."""
    ran = {stage.value: publication.stages[stage.value] for stage in Stage if stage.value in publication.stages}
    done = len(ran) == len(Stage) and all(record.status != "failed" for record in ran.values())
    return AssignmentStatus(
        assignment=f"{publication.tenant}/{publication.assignment}",
        title=publication.title,
        state="published" if done else "incomplete" if ran else "unknown",
        manifest_sha256=publication.manifest_sha256,
        page=_page(publication, ran),
        audio=_audio(publication, ran, audio_path, captions_path),
        stages=tuple(_stage(name, record) for name, record in ran.items()),
    )
