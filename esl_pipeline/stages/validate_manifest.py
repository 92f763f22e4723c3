"""Checks manifest, settings and lesson, and keeps what was asked for.

Reads nothing from any vendor; writes a snapshot of a valid request and the publication's ``manifest_sha256``. Costs
nothing.
"""

from __future__ import annotations

from collections import Counter

from esl_pipeline.lessons import Lesson, has_errors
from esl_pipeline.stages.asking import save_snapshot
from esl_pipeline.stages.job import Job
from esl_pipeline.stages.outcome import StageOutcome
from esl_pipeline.stores.protocols import ArtifactStore
from esl_pipeline.stores.publication import Publication


def validate_manifest(job: Job, artifacts: ArtifactStore) -> StageOutcome:
    """Reports all problems; only a request without errors is kept for the stages that follow."""
    understood = job.understood
    if understood.lesson is None or has_errors(understood.problems):
        return StageOutcome(reason="the lesson or its manifest has errors", problems=understood.problems)
    sha256, title = understood.reading.sha256, understood.lesson.front_matter.title
    metrics = {"manifest/sha256": sha256, **_lesson_metrics(understood.lesson), "manifest/settings": _origins(job)}
    before = job.ledger.read()
    if before.manifest_sha256 == sha256 and before.title == title and not job.options.force:
        reason = "manifest and lesson have not changed"
        if job.options.asked_at:
            job.ledger.update(lambda publication: _take(publication, job))
        return StageOutcome("skipped", reason, metrics, understood.problems)
    if not job.context.dry_run:
        save_snapshot(artifacts, job.context.tenant, understood.asked, understood.reading)

    def change(publication: Publication) -> None:
        publication.manifest_sha256, publication.title = sha256, title
        _take(publication, job)

    job.ledger.update(change)
    return StageOutcome(metrics=metrics, problems=understood.problems)


def _take(publication: Publication, job: Job) -> None:
    times = [at for at in (job.options.asked_at, publication.asked_at) if at]
    publication.asked_at = max(times, default=None)


def _lesson_metrics(lesson: Lesson) -> dict[str, object]:
    return {
        "lesson/title": lesson.front_matter.title,
        "lesson/student": lesson.front_matter.student,
        "lesson/level": lesson.front_matter.level,
        "lesson/turns": len(lesson.turns),
        "lesson/speakers": dict(Counter(turn.speaker for turn in lesson.turns)),
    }


def _origins(job: Job) -> list[dict[str, str]]:
    """Returns the settings that are not the defaults, with where each came from."""
    return [
        {"setting": path, "layer": origin.layer, "source": origin.source}
        for path, origin in sorted(job.understood.origins.items())
        if origin.layer != "default"
    ]
