from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from esl_pipeline.cli import esl
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.stages.prunable import Prunable, edited_long_ago


@pytest.fixture
def prunable(sandbox: Sandboxed, assignment: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Prunable]:
    """A tenant one of whose turns was edited, long ago."""
    with edited_long_ago(sandbox, assignment, monkeypatch) as made:
        yield made


def test_a_dry_run_says_what_would_go_and_the_run_after_it_removes_that(prunable: Prunable) -> None:
    told = CliRunner().invoke(esl, ["prune", "--tenant", prunable.tenant, "--dry-run", "--json"])
    done = CliRunner().invoke(esl, ["prune", "--tenant", prunable.tenant, "--json"])
    assert (told.exit_code, done.exit_code) == (0, 0)
    would, did = json.loads(told.stdout), json.loads(done.stdout)
    assert (would.pop("dry_run"), did.pop("dry_run")) == (True, False)
    assert would == did
    assert did["tenants"][0]["removed"]["segments"]["count"] == 2
    again = CliRunner().invoke(esl, ["prune", "--tenant", prunable.tenant])
    assert "removed 0 files" in again.output


def test_a_tenant_that_could_not_be_cleaned_is_an_error(prunable: Prunable) -> None:
    (prunable.state / "publications" / prunable.tenant / "damaged.json").write_text("{")
    done = CliRunner().invoke(esl, ["prune", "--tenant", prunable.tenant])
    assert done.exit_code == 1
    assert "damaged.json is damaged" in done.output.replace("\n", "")
