from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from esl_pipeline.definitions import defs
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.stages.prunable import Prunable, edited_long_ago


@pytest.fixture
def prunable(sandbox: Sandboxed, assignment: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Prunable]:
    """A tenant one of whose turns was edited, long ago."""
    with edited_long_ago(sandbox, assignment, monkeypatch) as made:
        yield made


def run(config: dict[str, Any]) -> dg.ExecuteInProcessResult:
    return defs.resolve_job_def("prune_artifacts").execute_in_process(run_config=config, raise_on_error=False)


def told(done: dg.ExecuteInProcessResult) -> dict[str, Any]:
    (output,) = [event for event in done.all_node_events if event.is_successful_output]
    return {name: value.value for name, value in output.step_output_data.metadata.items()}


def files(prunable: Prunable) -> int:
    return len([path for path in (prunable.state / "artifacts" / prunable.tenant).rglob("*") if path.is_file()])


def test_launched_by_hand_the_job_only_says_what_it_would_remove(prunable: Prunable) -> None:
    before = files(prunable)
    done = run({"ops": {"remove_unused": {"config": {"tenant": prunable.tenant}}}})
    assert done.success
    assert files(prunable) == before
    metadata = told(done)
    assert (metadata["prune/dry_run"], metadata["prune/files"]) == (True, 7)
    rows = {record.data["kind"]: record.data["files"] for record in metadata["prune/removed"].records}
    assert rows == {"segments": 2, "tracks": 1, "texts": 3, "snapshots": 1}


def test_the_schedule_is_off_at_first_and_removes_when_it_is_on(prunable: Prunable) -> None:
    schedule = defs.resolve_schedule_def("prune_artifacts_daily")
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    with dg.build_schedule_context() as context:
        (request,) = schedule.evaluate_tick(context).run_requests or []
    before, config = files(prunable), dict(request.run_config)
    config["ops"]["remove_unused"]["config"]["tenant"] = prunable.tenant
    done = run(config)
    assert done.success
    assert told(done)["prune/dry_run"] is False
    assert files(prunable) == before - 2 * 7  # each with its checksum


def test_what_could_not_be_cleaned_fails_the_run_and_says_why(prunable: Prunable) -> None:
    (prunable.state / "publications" / prunable.tenant / "damaged.json").write_text("{")
    done = run({"ops": {"remove_unused": {"config": {"tenant": prunable.tenant, "dry_run": False}}}})
    assert not done.success
    (failure,) = [event.step_failure_data for event in done.all_events if event.is_step_failure]
    assert failure.user_failure_data is not None
    assert "damaged.json is damaged" in (failure.user_failure_data.description or "")
    assert failure.user_failure_data.metadata["prune/files"].value == 0
