from __future__ import annotations

from typing import Any

import dagster as dg
import pytest

from esl_pipeline.definitions import defs
from esl_pipeline.stages.tenants import resume, suspend
from esl_pipeline.stores.publication import Publication
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.stages.publishing import PRESIGNED, TENANT, publication, publish


@pytest.fixture
def ending(sandbox: Sandboxed, four_turns: str, assignment: str, monkeypatch: pytest.MonkeyPatch) -> Sandboxed:
    """A page whose addresses end soon, as far as its publication says."""
    monkeypatch.setenv("ESL_HOME", str(sandbox.home))
    monkeypatch.setenv("ESL_SANDBOX_PORT", str(sandbox.at.base_port))
    publish(sandbox, four_turns, assignment, PRESIGNED)
    age(sandbox, assignment)
    return sandbox


def age(sandbox: Sandboxed, assignment: str) -> None:
    def change(known: Publication) -> None:
        assert known.attachment is not None
        known.attachment.signed_until = known.attachment.signed_at

    sandbox.pipeline().providers.publications.update(TENANT, assignment, change)


def run(**config: Any) -> dg.ExecuteInProcessResult:
    job = defs.resolve_job_def("resign_audio")
    return job.execute_in_process(
        run_config={"ops": {"renew_addresses": {"config": config}}}, raise_on_error=False, tags={"user": "ann"}
    )


def test_the_schedule_is_off_at_first_and_asks_for_all_tenants() -> None:
    schedule = defs.resolve_schedule_def("resign_audio_twice_daily")
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    with dg.build_schedule_context() as context:
        (request,) = schedule.evaluate_tick(context).run_requests or []
    assert request.run_config == {}


def test_the_job_renews_what_ends_and_tells_figures_without_signatures(
    ending: Sandboxed, assignment: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = publication(ending, assignment).attachment
    done = run(tenant=TENANT)
    assert done.success
    after = publication(ending, assignment).attachment
    assert before is not None
    assert after is not None
    assert after.signed_until is not None
    assert before.signed_until is not None
    assert (after.signed_until - before.signed_until).days >= 6
    (output,) = [event for event in done.all_node_events if event.is_successful_output]
    figures: dict[str, Any] = {name: value.value for name, value in output.step_output_data.metadata.items()}
    assert figures["resign/renewed"] == figures["resign/due"] >= 1
    told = "".join(map(str, done.all_events)) + "".join(capfd.readouterr())
    assert "x-amz-signature" not in told.lower()
    entries = ending.pipeline().providers.audit.entries(TENANT)
    assert [entry for entry in entries if "x-amz" in str(entry).lower()] == []


def test_a_suspended_tenant_is_passed_over(ending: Sandboxed, assignment: str) -> None:
    providers = ending.pipeline().providers
    suspend(providers, TENANT, "operator:ann", "has not paid")
    with ending.watched() as seen:
        done = run(most_pages=1)
    resume(providers, TENANT, "operator:ann")
    (output,) = [event for event in done.all_node_events if event.is_successful_output]
    assert output.step_output_data.metadata["resign/passed_over"].value == TENANT
    assert output.step_output_data.metadata["resign/due"].value == 0
    assert seen == []


def test_a_page_that_could_not_be_signed_fails_the_run_and_is_named(ending: Sandboxed, assignment: str) -> None:
    attachment = publication(ending, assignment).attachment
    assert attachment is not None
    block = attachment.block_id
    with ending.faults({"vendor": "notion", "method": "PATCH", "path": block, "kind": "400"}):
        done = run(tenant=TENANT)
    assert not done.success
    (failure,) = [event.step_failure_data for event in done.all_events if event.is_step_failure]
    assert failure.user_failure_data is not None
    assert f"{TENANT}/{assignment}: " in (failure.user_failure_data.description or "")
