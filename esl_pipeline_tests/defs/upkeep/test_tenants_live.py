from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from esl_pipeline.defs.partitions import add_assignments
from esl_pipeline.stages.tenants import suspend
from esl_pipeline_tests.defs.upkeep.running import failure, run, scheduled, told
from esl_pipeline_tests.sandboxed import Sandboxed

OP = "ask_vendors"


@pytest.fixture
def instance(sandbox: Sandboxed, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """An instance over the test's sandbox."""
    monkeypatch.setenv("ESL_HOME", str(sandbox.home))
    monkeypatch.setenv("ESL_SANDBOX_PORT", str(sandbox.at.base_port))
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def tenants(sandbox: Sandboxed, assignment: str) -> Iterator[list[str]]:
    """A tenant whose settings work, one that names a voice that there is not, and one with a wrong document."""
    documents = {
        f"{assignment}-a": "settings: {}",
        f"{assignment}-b": "settings: {speech: {voices: {Kim: Nobody At All}}}",
        f"{assignment}-c": "settings: {audio: {pause_ms: long}}",
    }
    paths: list[Path] = []
    for tenant, lines in documents.items():
        paths.append(sandbox.home / "tenants" / f"{tenant}.yaml")
        paths[-1].parent.mkdir(exist_ok=True)
        paths[-1].write_text(f"schema_version: 2\n{lines}\n", "utf-8")
    yield [*documents]
    for path in paths:
        path.unlink()


def test_all_are_asked_before_the_run_fails_with_the_list(
    instance: dg.DagsterInstance, sandbox: Sandboxed, tenants: list[str]
) -> None:
    good, unvoiced, unreadable = tenants
    with sandbox.watched() as seen:
        done = run("check_tenants", OP, instance, tenants=tenants)
    assert not done.success
    lines = failure(done).splitlines()
    assert [line.partition(":")[0] for line in lines] == [unvoiced, unreadable]
    assert "Nobody At All" in lines[0]
    assert "audio.pause_ms" in lines[1]
    rows = told(done)["tenants/found"]
    assert {row["subject"] for row in rows if row["tenant"] == good} >= {"notion token", "notion target", "bucket"}
    assert {row["status"] for row in rows if row["tenant"] == good} == {"ok"}
    assert [entry for entry in seen if "text-to-speech" in entry["path"]] == []


def test_a_vendor_that_is_out_of_reach_for_one_is_told_and_the_next_one_is_asked(
    instance: dg.DagsterInstance, sandbox: Sandboxed, tenants: list[str]
) -> None:
    with sandbox.faults({"vendor": "notion", "path": "/v1/users/me", "every": 1, "kind": "401"}):
        done = run("check_tenants", OP, instance, tenants=tenants[:2])
    assert [line.split()[1] for line in failure(done).splitlines()] == ["notion", "notion", "voices"]
    assert told(done)["tenants/checked"] == 2


def test_suspended_tenants_are_passed_over_and_those_with_an_assignment_are_asked(
    instance: dg.DagsterInstance, sandbox: Sandboxed, assignment: str
) -> None:
    add_assignments(instance, [f"{assignment}/lesson", f"{assignment}-s/lesson"])
    suspend(sandbox.pipeline().providers, f"{assignment}-s", "operator:ann", "has not paid")
    done = run("check_tenants", OP, instance)
    assert told(done)["tenants/passed_over"] == f"{assignment}-s"
    assert assignment in {row["tenant"] for row in told(done)["tenants/found"]}


def test_the_schedule_asks_for_all() -> None:
    assert scheduled("check_tenants_daily") == {}
