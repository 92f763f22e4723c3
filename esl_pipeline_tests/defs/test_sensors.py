from __future__ import annotations

import os
from pathlib import Path

import dagster as dg
import pytest

from esl_pipeline.definitions import defs
from esl_pipeline.defs.sensors import decide, manifest_sensor, read_cursor, requests_of, write_cursor


def put(path: Path, text: str, mtime_s: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    os.utime(path, (mtime_s, mtime_s))


def due(inbox: Path, cursor: str) -> tuple[list[str], str]:
    tick = decide(inbox, read_cursor(cursor))
    return [request.run_key or "" for request in requests_of(tick)], write_cursor(tick.seen)


def test_a_new_lesson_is_due_once(tmp_path: Path) -> None:
    put(tmp_path / "school" / "a.md", "one", 1)
    first, cursor = due(tmp_path, "")
    second, _ = due(tmp_path, cursor)
    assert len(first) == 1
    assert second == []


def test_equal_content_written_again_is_not_due(tmp_path: Path) -> None:
    put(tmp_path / "school" / "a.md", "one", 1)
    _, cursor = due(tmp_path, "")
    put(tmp_path / "school" / "a.md", "one", 2)
    assert due(tmp_path, cursor)[0] == []


def test_a_lesson_changed_back_is_due_again_under_a_new_run_key(tmp_path: Path) -> None:
    keys, cursor = [], ""
    for second, text in enumerate(["one", "two", "one"]):
        put(tmp_path / "school" / "a.md", text, second)
        found, cursor = due(tmp_path, cursor)
        keys += found
    assert len(set(keys)) == 3


def test_a_lesson_that_lies_elsewhere_is_looked_at_in_every_tick(tmp_path: Path) -> None:
    put(tmp_path / "school" / "a.yaml", "schema_version: 2\nlesson: texts/lesson.md\n", 1)
    put(tmp_path / "school" / "texts" / "lesson.md", "one", 1)
    first, cursor = due(tmp_path, "")
    put(tmp_path / "school" / "texts" / "lesson.md", "two", 1)
    second, cursor = due(tmp_path, cursor)
    assert len(first) == len(second) == 1
    assert due(tmp_path, cursor)[0] == []


def test_a_backlog_is_drained_over_ticks_without_losing_or_repeating_one(tmp_path: Path) -> None:
    for number in range(25):
        put(tmp_path / "school" / f"a{number}.md", str(number), 1)
    seen, asked = read_cursor(None), []
    for _ in range(4):
        tick = decide(tmp_path, seen, limit=10)
        asked += [key for key, _ in tick.due]
        seen = tick.seen
    assert sorted(asked) == sorted({f"school/a{number}" for number in range(25)})


def test_a_bad_name_stops_nothing(tmp_path: Path) -> None:
    put(tmp_path / "school" / "Not A Slug.md", "x", 1)
    put(tmp_path / "school" / "good.md", "x", 1)
    tick = decide(tmp_path, {})
    assert [key for key, _ in tick.due] == ["school/good"]
    assert len(tick.misplaced) == 1


def test_the_sensor_adds_the_partition_and_requests_a_tagged_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESL_INBOX", str(tmp_path))
    put(tmp_path / "school" / "a.md", "one", 1)
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, repository_def=defs.get_repository_def())
        found = manifest_sensor(context)
    assert isinstance(found, dg.SensorResult)
    assert found.run_requests is not None
    assert found.dynamic_partitions_requests is not None
    (request,) = found.run_requests
    assert request.partition_key == "school/a"
    assert request.tags["esl/tenant"] == "school"
    assert list(found.dynamic_partitions_requests[0].partition_keys) == ["school/a"]


def test_what_a_suspended_tenant_asks_for_is_due_when_it_may_publish_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from esl_pipeline.stages.create_pipeline import create_pipeline
    from esl_pipeline.stages.tenants import resume, suspend

    monkeypatch.setenv("ESL_INBOX", str(tmp_path / "inbox"))
    monkeypatch.setenv("ESL_HOME", str(tmp_path / "home"))
    put(tmp_path / "inbox" / "school" / "a.md", "one", 1)
    providers = create_pipeline().providers
    suspend(providers, "school", "operator:ann", "why")
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, repository_def=defs.get_repository_def())
        skipped = manifest_sensor(context)
        assert isinstance(skipped, dg.SkipReason)
        assert "school may not publish now" in str(skipped.skip_message)
        put(tmp_path / "inbox" / "other" / "a.md", "two", 1)
        found = manifest_sensor(context)
        assert isinstance(found, dg.SensorResult)
        assert [request.partition_key for request in found.run_requests or ()] == ["other/a"]
        resume(providers, "school", "operator:ann")
        later = manifest_sensor(dg.build_sensor_context(instance=instance, cursor=found.cursor))
        assert isinstance(later, dg.SensorResult)
        assert [request.partition_key for request in later.run_requests or ()] == ["school/a"]
