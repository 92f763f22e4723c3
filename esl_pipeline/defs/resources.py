"""What the assets are given: the pipeline over its vendors, and what a run asks for."""

# Dagster reads the annotations of resources as they are, so they are not postponed.
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field, PrivateAttr

from esl_pipeline.defs.failures import as_dagster_failures
from esl_pipeline.defs.launching.worker_process import say_who_works
from esl_pipeline.defs.partitions import assignment_of
from esl_pipeline.defs.run_config import check_no_environment, check_range, check_time
from esl_pipeline.defs.s3_resource import S3Resource
from esl_pipeline.defs.vendor_resources import ElevenLabsResource, NotionResource, OpenAiResource, s3_client_of
from esl_pipeline.pages.preset_names import AS_SETTINGS, preset_names
from esl_pipeline.stages.stage import Stage

if TYPE_CHECKING:
    from logging import Handler

    from esl_pipeline.stages.asking import ManifestText
    from esl_pipeline.stages.environment import Environment
    from esl_pipeline.stages.job import Job, JobOptions
    from esl_pipeline.stages.pipeline import Pipeline


MOST_RETRIES = 10


class Forced(Enum):
    """The assets by name, as the launchpad offers them: Dagster takes the names of an enumeration, not its values."""

    validated_manifest = "validated_manifest"
    notion_page = "notion_page"
    audio_segments = "audio_segments"
    merged_mp3 = "merged_mp3"
    audio_upload = "audio_upload"
    notion_audio = "notion_audio"


class AskingResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """What this run asks for, beyond the partition."""

    manifest_path: str = Field(
        "",
        description="Manifest or lesson file to publish, absolute or relative to the inbox, where it must be one of "
        "the tenant. Empty: the assignment's own in the inbox, else what was last found valid.",
    )
    manifest_sha256: str = Field(
        "",
        description="Stored copy of a manifest and its lesson to publish, by its hash, as a message of the queue "
        "brought it. It wins over manifest_path.",
    )
    asked_at: str = Field(
        "",
        description="When it was asked for, as 2026-11-25T08:00:00+00:00; a message of the queue brings it. A request "
        "older than one that was taken since changes nothing, unless validated_manifest is forced. Empty: now.",
    )
    settings: list[str] = Field(
        default_factory=list,
        description="Settings of this run alone, as key=value, such as audio.pause_ms=900 or "
        "notion.overwrite_edits=true. They win over manifest, student and tenant.",
    )
    force: list[Forced] = Field(
        default_factory=list,
        description="Assets that work although nothing changed, such as [notion_page], which compares every block of "
        "the page with the lesson, or [audio_segments], which casts the speakers again. Stored speech is never bought "
        "again, and equal files are never sent again.",
    )
    preset: str = Field(
        "",
        description=f"Heading colours of this assignment, which stay until its manifest names others: one of "
        f"{', '.join(preset_names())}; or {AS_SETTINGS} to take back such a choice. Empty: as before.",
    )
    retries: int = Field(
        3,
        description="How often a stage is tried again, after its own few attempts, while a vendor is "
        f"unavailable: 0 to {MOST_RETRIES}.",
    )

    def options(self, actor: str) -> "JobOptions":
        """Returns how this run differs from an ordinary one, and who asks for it.

        Raises:
            Failure: a number is out of range.
        """
        from esl_pipeline.defs.at_work import PROGRESS, JobOptions

        check_range("retries", self.retries, 0, MOST_RETRIES)
        return JobOptions(
            overrides=tuple(self.settings),
            preset=self.preset,
            force=frozenset(Stage(asset.value) for asset in self.force),
            asked_at=check_time("asked_at", self.asked_at),
            hooks={"progress": PROGRESS.get(), "actor": actor},
        )


class PipelineResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The pipeline over Notion, the speech engines and S3, or over the sandbox where no credentials are set."""

    notion: dg.ResourceDependency[NotionResource]
    elevenlabs: dg.ResourceDependency[ElevenLabsResource]
    openai: dg.ResourceDependency[OpenAiResource]
    s3: dg.ResourceDependency[S3Resource]
    asking: dg.ResourceDependency[AskingResource]
    sandbox: bool = Field(False, description="Use the sandbox even where credentials are set.")

    _environment: "Environment" = PrivateAttr()
    _pipeline: "Pipeline" = PrivateAttr()
    _refused: Exception | None = PrivateAttr(None)
    _listening: "list[type[Handler]]" = PrivateAttr(default_factory=list)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Reads the environment and makes the pipeline; no vendor is called yet.

        What somebody must change fails the first step that needs the pipeline, with what to do: Dagster would take it
        for a crash here, and start the run again.
        """
        from esl_pipeline.defs import at_work

        if context.run and context.instance:
            say_who_works(context.instance, context.run)
        at_work.tell_of(**{"run_id": context.run.run_id} if context.run else {})
        self._listen(at_work.RunLog())
        try:
            check_no_environment(context.run.run_config if context.run else {})
            self._open()
        except Exception as error:
            if at_work.failure_kind(error) != "rejected":
                self.teardown_after_execution(context)  # Dagster takes down only what was set up
                raise
            self._refused = error

    def _open(self) -> None:
        from esl_pipeline.defs import at_work

        found = at_work.read_environment(sandbox=self.sandbox)
        self._environment = replace(
            found,
            notion_base_url=self.notion.base_url or found.notion_base_url,
            elevenlabs_base_url=self.elevenlabs.base_url or found.elevenlabs_base_url,
            openai_base_url=self.openai.base_url or found.openai_base_url,
        )
        if found.log_form:
            self._listen(at_work.Lines(found.log_form))
        makers = at_work.ClientMakers(self.notion.client, s3=lambda at: s3_client_of(self.s3, at))
        secrets = at_work.open_secrets(self._environment)
        vendors = at_work.DefaultVendors(self._environment, makers, secrets)
        self._pipeline = at_work.create_pipeline(
            environment=self._environment, vendors=vendors, secrets=secrets, logger=at_work.EventLogger()
        )

    def _listen(self, handler: "Handler") -> None:
        from esl_pipeline.defs.at_work import listen

        listen(handler)
        self._listening.append(type(handler))

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002 that of Dagster
        """Ends what the run's log and the collector of lines are told."""
        from esl_pipeline.defs.at_work import stop_listening, tell_of

        tell_of()
        while self._listening:
            stop_listening(self._listening.pop())

    @property
    def pipeline(self) -> "Pipeline":
        """The pipeline.

        Raises:
            Failure: the installation is set up in a way that can't work.
        """
        with as_dagster_failures():
            if self._refused:
                raise self._refused
        return self._pipeline

    @property
    def reports(self) -> Path:
        """The folder of reports for people."""
        return self._environment.state / "reports"

    def job(self, context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext, *, fresh: bool = False) -> "Job":
        """Opens the job of the run's partition.

        Args:
            context: of an asset or a check.
            fresh: True where the manifest file is read; later stages use what was found valid.
        """
        from esl_pipeline.defs.at_work import actor_of

        tenant, assignment = assignment_of(context)
        run_id = context.run.run_id
        asked = self._asked(tenant, assignment) if fresh else None
        options = self.asking.options(actor_of(context.run.tags))
        return self.pipeline.open_job(tenant, assignment, asked, options, job_id=run_id, run_id=run_id)

    def _asked(self, tenant: str, assignment: str) -> "ManifestText | None":
        from esl_pipeline.defs.at_work import manifest_at, manifest_in, open_inbox, stored_manifest

        if self.asking.manifest_sha256:
            return stored_manifest(self.pipeline.providers.artifacts, tenant, self.asking.manifest_sha256)
        inbox = open_inbox(self._environment)
        if self.asking.manifest_path:
            return manifest_at(inbox, tenant, assignment, self.asking.manifest_path)
        return manifest_in(inbox, tenant, assignment)
