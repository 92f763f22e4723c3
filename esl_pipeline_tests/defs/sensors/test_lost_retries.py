from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import dagster as dg
import psycopg2  # type: ignore[import-untyped]
import pytest
import sqlalchemy as sa
from dagster._core.events import RunFailureReason
from dagster._core.storage.tags import (
    AUTO_RETRY_RUN_ID_TAG,
    MAX_RETRIES_TAG,
    PARTITION_NAME_TAG,
    RUN_FAILURE_REASON_TAG,
    WILL_RETRY_TAG,
)
from dagster._core.test_utils import create_run_for_test
from dagster_postgres.utils import DagsterPostgresException

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.defs.failures import as_dagster_failures
from esl_pipeline.defs.partitions import add_assignments, tags_of
from esl_pipeline.defs.sensors.lost_retries import (
    AGAIN_TAG,
    DAGSTERS_TIME,
    MOST_AGAIN,
    lost_retries,
    lost_retries_sensor,
)
from esl_pipeline.stores.documents import StoreUnavailableError

KEY = "school/week-1"
CRASHED = {
    PARTITION_NAME_TAG: KEY,
    WILL_RETRY_TAG: "false",
    RUN_FAILURE_REASON_TAG: RunFailureReason.START_TIMEOUT.value,
}
"""What Dagster leaves behind when the code server was down as it wanted to start a run again."""


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    retries = {"enabled": True, "max_retries": 3, "retry_on_asset_or_op_failure": False}
    with dg.DagsterInstance.local_temp(overrides={"run_retries": retries}) as made:
        add_assignments(made, [KEY])
        yield made


def add(
    instance: dg.DagsterInstance,
    status: dg.DagsterRunStatus = dg.DagsterRunStatus.FAILURE,
    tags: Mapping[str, str] | None = None,
) -> dg.DagsterRun:
    made: dg.DagsterRun = create_run_for_test(
        instance,
        job_name="publish_lesson",
        status=status,
        tags={**CRASHED, **(tags or {})},
        run_config={"resources": {}},
    )
    return made


def lost(instance: dg.DagsterInstance, later: bool = False) -> list[str]:
    now = datetime.now(UTC) + (DAGSTERS_TIME * 2 if later else DAGSTERS_TIME * 0)
    return [run.run_id for run in lost_retries(instance, now)]


def test_a_crashed_run_that_dagster_could_not_start_again_is_asked_for_once_more(instance: dg.DagsterInstance) -> None:
    run = add(instance)
    with dg.build_sensor_context(instance=instance) as context:
        outcome = lost_retries_sensor(context)
    assert isinstance(outcome, dg.SensorResult)
    [request] = outcome.run_requests or []
    assert (request.job_name, request.partition_key) == ("publish_lesson", KEY)
    assert request.run_key == f"again:{run.run_id}"
    assert request.run_config == {"resources": {}}
    assert request.tags.items() >= {**tags_of(KEY), AGAIN_TAG: "1"}.items()


def test_what_dagster_said_it_would_start_again_is_its_own_for_a_while(instance: dg.DagsterInstance) -> None:
    run = add(instance, tags={WILL_RETRY_TAG: "true"})
    assert lost(instance) == []
    assert lost(instance, later=True) == [run.run_id]


def test_a_run_that_dagster_started_again_is_not_started_twice(instance: dg.DagsterInstance) -> None:
    add(instance, tags={WILL_RETRY_TAG: "true", AUTO_RETRY_RUN_ID_TAG: "another"})
    assert lost(instance, later=True) == []


def test_a_failure_of_a_stage_is_left_to_people(instance: dg.DagsterInstance) -> None:
    add(instance, tags={RUN_FAILURE_REASON_TAG: RunFailureReason.STEP_FAILURE.value})
    assert lost(instance, later=True) == []


def failed_with(instance: dg.DagsterInstance, error: Exception) -> str:
    """Lets a step fail; returns the run's id."""

    @dg.op
    def stage() -> None:
        with as_dagster_failures():
            raise error

    @dg.job(name="publish_lesson")
    def job() -> None:
        stage()

    tags = {PARTITION_NAME_TAG: KEY}
    done = job.execute_in_process(instance=instance, tags=tags, raise_on_error=False)
    run = instance.get_run_by_id(done.run_id)
    assert run is not None
    assert run.tags.items() >= {WILL_RETRY_TAG: "false", RUN_FAILURE_REASON_TAG: "STEP_FAILURE"}.items()
    return done.run_id


def wrapped(error: Exception) -> Exception:
    try:
        raise sa.exc.OperationalError("SELECT 1", {}, error) from error
    except sa.exc.OperationalError as outer:
        return outer


@pytest.mark.parametrize(
    "error",
    [
        psycopg2.OperationalError("the database system is not yet accepting connections"),
        wrapped(psycopg2.OperationalError("server closed the connection unexpectedly")),
        DagsterPostgresException("too many retries for DB connection"),
        StoreUnavailableError("The state is out of reach."),
    ],
)
def test_a_step_that_failed_as_a_store_was_away_is_started_again(
    instance: dg.DagsterInstance, error: Exception
) -> None:
    run_id = failed_with(instance, error)
    assert lost(instance) == [run_id]


@pytest.mark.parametrize(
    "error",
    [ZeroDivisionError(), UnavailableError("notion", "timeout", "No answer."), RejectedError("s3", "NoSuchBucket", "")],
)
def test_a_step_that_failed_for_a_reason_of_its_own_is_left_to_people(
    instance: dg.DagsterInstance, error: Exception
) -> None:
    failed_with(instance, error)
    assert lost(instance, later=True) == []


@pytest.mark.parametrize(
    "status", [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.CANCELED]
)
def test_an_assignment_that_has_a_newer_run_is_left_alone(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus
) -> None:
    add(instance)
    add(instance, status)
    assert lost(instance, later=True) == []


def test_a_retry_that_was_made_but_never_queued_is_none(instance: dg.DagsterInstance) -> None:
    run = add(instance)
    add(instance, dg.DagsterRunStatus.NOT_STARTED)
    assert lost(instance) == [run.run_id]


@pytest.mark.parametrize("tags", [{AGAIN_TAG: str(MOST_AGAIN)}, {MAX_RETRIES_TAG: "0"}])
def test_it_ends(instance: dg.DagsterInstance, tags: Mapping[str, str]) -> None:
    add(instance, tags=tags)
    assert lost(instance, later=True) == []


def test_an_archived_assignment_is_not_published_again(instance: dg.DagsterInstance) -> None:
    add(instance)
    instance.delete_dynamic_partition("assignments", KEY)
    assert lost(instance) == []
