"""``esl secrets`` over a real Postgres."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from esl_pipeline.cli import esl
from esl_pipeline.manifests import SlugError
from esl_pipeline.stages.environment import ConfigurationError
from esl_pipeline.stores.secrets import SecretRefusedError
from esl_pipeline_tests.real_postgres import running_postgres

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with running_postgres() as url:
        yield url


def run(variables: dict[str, str], *arguments: str, given: str = "") -> Result:
    done = CliRunner(env=variables).invoke(esl, ["secrets", *arguments], input=given)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_a_secret_is_set_from_stdin_listed_moved_to_a_new_key_and_removed(database: str, tmp_path: Path) -> None:
    keys = [run({}, "new-key").stdout.strip() for _ in range(2)]
    variables = {"ESL_HOME": str(tmp_path), "ESL_SECRETS": database, "ESL_LIVE": "0", "ESL_SECRETS_KEYS": keys[0]}
    for tenant, name in (("school", "NOTION_TOKEN"), ("-", "ELEVENLABS_API_KEY")):
        done = run(variables, "set", tenant, name, given="hush-hush-hush\n")
        assert done.exit_code == 0
        assert "hush" not in done.output
    listed = run(variables, "list")
    assert listed.stdout.splitlines() == ["- ELEVENLABS_API_KEY", "school NOTION_TOKEN"]
    variables["ESL_SECRETS_KEYS"] = f"{keys[1]}, {keys[0]}"
    assert "2 secrets are encrypted with the first key" in run(variables, "rotate").stdout
    variables["ESL_SECRETS_KEYS"] = keys[0]
    with pytest.raises(SecretRefusedError, match="encrypted with none of the keys"):
        run(variables, "rotate")
    variables["ESL_SECRETS_KEYS"] = keys[1]
    assert run(variables, "delete", "school", "NOTION_TOKEN").exit_code == 0
    gone = run(variables, "delete", "school", "NOTION_TOKEN")
    assert (gone.exit_code, gone.stdout) == (1, "There is no NOTION_TOKEN of school.\n")


def test_what_is_no_secret_is_refused(database: str, tmp_path: Path) -> None:
    key = run({}, "new-key").stdout.strip()
    variables = {"ESL_HOME": str(tmp_path), "ESL_SECRETS": database, "ESL_LIVE": "0", "ESL_SECRETS_KEYS": key}
    assert run(variables, "set", "school", "NOTION_TOKEN", given="\n").exit_code == 1
    with pytest.raises(SecretRefusedError, match="can't be the name of a secret"):
        run(variables, "set", "school", "notion", given="hush")
    with pytest.raises(SlugError):
        run(variables, "set", "../school", "NOTION_TOKEN", given="hush")
    with pytest.raises(ConfigurationError, match="give env, files:/run/secrets"):
        run({**variables, "ESL_SECRETS": "env"}, "list")


@pytest.mark.parametrize("live", ["1", "0"])
def test_a_tenant_that_is_removed_loses_its_secrets_and_the_sandbox_touches_none(
    live: str, database: str, tmp_path: Path
) -> None:
    key = run({}, "new-key").stdout.strip()
    variables = {"ESL_HOME": str(tmp_path), "ESL_SECRETS": database, "ESL_LIVE": live, "ESL_SECRETS_KEYS": key}
    for tenant in ("leaving", "staying"):
        run(variables, "set", tenant, "NOTION_TOKEN", given="hush")
    words = ["tenants", "remove", "leaving", "--confirm", "leaving", "--export", str(tmp_path / "out"), "--json"]
    planned, done = (CliRunner(env=variables).invoke(esl, [*words, *further]) for further in (["--dry-run"], []))
    assert (planned.exit_code, done.exit_code) == (0, 0)
    expected = 1 if live == "1" else 0
    assert [json.loads(one.stdout)["secrets"] for one in (planned, done)] == [expected, expected]
    assert ("its secrets, where ESL_SECRETS says" in json.loads(done.stdout)["stays"]) is (live == "0")
    owners = [line.split()[0] for line in run(variables, "list").stdout.splitlines()]
    assert ("leaving" in owners, "staying" in owners) == (live == "0", True)
