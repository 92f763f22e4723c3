"""The pipeline as an API: Dagster's assets, the command line and hosts that embed it all go through this one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from esl_pipeline.clients.errors import VendorError
from esl_pipeline.manifests import check_slug
from esl_pipeline.stages.asking import AskingError, ManifestText, load_snapshot, unreadable
from esl_pipeline.stages.audit_stage import StageAudit
from esl_pipeline.stages.context import create_context
from esl_pipeline.stages.job import Job, JobOptions, understand
from esl_pipeline.stages.job_log import JobLog
from esl_pipeline.stages.job_record import AssignmentStatus, JobRecord, assignment_status, job_record
from esl_pipeline.stages.merge_track import merge_track
from esl_pipeline.stages.outcome import StageOutcome
from esl_pipeline.stages.page_outcomes import attach, publish
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.run_stage import failure_kind, run_stage
from esl_pipeline.stages.speech_work import SpeechWork
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stages.synthesize_segments import synthesize_missing_segments
from esl_pipeline.stages.tenants_gate import TenantGate
from esl_pipeline.stages.track_cover import cover_of
from esl_pipeline.stages.track_files import MP3, VTT
from esl_pipeline.stages.upload_audio import upload_audio
from esl_pipeline.stages.upload_to_notion import is_waiting, upload_to_notion
from esl_pipeline.stages.validate_manifest import validate_manifest
from esl_pipeline.stages.vendors import Vendors
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.memory import MemoryPublicationStore
from esl_pipeline.stores.publication import Publication

UPSTREAM: dict[Stage, tuple[Stage, ...]] = {
    Stage.MANIFEST: (),
    Stage.PAGE: (Stage.MANIFEST,),
    Stage.SPEECH: (Stage.MANIFEST,),
    Stage.MERGE: (Stage.SPEECH,),
    Stage.UPLOAD: (Stage.MERGE,),
    Stage.ATTACH: (Stage.PAGE, Stage.UPLOAD),
}
"""What must have been done before each stage; a failure stops only what is below it."""


@dataclass(frozen=True)
class Pipeline:
    """Publishes assignments; made by ``create_pipeline``, safe to share between threads."""

    providers: Providers

    def open_job(
        self,
        tenant: str,
        assignment: str,
        asked: ManifestText | None = None,
        options: JobOptions | None = None,
        *,
        job_id: str | None = None,
        run_id: str | None = None,
    ) -> Job:
        """Understands a request without doing anything.

        Args:
            tenant: a slug.
            assignment: a slug, unique in its tenant.
            asked: the manifest; the one that was last found valid where None.
            options: how this job differs from an ordinary one.
            job_id: a new id where None.
            run_id: Dagster's run; the job's id where None.

        Raises:
            AskingError: the assignment was never asked for, or a slug is none.
            TenantSuspendedError: the tenant may not publish.
        """
        options = options or JobOptions()
        for name, slug in (("tenant", tenant), ("assignment", assignment)):
            check_slug(slug, name)
        gate = TenantGate(self.providers.standings, tenant, self.providers.clock.monotonic)
        gate.check(0)
        ledger = self._ledger(tenant, assignment, dry_run=options.dry_run)
        known = ledger.read()
        overtaken_by = _overtaken_by(options, known)
        if overtaken_by:
            asked, options = None, replace(options, overrides=(), preset="", force=frozenset())
        understood = understand(
            asked or self._asked_last(known),
            tenant=tenant,
            environment=self.providers.environment_layer,
            tenant_file=self.providers.tenant_file,
            cover_file=self.providers.cover_file,
            engines=self.providers.engines,
            options=options,
            known_preset=known.chosen_preset,
        )
        provided = {name: getattr(self.providers, name) for name in ("clock", "logger", "metrics", "tracer")}
        context = create_context(
            tenant=tenant,
            assignment=assignment,
            settings=understood.settings,
            settings_versions=understood.settings_versions,
            job_id=job_id or self.providers.new_id(),
            run_id=run_id,
            **(provided | dict(options.hooks) | {"dry_run": options.dry_run, "gate": gate}),
        )
        return Job(context, ledger, understood, options, overtaken_by)

    def new_assignment(
        self,
        tenant: str,
        assignment: str,
        asked: ManifestText,
        options: JobOptions | None = None,
        *,
        job_id: str | None = None,
    ) -> JobRecord:
        """Publishes an assignment, or brings its publication up to date; what is unchanged is skipped.

        Returns:
            The job's record; a rejected lesson or a vendor's failure is in it, not raised.

        Raises:
            AskingError: tenant or assignment is no slug.
        """
        return self._run(self.open_job(tenant, assignment, asked, options, job_id=job_id), tuple(Stage))

    def rerun_assignment(
        self, tenant: str, assignment: str, stages: Collection[Stage] = tuple(Stage), options: JobOptions | None = None
    ) -> JobRecord:
        """Runs some stages of an assignment again, with the manifest that was last found valid.

        Raises:
            AskingError: it was never asked for.
        """
        return self._run(self.open_job(tenant, assignment, None, options), stages)

    def assignment_status(self, tenant: str, assignment: str) -> AssignmentStatus:
        """Returns what is known of an assignment, whether or not it was ever asked for."""
        publication = self._ledger(tenant, assignment, dry_run=False).read()
        audio, captions = self._audio_paths(publication)
        return assignment_status(publication, audio_path=audio, captions_path=captions)

    def record_of_run(
        self, tenant: str, assignment: str, run_id: str, log: JobLog, expected: Collection[Stage]
    ) -> JobRecord:
        """Returns the record of a Dagster run that ``log`` listened to; the run's id is its job's."""
        return self._record(self._ledger(tenant, assignment, dry_run=False), run_id, run_id, log, expected)

    def _record(
        self,
        ledger: Ledger,
        job_id: str,
        run_id: str,
        log: JobLog,
        expected: Collection[Stage],
        *,
        dry_run: bool = False,
    ) -> JobRecord:
        publication = ledger.read()
        audio, captions = self._audio_paths(publication)
        return job_record(
            publication,
            job_id=job_id,
            run_id=run_id,
            expected=expected,
            stages=log.stages,
            dry_run=dry_run,
            audio_path=audio,
            captions_path=captions,
        )

    def run_stage(self, stage: Stage, job: Job) -> StageOutcome:
        """Runs one stage by itself; what it needs of earlier stages must be there.

        Raises:
            RejectedError: a vendor refuses; asking again can't help.
            UnavailableError: a vendor is out of reach; asking again may help.
            AskingError: the lesson has errors.
            TenantSuspendedError: the tenant may not publish.
            AuditUnavailableError: what was done could not be told; asking again may help.
        """
        audit = StageAudit(self.providers.audit, self.providers.usage, job.understood.reading.sha256)
        try:
            return run_stage(job.context, job.ledger, stage, lambda: _work(self, stage, job), audit)
        except VendorError as error:
            if error.refuses_credentials:
                self.providers.secrets.forget(job.context.tenant)
            raise

    def vendors(self, job: Job) -> Vendors:
        """Returns the tenant's clients."""
        return self.providers.vendors(job.context.tenant, job.context.settings)

    def _run(self, job: Job, stages: Collection[Stage]) -> JobRecord:
        log = JobLog(job.context.progress)
        job = replace(job, context=replace(job.context, progress=log))
        stopped: set[Stage] = set()
        for stage in Stage:
            if stage not in stages:
                continue
            if any(upstream in stopped for upstream in UPSTREAM[stage]):
                stopped.add(stage)
                continue
            try:
                outcome = self.run_stage(stage, job)
            except Exception as error:
                if failure_kind(error) == "failed":
                    raise
                stopped.add(stage)
            else:
                if outcome.rejected:
                    stopped.add(stage)
        context = job.context
        return self._record(job.ledger, context.job_id, context.run_id, log, stages, dry_run=context.dry_run)

    def _ledger(self, tenant: str, assignment: str, *, dry_run: bool) -> Ledger:
        store = self.providers.publications
        if dry_run:
            known = store.read(tenant, assignment)
            store = MemoryPublicationStore([known] if known else [])
        return Ledger(store, tenant, assignment)

    def _asked_last(self, known: Publication) -> ManifestText:
        try:
            return load_snapshot(self.providers.artifacts, known.tenant, known.manifest_sha256)
        except (KeyError, ValueError) as error:
            told = f"--tenant {known.tenant} --assignment {known.assignment}"
            fix = f"Put its lesson into the inbox and run publish_lesson, or: esl publish FILE {told}"
            name = f"{known.tenant}/{known.assignment}"
            raise AskingError((unreadable(name, "It was never published.", fix),)) from error

    def _audio_paths(self, publication: Publication) -> tuple[str | None, str | None]:
        if publication.audio is None:
            return None, None
        locate, tenant = self.providers.artifacts.locate, publication.tenant
        return (
            locate(tenant, publication.audio.sha256, MP3),
            locate(tenant, publication.audio.captions_sha256, VTT),
        )


