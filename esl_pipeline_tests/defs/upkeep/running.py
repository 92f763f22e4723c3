"""Runs a job of the upkeep, and looks at what an operator sees of it."""

from __future__ import annotations

from typing import Any

import dagster as dg

from esl_pipeline.definitions import defs


def run(job: str, op: str, instance: dg.DagsterInstance | None = None, **config: Any) -> dg.ExecuteInProcessResult:
    """Runs a job by hand, as the operator Ann."""
    return defs.resolve_job_def(job).execute_in_process(
        run_config={"ops": {op: {"config": config}}}, instance=instance, raise_on_error=False, tags={"user": "ann"}
    )


def scheduled(schedule: str) -> dict[str, Any]:
    """The configuration of the run that a schedule starts."""
    with dg.build_schedule_context() as context:
        (request,) = defs.resolve_schedule_def(schedule).evaluate_tick(context).run_requests or []
    return dict(request.run_config)


def told(done: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """The metadata of a run's only step, also where it failed; tables as lists of rows."""
    found: dict[str, Any] = {}
    for event in done.all_node_events:
        if event.is_successful_output:
            found |= event.step_output_data.metadata
        elif event.is_step_failure and event.step_failure_data.user_failure_data:
            found |= event.step_failure_data.user_failure_data.metadata
    return {name: _plain(value) for name, value in found.items()}


def failure(done: dg.ExecuteInProcessResult) -> str:
    """Why a run failed."""
    (event,) = [event for event in done.all_events if event.is_step_failure]
    assert event.step_failure_data.user_failure_data is not None
    return event.step_failure_data.user_failure_data.description or ""


def _plain(value: dg.MetadataValue[Any]) -> Any:
    return [dict(row.data) for row in value.records] if isinstance(value, dg.TableMetadataValue) else value.value
