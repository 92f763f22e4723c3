from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from esl_pipeline.definitions import defs
from esl_pipeline.defs.partitions import add_assignments, tags_of
from esl_pipeline.defs.sensors import failures
from esl_pipeline.defs.sensors.failures import notify_failures
from esl_pipeline_tests.receiving import HttpReceiver, http_receiver
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.stages.notify.told import KEY


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as made:
        yield made


@pytest.fixture
def instance(
    sandbox: Sandboxed, monkeypatch: pytest.MonkeyPatch, receiver: HttpReceiver
) -> Iterator[dg.DagsterInstance]:
    """An instance over the sandbox, whose operators have a webhook."""
    for name, value in {
        "ESL_HOME": str(sandbox.home),
        "ESL_SANDBOX_PORT": str(sandbox.at.base_port),
        "ESL_OPERATORS_WEBHOOK": f"{receiver.url}/operators",
        "ESL_OPERATORS_WEBHOOK_KEY": KEY,
        "ESL_DAGSTER_URL": "http://dagster.example",
    }.items():
        monkeypatch.setenv(name, value)
    failures._pipeline.cache_clear()
    monkeypatch.setattr("esl_pipeline.stages.notify.book.GATHERING", timedelta(0))
    retries = {"enabled": True, "max_retries": 3, "retry_on_asset_or_op_failure": False}
    with dg.DagsterInstance.ephemeral(settings={"run_retries": retries}) as made:
        yield made
    failures._pipeline.cache_clear()


class Ticks:
    """Evaluates the sensor again and again, each time as a new process that knows the cursor alone."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance, self.cursor = instance, ""

    def tick(self) -> str:
        with dg.build_sensor_context(instance=self._instance, cursor=self.cursor) as context:
            outcome = notify_failures(context)
            assert isinstance(outcome, dg.SkipReason)
            self.cursor = context.cursor or ""
        return outcome.skip_message or ""


def publish(instance: dg.DagsterInstance, key: str, path: Path, **options: Any) -> dg.ExecuteInProcessResult:
    add_assignments(instance, [key])
    return defs.resolve_job_def("publish_lesson").execute_in_process(
        instance=instance,
        partition_key=key,
        run_config={"resources": {"asking": {"config": {"retries": 0, "manifest_path": str(path)}}}},
        tags=tags_of(key) | options.pop("tags", {}),
        raise_on_error=False,
    )


def notices(receiver: HttpReceiver) -> list[dict[str, Any]]:
    return [notice for post in receiver.posts for notice in post.body["data"]["notices"]]


def test_what_failed_is_told_with_what_to_do_and_that_it_is_published_again(
    instance: dg.DagsterInstance, receiver: HttpReceiver, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    key, ticks = f"{assignment}/week-1", Ticks(instance)
    publish(instance, f"{assignment}/before", sandbox.write(four_turns.replace("## 4.", "## 44."), "before"))
    ticks.tick()
    assert receiver.posts == []
    lesson = sandbox.write(four_turns.replace("I have packed", f"{assignment[:6]}, I have packed"), assignment)
    quota = {"detail": {"status": "quota_exceeded", "message": "This exceeds your quota.", "request_id": "q-7"}}
    with sandbox.faults({"vendor": "elevenlabs", "path": "text-to-speech", "every": 1, "status": 401, "body": quota}):
        failed = publish(instance, key, lesson)
        again = publish(instance, key, lesson)
    assert "1 messages were sent" in ticks.tick()
    (notice,) = notices(receiver)
    assert (notice["tenant"], notice["assignment"], notice["stage"]) == (assignment, "week-1", "audio_segments")
    assert (notice["vendor"], notice["code"], notice["failure"]) == ("elevenlabs", "quota_exceeded", "rejected")
    assert notice["request_id"] == "q-7"
    assert notice["fix"]
    assert len(notice["manifest_sha256"]) == 64
    assert notice["run_url"] == f"http://dagster.example/runs/{failed.run_id}"
    assert again.run_id not in str(receiver.posts[0].body)
    assert ticks.tick() == "There is nothing to tell."
    assert publish(instance, key, lesson).success
    ticks.tick()
    assert [one["kind"] for one in notices(receiver)] == ["failed", "recovered"]
    assert ticks.tick() == "There is nothing to tell."
    assert len(receiver.posts) == 2


def test_a_lesson_with_errors_is_told_again_when_it_was_changed_and_still_has_some(
    instance: dg.DagsterInstance, receiver: HttpReceiver, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    key, ticks = f"school/{assignment}", Ticks(instance)
    ticks.tick()
    for text in (four_turns.replace("## 4.", "## 44."), four_turns.replace("## 4.", "## 45.")):
        for _ in range(2):
            assert not publish(instance, key, sandbox.write(text, assignment)).success
    ticks.tick()
    told = notices(receiver)
    assert [one["code"] for one in told] == ["lesson_errors", "lesson_errors"]
    assert "Mend each of these where it stands, then run again." in told[0]["fix"]


def test_a_run_whose_worker_died_is_told_only_when_nobody_starts_it_again(
    instance: dg.DagsterInstance, receiver: HttpReceiver, assignment: str
) -> None:
    key, ticks = f"school/{assignment}", Ticks(instance)
    ticks.tick()
    tags = {"dagster/partition": key}
    for more in ({}, {"dagster/max_retries": "0"}):
        run = create_run_for_test(instance, job_name="publish_lesson", tags=tags | more)
        instance.report_run_failed(run, "The worker was killed.")
        ticks.tick()
    (notice,) = notices(receiver)
    assert notice["run_id"] == run.run_id
    assert (notice["failure"], notice["code"]) == ("failed", "run_failed")
    assert notice["message"] == "The worker was killed."
    assert notice["fix"].startswith("Run it again: it goes on from where it stopped.")
    assert f"{key}: publish_lesson failed." in receiver.posts[0].body["data"]["text"]


def test_a_failed_clean_up_is_told_to_the_operators(
    instance: dg.DagsterInstance, receiver: HttpReceiver, sandbox: Sandboxed, assignment: str
) -> None:
    ticks = Ticks(instance)
    ticks.tick()
    broken = sandbox.environment.tenants / f"{assignment}.yaml"
    broken.parent.mkdir(parents=True, exist_ok=True)
    broken.write_text("settings: [")
    folder = sandbox.environment.state / "publications" / assignment
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "x.json").write_text("{}")
    done = defs.resolve_job_def("prune_artifacts").execute_in_process(
        instance=instance,
        run_config={"ops": {"remove_unused": {"config": {"tenant": assignment}}}},
        raise_on_error=False,
    )
    broken.unlink()
    (folder / "x.json").unlink()
    assert not done.success
    ticks.tick()
    (notice,) = notices(receiver)
    assert (notice["job"], notice["stage"], notice["assignment"]) == ("prune_artifacts", "remove_unused", "")
    assert assignment in notice["message"]


def test_where_nobody_is_to_be_told_nothing_is_kept(
    instance: dg.DagsterInstance,
    receiver: HttpReceiver,
    sandbox: Sandboxed,
    four_turns: str,
    assignment: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ESL_OPERATORS_WEBHOOK")
    before = sorted((sandbox.environment.state / "notices").rglob("*"))
    ticks = Ticks(instance)
    ticks.tick()
    publish(instance, f"school/{assignment}", sandbox.write(four_turns.replace("## 4.", "## 44."), assignment))
    assert ticks.tick() == "There is nothing to tell."
    assert sorted((sandbox.environment.state / "notices").rglob("*")) == before
