from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from esl_pipeline.clients.surroundings import MachineClock
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stages.job_record import JobRecord
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stores.audit import AuditEntry, AuditLog
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline_tests.sandboxed import Sandboxed, succeeded
from esl_pipeline_tests.stages.speech_stage import Hurried, short

ALL = [stage.value for stage in Stage]


def publish(sandbox: Sandboxed, lesson: str, tenant: str, actor: str = "operator:ann", **changes: Any) -> JobRecord:
    """Publishes for somebody, with some providers of the test's own."""
    pipeline = sandbox.pipeline()
    pipeline = replace(pipeline, providers=replace(pipeline.providers, **changes))
    asked = manifest_file(sandbox.write(lesson, tenant))
    return pipeline.new_assignment(tenant, "lesson", asked, JobOptions(hooks={"actor": actor}))


def entries(sandbox: Sandboxed, tenant: str) -> list[AuditEntry]:
    log = sandbox.pipeline().providers.audit
    found = list(log.entries(tenant))
    assert log.verify(tenant) == len(found)
    return found


def stages(found: list[AuditEntry]) -> list[str]:
    return [entry.details["stage"] for entry in found]


def test_a_publication_is_told_stage_by_stage_and_a_second_run_that_does_nothing_is_not(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    lesson = short(four_turns, assignment)
    record = succeeded(publish(sandbox, lesson, assignment))
    told = entries(sandbox, assignment)
    assert sorted(stages(told)) == sorted(ALL)
    assert {(one.actor, one.outcome, one.run_id, one.assignment) for one in told} == {
        ("operator:ann", "succeeded", record.run_id, "lesson")
    }
    assert {one.details["manifest_sha256"] for one in told} == {record.manifest_sha256}
    by_stage = dict(zip(stages(told), told, strict=True))
    assert by_stage["notion_page"].details["stands"]["page_id"] == record.page.id
    bought = by_stage["audio_segments"].details["bought"]
    assert (bought["segments"], bought["characters"]) == (4, record.audio.characters_billed)
    assert bought["usd"] > 0
    keys = by_stage["audio_upload"].details["stands"]["keys"]
    assert record.audio.url is not None
    assert any(record.audio.url.endswith(key) for key in keys)
    assert by_stage["notion_audio"].details["stands"]["block_id"]
    succeeded(publish(sandbox, lesson, assignment))
    assert len(entries(sandbox, assignment)) == len(ALL)


def test_an_edit_is_told_with_what_it_cost(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    lesson = short(four_turns, assignment)
    succeeded(publish(sandbox, lesson, assignment))
    succeeded(publish(sandbox, lesson.replace("the big mirror", "the small mirror"), assignment, "sensor:inbox"))
    later = [one for one in entries(sandbox, assignment) if one.actor == "sensor:inbox"]
    assert sorted(stages(later)) == sorted(ALL)
    bought = next(one.details["bought"] for one in later if "bought" in one.details)
    assert bought["segments"] == 1


def test_a_failure_is_told_with_the_vendors_words_and_no_secret(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    refusal = {"vendor": "notion", "method": "POST", "path": "/v1/pages", "status": 401, "times": 99}
    with sandbox.faults(refusal):
        record = publish(sandbox, short(four_turns, assignment), assignment)
    assert record.status != "succeeded"
    failed = [one for one in entries(sandbox, assignment) if one.outcome == "failed"]
    assert stages(failed) == ["notion_page"]
    assert failed[0].details["error"]["vendor"] == "notion"
    assert "ntn_" not in "".join(one.model_dump_json() for one in entries(sandbox, assignment))


def test_a_rejected_lesson_is_told_with_its_problems(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    publish(sandbox, four_turns.replace("level: B1\n", ""), assignment)
    (told,) = entries(sandbox, assignment)
    assert (told.outcome, told.details["stage"]) == ("failed", "validated_manifest")
    assert "V-FM" in [problem["rule"] for problem in told.details["problems"]]


def test_a_dry_run_is_not_told(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    sandbox.publish(short(four_turns, assignment), "lesson", tenant=assignment, dry_run=True)
    assert entries(sandbox, assignment) == []


class Broken:
    """A log that takes nothing while ``down``, or takes what it is told and then gives no answer."""

    def __init__(self, log: AuditLog, *, deaf: bool) -> None:
        self.log, self.deaf, self.down, self.asked = log, deaf, True, 0

    def append(self, entry: AuditEntry) -> AuditEntry:
        self.asked += 1
        if self.down and self.deaf:
            raise StoreUnavailableError("no answer")
        added = self.log.append(entry)
        if self.down:
            self.down = False
            raise StoreUnavailableError("no answer")
        return added

    def entries(self, tenant: str, since: datetime | None = None) -> Iterator[AuditEntry]:
        return self.log.entries(tenant, since)

    def verify(self, tenant: str) -> int:
        return self.log.verify(tenant)

    def delete(self, tenant: str) -> None:
        self.log.delete(tenant)


def test_work_that_could_not_be_told_is_told_by_the_next_run_and_not_done_twice(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    lesson = short(four_turns, assignment)
    log, clock = Broken(sandbox.pipeline().providers.audit, deaf=True), Hurried()
    first = publish(sandbox, lesson, assignment, audit=log, clock=clock)
    assert (first.status, [stage.stage for stage in first.stages]) == ("unavailable", ["validated_manifest"])
    assert log.asked == 4
    assert len(clock.waited_s) == 3
    assert entries(sandbox, assignment) == []
    log.down = False
    succeeded(publish(sandbox, lesson, assignment, audit=log))
    told = entries(sandbox, assignment)
    assert sorted(stages(told)) == sorted(ALL)
    assert told[0].outcome == "skipped"


@pytest.mark.parametrize("stage", [Stage.PAGE, Stage.SPEECH])
def test_what_a_run_bought_or_wrote_before_the_log_went_down_is_told_later(
    sandbox: Sandboxed, four_turns: str, assignment: str, stage: Stage
) -> None:
    pipeline = sandbox.pipeline()
    job = pipeline.open_job(
        assignment, "lesson", manifest_file(sandbox.write(short(four_turns, assignment), assignment))
    )
    pipeline.run_stage(Stage.MANIFEST, job)
    log = Broken(pipeline.providers.audit, deaf=True)
    down = Pipeline(replace(pipeline.providers, audit=log))
    with pytest.raises(StoreUnavailableError):
        down.run_stage(stage, replace(job, context=replace(job.context, clock=Hurried())))
    with sandbox.watched() as seen:
        again = pipeline.run_stage(stage, job)
    assert again.status == "skipped"
    assert [one for one in seen if one["path"].endswith(("/pages", "/with-timestamps"))] == []
    told = entries(sandbox, assignment)
    assert [(one.details["stage"], one.outcome) for one in told][1:] == [(stage.value, "skipped")]


def test_an_entry_whose_answer_got_lost_stands_once(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    log = Broken(sandbox.pipeline().providers.audit, deaf=False)
    succeeded(publish(sandbox, short(four_turns, assignment), assignment, audit=log, clock=Hurried()))
    assert log.asked == len(ALL) + 1
    assert sorted(stages(entries(sandbox, assignment))) == sorted(ALL)


def test_signatures_of_addresses_are_no_part_of_an_entry() -> None:
    from esl_pipeline.stages.audit_writing import plain

    told = plain({"url": "https://b.example/k.mp3?X-Amz-Signature=abc&x=1", "list": ["see https://h/p#frag now"]})
    assert told == {"url": "https://b.example/k.mp3", "list": ["see https://h/p now"]}
    assert len(plain("x" * 10_000)) == 2_000
    assert json.dumps(plain({"at": MachineClock().now()}))
