"""What Dagster knows of a failed run, as something to tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from dagster._core.definitions.metadata import MetadataValue
from dagster._core.storage.tags import PARTITION_NAME_TAG
from dagster_shared.error import SerializableErrorInfo

from esl_pipeline.clients.redaction import Redactor
from esl_pipeline.defs.launch_check import REFUSED_TAG
from esl_pipeline.defs.partitions import ASSIGNMENT_TAG, TENANT_TAG
from esl_pipeline.defs.sensors.lost_retries import starts_again
from esl_pipeline.slugs import parse_partition_key
from esl_pipeline.stages.notify.notice import Notice

READ_AGAIN = "Read the run's log, and report it with that."
RUN_AGAIN = "Run it again: it goes on from where it stopped. If it ends so once more, report it with the run's log."


def notices_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Iterator[Notice]:
    """Yields a notice for each step that failed, or for the run where none did; none where it is started again."""
    if starts_again(instance, run):
        return
    found = False
    for record in instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records:
        if event := record.event_log_entry.dagster_event:
            found = True
            notice = _of_step(run, event, record.timestamp)
            if notice.failure != "cancelled":
                yield notice
    if not found:
        yield from _of_run(instance, run)


def assignment_of_run(run: dg.DagsterRun) -> tuple[str, str]:
    """Returns tenant and assignment of a run; empty where it is of none."""
    tenant, assignment = run.tags.get(TENANT_TAG, ""), run.tags.get(ASSIGNMENT_TAG, "")
    if tenant and assignment:
        return tenant, assignment
    try:
        return parse_partition_key(run.tags.get(PARTITION_NAME_TAG, ""))
    except ValueError:
        return "", ""


def stages_done(instance: dg.DagsterInstance, run: dg.DagsterRun) -> set[str]:
    """Returns the steps that a run did."""
    records = instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.STEP_SUCCESS).records
    return {record.event_log_entry.step_key or "" for record in records}


def _of_step(run: dg.DagsterRun, event: dg.DagsterEvent, timestamp: float) -> Notice:
    failure = event.step_failure_data
    told = failure.user_failure_data
    said = _texts(told.metadata) if told else {}
    error = _cause_of(failure.error)
    if told:
        message = said.get("failure/message") or told.description or ""
        words = {"failure": said.get("failure/kind", "rejected"), "message": message}
    else:
        code = (error.cls_name or "") if error else ""
        words = {"failure": "failed", "code": code, "message": error.message if error else "", "fix": READ_AGAIN}
    fields = ("vendor", "code", "status", "request_id", "fix")
    named = {name: said[f"failure/{name}"] for name in fields if f"failure/{name}" in said}
    sha256 = said.get("manifest/sha256", "")
    return _notice(run, timestamp, stage=event.step_key or "", manifest_sha256=sha256, **words | named)


def _of_run(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Iterator[Notice]:
    for record in instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE).records[-1:]:
        event = record.event_log_entry.dagster_event
        error = _cause_of(event.job_failure_data.error if event and event.event_specific_data else None)
        message = (error.message if error else "") or (event.message if event else "") or "The run failed."
        words = {"failure": "failed", "code": "run_failed", "fix": RUN_AGAIN}
        if code := run.tags.get(REFUSED_TAG):
            words = {"failure": "rejected", "code": code}
        yield _notice(run, record.timestamp, message=message, **words)


def _cause_of(error: SerializableErrorInfo | None) -> SerializableErrorInfo | None:
    while error and error.cause:
        error = error.cause
    return error


def _notice(run: dg.DagsterRun, timestamp: float, **fields: str) -> Notice:
    tenant, assignment = assignment_of_run(run)
    clean = Redactor(())
    fields["message"] = clean(fields["message"])
    return Notice(
        at=datetime.fromtimestamp(timestamp, UTC),
        tenant=tenant or run.tags.get(TENANT_TAG, ""),
        assignment=assignment,
        job=run.job_name,
        run_id=run.run_id,
        **fields,
    )


def _texts(metadata: Mapping[str, MetadataValue[Any]]) -> dict[str, str]:
    return {name: value.value for name, value in metadata.items() if isinstance(value.value, str)}
