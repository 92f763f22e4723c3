from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from esl_pipeline.cli import esl
from esl_pipeline.manifests import AskingError
from esl_pipeline.stages.settings_check import check_settings
from esl_pipeline.stages.tenants_export import export_tenant
from esl_pipeline_tests.receiving import HttpReceiver, http_receiver, mail_receiver
from esl_pipeline_tests.stages.notify.told import KEY, School


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as made:
        yield made


@pytest.fixture
def school(tmp_path: Path, receiver: HttpReceiver, monkeypatch: pytest.MonkeyPatch) -> School:
    """A school with a webhook, in this process' environment."""
    variables = {"ESL_TENANT_SCHOOL__HOOK": f"{receiver.url}/hook", "ESL_TENANT_SCHOOL__KEY": KEY}
    made = School(tmp_path, variables)
    made.settings(webhook_secret="HOOK", signing_secret="KEY")
    for name, value in made.environment.variables.items():
        monkeypatch.setenv(name, value)
    return made


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(esl, [*arguments, "--json"], catch_exceptions=False)
    return done.exit_code, json.loads(done.stdout) if done.stdout else {}


def test_a_trial_goes_to_each_receiver(school: School, receiver: HttpReceiver) -> None:
    assert run("notify", "school") == (0, {"tenant": "school", "trials": [{"receiver": "webhook", "error": ""}]})
    assert receiver.posts[0].body["data"]["notices"][0]["kind"] == "trial"


def test_a_trial_that_does_not_arrive_says_why(school: School, receiver: HttpReceiver) -> None:
    receiver.answers.append((403, "go away"))
    code, said = run("notify", "school")
    assert code == 1
    assert "go away" in said["trials"][0]["error"]


def test_who_names_nobody_is_told_so(school: School) -> None:
    assert run("notify", "--operators") == (1, {"tenant": "", "trials": []})


def test_a_trial_for_a_tenant_whose_settings_are_wrong_says_what_is_wrong_with_them(school: School) -> None:
    (school.environment.tenants / "school.yaml").write_text("notify: {web: 1}\nspeech: 7\n")
    with pytest.raises(AskingError) as caught:
        run("notify", "school")
    assert {problem.file for problem in caught.value.problems} == {"school.yaml"}
    assert len(caught.value.problems) > 1


def test_a_live_check_looks_at_the_receivers_and_sends_nothing(
    school: School, receiver: HttpReceiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from esl_pipeline.stages.create_pipeline import create_pipeline
    from esl_pipeline.stages.notify.live import receivers_found

    with mail_receiver(tmp_path, tls=False) as mail:
        school.settings(webhook_secret="HOOK", slack_secret="NONE", email="ann@a.example")
        school.variables |= {"ESL_SMTP_URL": f"smtp://127.0.0.1:{mail.port}", "ESL_SMTP_FROM": "esl@a.example"}
        providers = create_pipeline(environment=school.environment).providers
        found = list(receivers_found(school.environment, providers, "school"))
    assert [(one.subject, one.status) for one in found] == [
        ("notices", "failed"),
        ("notices", "failed"),
        ("notices", "ok"),
    ]
    assert "notify.signing_secret" in found[0].message
    assert "has no secret NONE" in found[1].message
    assert (receiver.posts, mail.mails) == ([], [])
    (checked,) = check_settings(providers, ["school"], live=False, further=lambda _: found)
    assert checked.findings == ()


def test_what_a_tenant_was_told_is_exported_with_it(school: School, tmp_path: Path) -> None:
    from esl_pipeline.stages.create_pipeline import create_pipeline

    school.note(school.failure())
    export_tenant(create_pipeline(environment=school.environment).providers, "school", "shell:ann", tmp_path / "out")
    kept = json.loads((tmp_path / "out" / "notices.json").read_text())
    assert [entry["notice"]["code"] for entry in kept["entries"].values()] == ["object_not_found"]
