from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest
from dagster._core.execution.retries import auto_reexecution_should_retry_run

from esl_pipeline.defs.launch_check import unlaunchable
from esl_pipeline.defs.sensors.failed_runs import notices_of
from esl_pipeline_tests.defs.queued import Queue, queue


@pytest.fixture
def waiting() -> Iterator[Queue]:
    with queue() as made:
        yield made


def refused(waiting: Queue, run: dg.DagsterRun) -> tuple[str, str]:
    """Code and words of a run that was not begun."""
    assert run.status is dg.DagsterRunStatus.FAILURE
    waiting.look()
    assert waiting.launched == []
    (notice,) = notices_of(waiting.instance, run)
    assert notice.failure == "rejected"
    return notice.code, notice.message


def test_a_run_without_a_partition_fails_before_it_waits_and_says_what_to_do(waiting: Queue) -> None:
    code, message = refused(waiting, waiting.submit(None))
    assert code == "no_partition"
    assert message.startswith("publish_lesson was launched without a partition. Launch it")
    assert "such as my-school/week-1" in message


def test_a_run_of_a_partition_that_is_not_there_fails_before_it_waits(waiting: Queue) -> None:
    code, message = refused(waiting, waiting.submit(None, **{"dagster/partition": "school/gone"}))
    assert code == "unknown_partition"
    assert message.startswith("There is no partition 'school/gone', or it was archived. Put its lesson into the inbox")


def test_nobody_starts_a_refused_run_again(waiting: Queue) -> None:
    run = waiting.submit(None)
    assert not auto_reexecution_should_retry_run(waiting.instance, run, run_failure_reason=None)


def test_a_run_of_a_partition_that_is_there_waits(waiting: Queue) -> None:
    assert waiting.submit("school/week-1").status is dg.DagsterRunStatus.QUEUED


@pytest.mark.parametrize(
    ("job", "assets", "code"),
    [
        ("recolour", [], "no_partition"),
        ("sync_voices", [], "no_partition"),
        ("sum_speech_usage", [], "no_partition"),
        ("__ASSET_JOB", ["notion_page"], "no_partition"),
        ("__ASSET_JOB", ["voice_catalogue"], "no_partition"),
        ("__ASSET_JOB", ["speech_usage"], "no_partition"),
        ("__ASSET_JOB", [], None),
        ("drift_check", [], None),
        ("check_voices", [], None),
    ],
)
def test_only_jobs_and_assets_with_partitions_need_one(
    waiting: Queue, job: str, assets: list[str], code: str | None
) -> None:
    run = dg.DagsterRun(job, asset_selection=frozenset(map(dg.AssetKey, assets)))
    why = unlaunchable(waiting.instance, run)
    assert (why.code if why else None) == code


@pytest.mark.parametrize("month", ["2027-05", "1999-01", "2026-13"])
def test_a_month_that_is_none_or_not_there_yet_is_refused(waiting: Queue, month: str) -> None:
    why = unlaunchable(waiting.instance, dg.DagsterRun("sum_speech_usage", tags={"dagster/partition": month}))
    assert why is not None
    assert why.code == "unknown_partition"
    assert "Choose a month up to this one" in why.message


def test_a_month_is_taken(waiting: Queue) -> None:
    run = dg.DagsterRun("sum_speech_usage", tags={"dagster/partition": "2026-03"})
    assert unlaunchable(waiting.instance, run) is None


@pytest.mark.parametrize("job", ["publish_lesson", "sync_voices", "sum_speech_usage"])
def test_one_run_is_not_for_a_range_of_partitions(waiting: Queue, job: str) -> None:
    why = unlaunchable(waiting.instance, dg.DagsterRun(job, tags={"dagster/asset_partition_range_start": "2026-03"}))
    assert why is not None
    assert why.message.startswith(f"{job} was launched for several partitions at once.")


def test_a_partition_that_can_not_be_is_told_how_it_should_look(waiting: Queue) -> None:
    why = unlaunchable(waiting.instance, dg.DagsterRun("recolour", tags={"dagster/partition": "Nobody Nothing"}))
    assert why is not None
    assert "write tenant/assignment, such as my-school/week-1" in why.message


@pytest.mark.parametrize("job", ["recolour", "drift_check"])
@pytest.mark.parametrize(
    "config",
    [
        {"resources": {"asking": {"config": {"preset": {"env": "OPENAI_API_KEY"}}}}},
        {"ops": {"x": {"config": {"tenants": ["a", {"env": "OPENAI_API_KEY"}]}}}},
    ],
)
def test_no_value_comes_from_the_environment(waiting: Queue, job: str, config: dict[str, Any]) -> None:
    run = dg.DagsterRun(job, run_config=config, tags={"dagster/partition": "school/week-1"})
    why = unlaunchable(waiting.instance, run)
    assert why is not None
    assert why.code == "config_from_environment"
    assert "OPENAI_API_KEY" in why.message
