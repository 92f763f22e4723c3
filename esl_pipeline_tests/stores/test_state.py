"""All state in one place. That addresses which are none are told is tested with the environment's variables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import sqlalchemy as sa
from botocore.awsrequest import AWSRequest
from botocore.config import Config

from esl_pipeline.stages.run_stage import failure_kind
from esl_pipeline.stores.addresses import CONNECTIONS, engine_of
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.postgres import PostgresJournal
from esl_pipeline.stores.s3_documents import UnsuitableStoreError
from esl_pipeline.stores.state import State, memory_state, open_state
from esl_pipeline_tests.stores.conftest import POSTGRES
from esl_pipeline_tests.stores.journal_child import MONTH, entry, open_place, told

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NOBODY = "127.0.0.1:1"


def use(state: State) -> None:
    """Writes into every store of a state."""
    state.publications.update("school", "week-1", lambda publication: None)
    state.usage.add("school", MONTH, lambda _: [entry()])
    state.audit.append(told())


def no_client() -> S3Client:
    raise AssertionError("nobody asked for S3")


def client_of_nobody() -> S3Client:
    return boto3.client(
        "s3",
        endpoint_url=f"http://{NOBODY}",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        region_name="us-east-1",
        config=Config(proxies={}, retries={"total_max_attempts": 1}),
    )


def test_what_one_process_wrote_another_reads(state_address: str) -> None:
    use(open_place(state_address))
    state = open_place(state_address)
    assert state.publications.read("school", "week-1") is not None
    assert list(state.usage.lines("school", MONTH)) == [entry()]
    assert state.audit.verify("school") == 1


@POSTGRES
def test_sandbox_and_live_are_apart_in_one_database(postgres: sa.Engine, tmp_path: Path) -> None:
    address = postgres.url.render_as_string(hide_password=False)
    sandbox, live = (open_state(address, tmp_path, f"{name}/", no_client) for name in ("sandbox", "live"))
    use(sandbox)
    assert live.publications.read("school", "week-1") is None
    assert list(live.usage.months()) == []
    assert live.audit.verify("school") == 0


def test_state_in_memory_is_whole() -> None:
    state = memory_state()
    use(state)
    assert state.audit.verify("school") == 1


@pytest.mark.parametrize("address", [None, ""])
def test_files_are_made_when_they_are_needed(tmp_path: Path, address: str | None) -> None:
    state = open_state(address, tmp_path / "state", "", no_client)
    assert state.publications.read("school", "week-1") is None
    assert not (tmp_path / "state").exists()
    use(state)
    assert list((tmp_path / "state").rglob("week-1.json"))


@pytest.mark.parametrize("address", [f"postgresql://ann@{NOBODY}/esl", "s3://bucket/prefix"])
def test_a_place_that_does_not_answer_is_first_missed_when_it_is_used(tmp_path: Path, address: str) -> None:
    state = open_state(address, tmp_path, "live/", client_of_nobody)
    with pytest.raises(StoreUnavailableError) as caught:
        use(state)
    assert failure_kind(caught.value) == "unavailable"
    assert not list(tmp_path.iterdir())


@POSTGRES
def test_threads_wait_for_one_another_and_open_few_connections(postgres: sa.Engine) -> None:
    address = postgres.url.render_as_string(hide_password=False)
    journal = PostgresJournal(engine_of(address))

    def add(number: int) -> None:
        journal.add(f"own/{number}", lambda _: [*journal.lines("common"), b"line"])

    journal.add("common", lambda _: [b"read while deciding"])
    with ThreadPoolExecutor(16) as threads:
        for done in [threads.submit(add, number) for number in range(64)]:
            done.result(timeout=20)
    assert journal.lines("own/63") == (b"read while deciding", b"line")
    postgres.dispose()
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with sa.create_engine(postgres.url, poolclass=sa.NullPool).connect() as connection:
        assert connection.execute(sa.text(others)).scalar_one() == CONNECTIONS


def ignore_conditions(request: AWSRequest, **_: Any) -> None:
    for header in ("If-Match", "If-None-Match"):
        del request.headers[header]


def test_a_bucket_that_ignores_conditions_is_refused_before_anything_is_written(aws: str, tmp_path: Path) -> None:
    client = boto3.client("s3", config=Config(proxies={}))
    client.create_bucket(Bucket="careless")
    client.meta.events.register("before-sign.s3.PutObject", ignore_conditions)
    state = open_state("s3://careless/esl", tmp_path, "live/", lambda: client)
    for write in (
        lambda: state.publications.update("school", "week-1", lambda publication: None),
        lambda: state.usage.add("school", MONTH, lambda _: [entry()]),
        lambda: state.audit.append(told()),
    ):
        with pytest.raises(
            UnsuitableStoreError, match=r"The bucket careless ignores conditions .* AWS S3, Ceph"
        ) as caught:
            write()
        assert failure_kind(caught.value) == "rejected"
    assert [found["Key"] for found in client.list_objects_v2(Bucket="careless")["Contents"]] == [
        "esl/live/conditions.json"
    ]
