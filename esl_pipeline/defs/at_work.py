"""What assets, checks, ops, sensors and schedules work with, as against what defines them.

It is the one way from the definitions to stages, clients and stores, and functions take it when they are called:
loading all of these takes as long as loading Dagster, which a process that only reads the definitions need not wait
for. It is one module because threads tick at the same time: whoever comes second waits here until all is loaded, while
imports that threads begin at different modules of a package can fail with Python's ``_DeadlockError``.
"""

from __future__ import annotations

from esl_pipeline.clients.errors import UnavailableError
from esl_pipeline.clients.events import tell_of, telling_of
from esl_pipeline.clients.sqs import SqsQueue
from esl_pipeline.defs.actors import actor_of
from esl_pipeline.defs.logging import RunLog
from esl_pipeline.defs.progress import PROGRESS
from esl_pipeline.defs.sensors.failed_runs import assignment_of_run, notices_of, stages_done
from esl_pipeline.defs.standing import Stopped, documents_of, standings_of
from esl_pipeline.stages import checks
from esl_pipeline.stages.archive_assignments import Archiving
from esl_pipeline.stages.artifact_place import open_artifacts_of
from esl_pipeline.stages.asking import stored_manifest
from esl_pipeline.stages.catalogue_freshness import catalogue_ages
from esl_pipeline.stages.check_tenants import TenantsCheck
from esl_pipeline.stages.config_place import open_config
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.default_vendors import ClientMakers, DefaultVendors, make_notion, make_s3
from esl_pipeline.stages.drift import is_complete, look_for_drift
from esl_pipeline.stages.drift_check import DriftRound
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stages.event_log import EventLogger, Lines, listen, stop_listening
from esl_pipeline.stages.inbox_cursor import read_cursor, write_cursor
from esl_pipeline.stages.inbox_place import manifest_at, manifest_in, open_inbox
from esl_pipeline.stages.inbox_tick import Around, look_into
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stages.notify.notifier import Notifier
from esl_pipeline.stages.prune_artifacts import prune_artifacts
from esl_pipeline.stages.queue_tick import QueueAround, read_queue_cursor, take_orders
from esl_pipeline.stages.resign_audio import resign_audio
from esl_pipeline.stages.run_stage import describe_failure, failure_kind
from esl_pipeline.stages.secret_places import open_secrets
from esl_pipeline.stages.speech_usage import FIGURES, sum_usage, write_report
from esl_pipeline.stages.sync_voices import catalogues_of, expiry_table, sync_voices, voices_in_use, voices_that_go
from esl_pipeline.stages.usage_plot import as_markdown, usage_plot
from esl_pipeline.stores.protocols import LeaseHeldError
from esl_pipeline.stores.requests import RequestStore
from esl_pipeline.stores.usage import month_before, month_of

__all__ = [
    "FIGURES",
    "PROGRESS",
    "Archiving",
    "Around",
    "ClientMakers",
    "DefaultVendors",
    "DriftRound",
    "EventLogger",
    "JobOptions",
    "LeaseHeldError",
    "Lines",
    "Notifier",
    "QueueAround",
    "RequestStore",
    "RunLog",
    "SqsQueue",
    "Stopped",
    "TenantsCheck",
    "UnavailableError",
    "actor_of",
    "as_markdown",
    "assignment_of_run",
    "catalogue_ages",
    "catalogues_of",
    "checks",
    "create_pipeline",
    "describe_failure",
    "documents_of",
    "expiry_table",
    "failure_kind",
    "is_complete",
    "listen",
    "look_for_drift",
    "look_into",
    "make_notion",
    "make_s3",
    "manifest_at",
    "manifest_in",
    "month_before",
    "month_of",
    "notices_of",
    "open_artifacts_of",
    "open_config",
    "open_inbox",
    "open_secrets",
    "prune_artifacts",
    "read_cursor",
    "read_environment",
    "read_queue_cursor",
    "resign_audio",
    "stages_done",
    "standings_of",
    "stop_listening",
    "stored_manifest",
    "sum_usage",
    "sync_voices",
    "take_orders",
    "tell_of",
    "telling_of",
    "usage_plot",
    "voices_in_use",
    "voices_that_go",
    "write_cursor",
    "write_report",
]
