from __future__ import annotations

import json
from pathlib import Path

import pytest

from esl_pipeline.commands.actor import shell_actor
from esl_pipeline.commands.forget_tenant import forget_tenant
from esl_pipeline.commands.instance import open_instance
from esl_pipeline.defs.partitions import add_assignments
from esl_pipeline.stores.protocols import LeaseHeldError
from esl_pipeline_tests.commands.test_cli import Shell
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.stages.speech_stage import short


@pytest.fixture
def shell(sandbox: Sandboxed) -> Shell:
    return Shell(sandbox)


def publish(shell: Shell, sandbox: Sandboxed, lesson: str, tenant: str) -> int:
    file = sandbox.write(short(lesson, tenant), tenant)
    return shell("publish", file, "--tenant", tenant, "--assignment", "one").exit_code


def test_a_tenants_life_from_its_beginning_to_its_end(
    shell: Shell, sandbox: Sandboxed, four_turns: str, assignment: str, tmp_path: Path
) -> None:
    settings = tmp_path / "school.yaml"
    settings.write_text("schema_version: 2\nsettings:\n  audio:\n    pause_ms: 900\n")
    assert shell("tenants", "add", assignment, "--from", settings).exit_code == 0
    assert publish(shell, sandbox, four_turns, assignment) == 0
    code, listed = shell.json("tenants", "list")
    (mine,) = (one for one in listed["tenants"] if one["tenant"] == assignment)
    assert (code, mine["state"], mine["document"], mine["assignments"]) == (0, "active", True, 1)
    assert mine["characters"] > 0
    assert shell("tenants", "suspend", assignment, "--reason", "unpaid").exit_code == 0
    assert publish(shell, sandbox, four_turns, assignment) == 1
    assert shell("tenants", "resume", assignment).exit_code == 0
    assert publish(shell, sandbox, four_turns, assignment) == 0
    refused = shell("tenants", "remove", assignment, "--confirm", assignment[:-1], "--export", tmp_path / "out")
    assert (refused.exit_code, (tmp_path / "out").exists()) == (2, False)
    code, removed = shell.json("tenants", "remove", assignment, "--confirm", assignment, "--export", tmp_path / "out")
    assert (code, removed["publications"], removed["runs"]) == (0, 1, 2)
    assert removed["pages"][0]["assignment"] == "one"
    assert not (sandbox.home / "tenants" / f"{assignment}.yaml").exists()
    assert assignment not in shell("tenants", "list").stdout
    with open_instance(sandbox.home) as instance:
        assert [key for key in instance.get_dynamic_partitions("assignments") if key.startswith(assignment)] == []
        assert instance.get_runs_count() == len([run for run in instance.get_runs() if assignment not in str(run.tags)])


def test_the_shell_that_published_stands_in_the_audit_log(
    shell: Shell, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    assert publish(shell, sandbox, four_turns, assignment) == 0
    done = shell("audit", assignment, "--json", "--verify")
    entries = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert "6 entries, each as it was written" in done.stderr
    assert {entry["actor"] for entry in entries} == {shell_actor()}
    assert [entry["number"] for entry in entries] == [1, 2, 3, 4, 5, 6]
    told = shell("audit", assignment).stdout
    assert told.count("bought") == 1


def test_only_what_was_told_since_a_day_is_listed(shell: Shell, assignment: str) -> None:
    shell("tenants", "suspend", assignment, "--reason", "why")
    assert len(shell("audit", assignment, "--json", "--since", "2026-01-01").stdout.splitlines()) == 1
    assert shell("audit", assignment, "--json", "--since", "2126-01-01").stdout == ""
    wrong = shell("audit", assignment, "--since", "yesterday")
    assert (wrong.exit_code, "2026-11-25" in wrong.stderr) == (2, True)


def test_an_entry_that_was_changed_is_found(shell: Shell, sandbox: Sandboxed, assignment: str) -> None:
    shell("tenants", "suspend", assignment, "--reason", "unpaid")
    shell("tenants", "resume", assignment)
    (log,) = (sandbox.environment.state / "audit").glob(f"{assignment}*")
    log.write_text(log.read_text().replace("unpaid", "a mistake"))
    done = shell("audit", assignment, "--verify")
    assert done.exit_code == 1
    assert "Entry 1" in done.stdout + done.stderr


def test_an_export_can_be_asked_for_without_removing_anything(
    shell: Shell, sandbox: Sandboxed, four_turns: str, assignment: str, tmp_path: Path
) -> None:
    publish(shell, sandbox, four_turns, assignment)
    code, answer = shell.json("tenants", "export", assignment, tmp_path / "out")
    assert (code, answer["index"]["complete"], answer["index"]["publications"]) == (0, True, 1)
    assert (tmp_path / "out" / "publications" / "one.json").is_file()
    assert shell("status", f"{assignment}/one").exit_code == 0


def test_a_tenant_is_not_forgotten_while_a_run_of_it_is_under_way(sandbox: Sandboxed, assignment: str) -> None:
    import dagster as dg

    from esl_pipeline.defs.partitions import tags_of

    key = f"{assignment}/one"
    with dg.DagsterInstance.ephemeral() as instance:
        add_assignments(instance, [key, f"{assignment}-2/one"])
        under_way = instance.add_run(
            dg.DagsterRun(
                job_name="publish_lesson",
                run_id="00000000-0000-0000-0000-000000000001",
                tags=tags_of(key),
                status=dg.DagsterRunStatus.STARTED,
            )
        )
        with pytest.raises(LeaseHeldError, match="1 runs of"):
            forget_tenant(instance, assignment)
        assert key in instance.get_dynamic_partitions("assignments")
        instance.report_run_canceled(under_way)
        assert forget_tenant(instance, assignment) == 1
        assert list(instance.get_dynamic_partitions("assignments")) == [f"{assignment}-2/one"]
