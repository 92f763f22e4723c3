"""What the audit log is told of a stage: who asked, with what, what stands where now, and what it cost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from esl_pipeline.stages.audit_writing import add_entry, plain
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stores.audit import AuditEntry, AuditLog
from esl_pipeline.stores.publication import Publication, StageRecord
from esl_pipeline.stores.usage import UsageEntry, UsageStore, month_of

Json = dict[str, Any]


@dataclass(frozen=True)
class StageAudit:
    """Tells of the stages of one job.

    Attributes:
        log: the tenants' chains.
        usage: the account books, which say what was bought.
        manifest_sha256: of the manifest and lesson that the job was asked with.
    """

    log: AuditLog
    usage: UsageStore
    manifest_sha256: str

    def tell(self, context: JobContext, stage: Stage, record: StageRecord, publication: Publication) -> StageRecord:
        """Adds an entry for a stage that ended, and returns its record with a mark of what was told.

        A stage that was skipped is told of only where what stands at the vendors is not what the log was told last:
        a run that died, or could not reach the log, left that behind.

        Raises:
            AuditUnavailableError: the log did not take it; asking again may help.
        """
        stands = standing_at(stage, publication)
        told_sha256 = hashlib.sha256(json.dumps(stands, sort_keys=True).encode()).hexdigest()
        before = publication.stages.get(stage.value)
        if record.status == "skipped" and before is not None and before.told_sha256 == told_sha256:
            return record.model_copy(update={"told_sha256": told_sha256})
        entry = AuditEntry(
            number=0,
            id=f"{context.run_id}/{stage.value}/{record.started_at.isoformat()}",
            at=context.clock.now(),
            tenant=context.tenant,
            assignment=context.assignment,
            actor=context.actor,
            action="stage",
            run_id=context.run_id,
            outcome=record.status,
            details=self._details(context, stage, record, stands),
        )
        add_entry(self.log, entry, context.clock)
        return record.model_copy(update={"told_sha256": told_sha256})

    def _details(self, context: JobContext, stage: Stage, record: StageRecord, stands: Json) -> Json:
        found = {
            "stage": stage.value,
            "job_id": context.job_id,
            "elapsed_s": record.elapsed_s,
            "reason": record.reason,
            "manifest_sha256": self.manifest_sha256,
            "settings_versions": dict(context.settings_versions),
            "stands": stands,
            "bought": self._bought(context, record.started_at) if stage is Stage.SPEECH else {},
            "error": record.error,
            "problems": [_problem(problem) for problem in record.problems],
        }
        return {name: plain(value) for name, value in found.items() if value not in (None, "", {}, [])}

    def _bought(self, context: JobContext, since: datetime) -> Json:
        """Returns what the account book says that this stage bought, also where it failed afterwards."""
        months = dict.fromkeys([month_of(since), month_of(context.clock.now())])
        lines = [line for month in months for line in self.usage.lines(context.tenant, month)]
        ours = [one for one in lines if one.kind == "bought" and one.at >= since]
        return _sums([one for one in ours if one.assignment == context.assignment])


def _sums(bought: Sequence[UsageEntry]) -> Json:
    if not bought:
        return {}
    return {
        "segments": len(bought),
        "characters": sum(one.characters for one in bought),
        "credits": sum(one.credits for one in bought),
        "usd": round(sum(one.usd for one in bought), 6),
        "sha256": [one.sha256 for one in bought],
    }


def _problem(problem: Mapping[str, Any]) -> Json:
    return {name: problem[name] for name in ("rule", "severity", "file", "line", "message") if problem.get(name)}


def standing_at(stage: Stage, publication: Publication) -> Json:
    """Returns where a stage's work stands: ids, keys and hashes, never what is in it."""
    page, speech, audio = publication.page, publication.speech, publication.audio
    upload, attachment = publication.upload, publication.attachment
    found: Json = {}
    match stage:
        case Stage.MANIFEST:
            found = {"manifest_sha256": publication.manifest_sha256}
        case Stage.PAGE if page:
            found = {"page_id": page.id, "page_url": page.url, "input_sha256": page.input_sha256}
            if publication.chosen_preset:
                found["chosen_preset"] = publication.chosen_preset.preset
        case Stage.SPEECH if speech:
            found = {"engine": speech.engine, "model": speech.model, "input_sha256": speech.input_sha256}
        case Stage.MERGE if audio:
            found = {"sha256": audio.sha256, "duration_s": audio.duration_s}
        case Stage.UPLOAD if upload:
            keys = [upload.key, upload.captions_key, *(file.key for file in upload.files)]
            found = {"bucket": upload.bucket, "keys": keys}
        case Stage.ATTACH if attachment:
            found = {"page_id": attachment.page_id, "block_id": attachment.block_id, "url": attachment.url}
        case _:
            pass
    return {name: plain(value) for name, value in found.items()}
