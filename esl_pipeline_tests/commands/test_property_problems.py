from __future__ import annotations

import pytest

from esl_pipeline_tests.commands.test_cli import Shell
from esl_pipeline_tests.page_stage import lesson
from esl_pipeline_tests.sandboxed import Sandboxed, writes


@pytest.mark.parametrize("trial", [(), ("--dry-run",)], ids=["publish", "dry-run"])
def test_properties_that_do_not_fit_exit_with_1_and_stand_among_the_problems(
    sandbox: Sandboxed, assignment: str, trial: tuple[str, ...]
) -> None:
    text = lesson(properties="\n  Statsu: Done\n  Status: Nearly")
    path = sandbox.write(text, assignment)
    with sandbox.watched("notion") as seen:
        code, record = Shell(sandbox).json("publish", path, "--tenant", "school", "--assignment", assignment, *trial)
    assert (code, record["status"], record["page"]["id"]) == (1, "rejected", None)
    assert writes(seen) == []
    found = {problem["rule"]: problem for problem in record["problems"] if problem["severity"] == "error"}
    first = text.splitlines().index("  Statsu: Done") + 1
    assert (found["P-COLUMN"]["line"], found["P-COLUMN"]["column"]) == (first, 3)
    assert found["P-COLUMN"]["fix"] == "Did you mean “Status”?"
    assert found["P-VALUE"]["line"] == first + 1
    assert found["P-VALUE"]["file"] == path.name
