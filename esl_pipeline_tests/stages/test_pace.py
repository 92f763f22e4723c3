"""What a job that has to wait for its turn tells and does, and where the pace is kept."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa

from esl_pipeline.clients import NotionClient
from esl_pipeline.clients.pace import Asker, Paced, PaceLimits, fingerprint
from esl_pipeline.clients.pace.book import Book, from_bytes
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.context import JobCancelledError
from esl_pipeline.stages.environment import Environment, read_environment
from esl_pipeline.stages.job import Job, JobOptions
from esl_pipeline.stages.pace_place import open_pace
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stores.machine_records import FILE, MachineRecords
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.stages.speech_stage import kinds, short

TOKEN = "ntn_paced"
MOST = 5
SPEECH = Asker("elevenlabs", fingerprint("elevenlabs", "sandbox"), "another", PaceLimits(concurrent=MOST))
"""Somebody with the key that all tenants of the sandbox share."""


@pytest.fixture
def lesson(sandbox: Sandboxed, four_turns: str, assignment: str) -> Path:
    return sandbox.write(short(four_turns, assignment), assignment)


@contextmanager
def all_taken(sandbox: Sandboxed) -> Iterator[None]:
    """Holds all turns at ElevenLabs."""
    pace = open_pace(sandbox.environment)
    with ExitStack() as stack:
        for _ in range(MOST):
            stack.enter_context(pace.turn(SPEECH, 60))
        yield


def book(environment: Environment) -> Book:
    records = MachineRecords(environment.home / environment.target / "pace")
    return records.change(SPEECH.key, lambda content, _now: (content, from_bytes(content)))


def waiting_for(sandbox: Sandboxed, tenant: str) -> bool:
    return any(one.tenant == tenant for one in book(sandbox.environment).waiting.values())


def job_of(sandbox: Sandboxed, lesson: Path, tenant: str, stop: Event) -> Job:
    options = JobOptions(hooks={"cancelled": stop.is_set})
    job = sandbox.pipeline().open_job(tenant, "lesson", manifest_file(lesson), options)
    sandbox.pipeline().run_stage(Stage.MANIFEST, job)
    return job


def test_a_stage_that_waited_says_so(sandbox: Sandboxed, lesson: Path, assignment: str) -> None:
    job = job_of(sandbox, lesson, assignment, Event())
    with ThreadPoolExecutor(1) as pool:
        with all_taken(sandbox):
            speaking = pool.submit(sandbox.pipeline().run_stage, Stage.SPEECH, job)
            while not waiting_for(sandbox, assignment):
                assert not speaking.done()
        outcome = speaking.result(60)
    assert outcome.metrics["elevenlabs/waited_s"] > 0
    publication = sandbox.pipeline().providers.publications.read(assignment, "lesson")
    assert publication
    assert (
        publication.stages[Stage.SPEECH.value].metrics["elevenlabs/waited_s"] == outcome.metrics["elevenlabs/waited_s"]
    )


def test_a_stage_that_need_not_wait_says_nothing_of_it(sandbox: Sandboxed, lesson: Path, assignment: str) -> None:
    outcome = sandbox.pipeline().run_stage(Stage.SPEECH, job_of(sandbox, lesson, assignment, Event()))
    assert "elevenlabs/waited_s" not in outcome.metrics


def test_a_job_is_cancelled_while_it_waits_and_buys_nothing(sandbox: Sandboxed, lesson: Path, assignment: str) -> None:
    stop = Event()
    job = job_of(sandbox, lesson, assignment, stop)
    with ThreadPoolExecutor(1) as pool, all_taken(sandbox), sandbox.watched("elevenlabs") as seen:
        speaking = pool.submit(sandbox.pipeline().run_stage, Stage.SPEECH, job)
        while not waiting_for(sandbox, assignment):
            assert not speaking.done()
        stop.set()
        with pytest.raises(JobCancelledError):
            speaking.result(60)
        assert not waiting_for(sandbox, assignment)
    assert seen == []
    stop.clear()
    sandbox.pipeline().run_stage(Stage.SPEECH, job)
    assert kinds(sandbox, assignment)["bought"] == 4


@pytest.mark.slow
def test_the_sandbox_never_has_to_refuse_a_request(sandbox: Sandboxed, tmp_path: Path) -> None:
    """Four clients of two tenants, each with a pace of its own on one file, as four processes have."""
    limits = PaceLimits(requests=30, window_s=2.0)
    sandbox.control("limits", {"connection": 30, "window_s": 2.0})
    sandbox.control("traffic", {"window_s": 2.0})

    def send(number: int) -> None:
        paced = Paced(open_pace(environment(tmp_path)), limits)
        notion = NotionClient(TOKEN, sandbox.at.notion_url, tenant=f"school-{number % 2}", paced=paced)
        for _ in range(18):
            notion.retrieve_user()

    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(send, range(4)))
        seen = sandbox.control("traffic").json()["notion"][fingerprint("notion", TOKEN)]
    finally:
        sandbox.control("limits", {})
        sandbox.control("traffic", {})
    assert (seen["requests"], seen["refused"]) == (72, 0)
    assert 15 < seen["most_in_window"] <= 30


def environment(home: Path, **variables: str) -> Environment:
    return read_environment({"ESL_HOME": str(home), **variables})


def use(of: Environment) -> None:
    with open_pace(of).turn(SPEECH, 60):
        pass


@pytest.mark.parametrize("state", ["", "s3://bucket/prefix"])
def test_without_a_postgres_the_pace_is_kept_in_a_file_of_the_machine(tmp_path: Path, state: str) -> None:
    use(environment(tmp_path, ESL_STATE=state))
    assert (tmp_path / "sandbox" / "pace" / FILE).is_file()


@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize("variable", ["ESL_STATE", "ESL_DAGSTER_POSTGRES_URL"])
def test_the_pace_is_kept_in_the_postgres_of_the_state_or_of_dagster(
    tmp_path: Path, postgres: sa.Engine, variable: str
) -> None:
    url = postgres.url.render_as_string(hide_password=False)
    use(environment(tmp_path, **{"ESL_STATE": "s3://bucket/prefix", variable: url}))
    with postgres.begin() as connection:
        keys = connection.execute(sa.text("SELECT key FROM esl.records")).scalars().all()
    assert keys == [f"sandbox/{SPEECH.key}"]
    assert not (tmp_path / "sandbox" / "pace").exists()


@pytest.mark.xdist_group("postgres")
def test_records_that_nobody_changes_are_removed_after_a_day(tmp_path: Path, postgres: sa.Engine) -> None:
    rows = environment(tmp_path, ESL_STATE=postgres.url.render_as_string(hide_password=False))
    statement = "INSERT INTO esl.records VALUES (:key, 'x', now() - :age * interval '1 hour')"
    with postgres.begin() as connection:
        connection.execute(sa.text(statement), [{"key": "old", "age": 25}, {"key": "new", "age": 23}])
    use(rows)
    with postgres.begin() as connection:
        keys = connection.execute(sa.text("SELECT key FROM esl.records")).scalars().all()
    assert sorted(keys) == ["new", f"sandbox/{SPEECH.key}"]


def test_a_pace_that_can_not_be_kept_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "sandbox" / "pace"
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(b"this is no database" * 100)
    use(environment(tmp_path))
    use(environment(tmp_path, ESL_STATE="postgresql://nobody@127.0.0.1:1/none"))
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "is not a database" in caplog.text
    assert "Postgres" in caplog.messages[1]