def _overtaken_by(options: JobOptions, known: Publication) -> datetime | None:
    """Returns when a newer request was asked for, None where there is none.

    A run that crashed is started again behind runs that were asked for later, and a queue may deliver in any order.
    """
    is_older = options.asked_at and known.asked_at and options.asked_at < known.asked_at
    return known.asked_at if is_older and Stage.MANIFEST not in options.force else None


def _work(pipeline: Pipeline, stage: Stage, job: Job) -> StageOutcome:
    if job.overtaken_by is None:
        return _WORK[stage](pipeline, job)
    reason = f"a newer request was taken, of {job.overtaken_by.isoformat(timespec='seconds')}"
    return StageOutcome("skipped", reason)


def _speech(pipeline: Pipeline, job: Job) -> StageOutcome:
    providers, lesson = pipeline.providers, job.lesson
    engine = pipeline.vendors(job).speech
    work = SpeechWork(job.context, lesson, engine, providers.artifacts, providers.usage, providers.catalogues)
    return synthesize_missing_segments(work, job.ledger, force=Stage.SPEECH in job.options.force)


def _merge(pipeline: Pipeline, job: Job) -> StageOutcome:
    providers, force = pipeline.providers, Stage.MERGE in job.options.force
    cover = cover_of(job.context.settings, job.context.tenant, providers.cover_file)
    return merge_track(job.context, job.ledger, providers.artifacts, job.lesson, cover=cover, force=force)


def _upload(pipeline: Pipeline, job: Job) -> StageOutcome:
    vendors, artifacts, force = pipeline.vendors(job), pipeline.providers.artifacts, Stage.UPLOAD in job.options.force
    if job.context.settings.storage.publishing == "notion":
        return upload_to_notion(job.context, job.ledger, artifacts, vendors.notion)
    return upload_audio(job.context, job.ledger, artifacts, vendors.objects, force=force)


def _attach(pipeline: Pipeline, job: Job) -> StageOutcome:
    if is_waiting(job.ledger.read()) and not job.context.dry_run:
        _upload(pipeline, job)  # a file at Notion that is on no page within an hour is gone
    return attach(job, pipeline.vendors(job))


_WORK: dict[Stage, Callable[[Pipeline, Job], StageOutcome]] = {
    Stage.MANIFEST: lambda pipeline, job: validate_manifest(job, pipeline.providers.artifacts),
    Stage.PAGE: lambda pipeline, job: publish(job, pipeline.vendors(job).notion),
    Stage.SPEECH: _speech,
    Stage.MERGE: _merge,
    Stage.UPLOAD: _upload,
    Stage.ATTACH: _attach,
}
