"""Where secrets are, what makes the vendors real, and the .env file."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

import pytest

from esl_pipeline.stages.environment import ConfigurationError, read_environment
from esl_pipeline.stages.secret_places import open_secret_rows, open_secrets
from esl_pipeline.stores.secrets import SecretRefusedError

KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
"""A Fernet key out of the documentation of cryptography; it opens nothing."""


def value(variables: dict[str, str], tenant: str, name: str, *, shared: bool = True) -> str | None:
    found = open_secrets(read_environment(variables)).get(tenant, name, shared=shared)
    return found.get_secret_value() if found else None


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("env", "ESL_TENANT_MY_SCHOOL__NOTION_TOKEN"),
        ("", "ESL_TENANT_MY_SCHOOL__NOTION_TOKEN"),
        ("files:/run/secrets", "the file /run/secrets/my-school/NOTION_TOKEN"),
        ("aws-secrets-manager:esl/prod", "esl/prod/my-school/NOTION_TOKEN in AWS Secrets Manager"),
        ("aws-ssm:/esl", "/esl/my-school/NOTION_TOKEN in AWS Parameter Store"),
        ("postgresql://u:hush-hush@h/d", "NOTION_TOKEN by `esl secrets set my-school NOTION_TOKEN`"),
        ("postgres", "NOTION_TOKEN by `esl secrets set my-school NOTION_TOKEN`"),
    ],
)
def test_an_address_chooses_the_place_and_nobody_is_asked_yet(address: str, place: str) -> None:
    environment = read_environment(
        {"ESL_SECRETS": address, "ESL_LIVE": "1", "ESL_SECRETS_KEYS": KEY, "ESL_STATE": "postgresql://u@h/d"}
    )
    assert open_secrets(environment).places("my-school", "NOTION_TOKEN", shared=False) == place
    assert "hush-hush" not in repr(environment)
    assert KEY not in repr(environment)


@pytest.mark.parametrize(
    "address",
    [
        "files:secrets",
        "files:",
        "env:x",
        "aws-ssm:esl",
        "aws-ssm:/",
        "aws-secrets-manager:",
        "aws-secrets-manager:a b",
        "vault:hush-hush",
        "https://hush-hush",
        "postgresql:hush-hush",
        "postgresql://hush-hush:[/",
        "postgresql://u:hush-hush@host:port/d",
        "postgresql://host:99999999/hush-hush",
        "postgresql://host/d?pool=hush-hush",
    ],
)
def test_an_address_that_is_none_is_told_with_examples_and_without_itself(address: str) -> None:
    environment = read_environment({"ESL_SECRETS": address, "ESL_LIVE": "1", "ESL_SECRETS_KEYS": KEY})
    with pytest.raises(ConfigurationError, match="give env, files:/run/secrets, aws-secrets-manager:esl") as caught:
        open_secrets(environment)
    assert "hush-hush" not in "".join(traceback.format_exception(caught.value))


def test_postgres_alone_needs_the_address_of_the_state_and_a_key() -> None:
    with pytest.raises(ConfigurationError, match="ESL_STATE is no postgresql:// address"):
        open_secrets(read_environment({"ESL_SECRETS": "postgres", "ESL_LIVE": "1"}))
    with pytest.raises(SecretRefusedError, match=r"There is no key for the secrets\. Make one with"):
        open_secrets(read_environment({"ESL_SECRETS": "postgresql://h/d", "ESL_LIVE": "1"}))
    with pytest.raises(ConfigurationError, match="ESL_SECRETS is no place of secrets that is known here"):
        open_secret_rows(read_environment({}))


def test_a_place_of_secrets_never_switches_to_the_sandbox_silently() -> None:
    with pytest.raises(ConfigurationError, match="Set ESL_LIVE=1 to publish to the real vendors, or ESL_LIVE=0"):
        read_environment({"ESL_SECRETS": "files:/run/secrets"})
    with pytest.raises(ConfigurationError, match="ESL_LIVE is 'yes'; give 1"):
        read_environment({"ESL_LIVE": "yes"})
    assert read_environment({"ESL_SECRETS": "files:/run/secrets", "ESL_LIVE": "1"}).live
    assert not read_environment({"ESL_SECRETS": "files:/run/secrets", "ESL_LIVE": "0"}).live
    assert not read_environment({"ESL_LIVE": "1"}, sandbox=True).live


def test_each_tenant_may_bring_all_credentials_of_its_own() -> None:
    variables = {"ESL_LIVE": "1", "ESL_TENANT_SCHOOL__NOTION_TOKEN": "ntn_school"}
    assert value(variables, "school", "NOTION_TOKEN") == "ntn_school"
    assert value(variables, "college", "NOTION_TOKEN") is None


def test_the_sandbox_is_given_no_secret_at_all() -> None:
    variables = {"ESL_LIVE": "0", "NOTION_TOKEN": "ntn_1", "ESL_TENANT_SCHOOL__NOTION_TOKEN": "ntn_2"}
    assert value(variables, "school", "NOTION_TOKEN") is None
    kept = read_environment({**variables, "ESL_SECRETS_KEYS": KEY, "ESL_TENANTS_TOKEN": "hush"}).variables
    assert {*kept.values()} == {"0"}


def test_a_dotenv_file_is_read_where_the_process_says_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("ESL_LOG", "ESL_SANDBOX_PORT", "AWS_REGION", "ESL_LIVE", "ESL_SECRETS", "NOTION_TOKEN"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("ESL_HOME", str(tmp_path / "of-the-process"))
    (tmp_path / ".env").write_text(
        "ESL_HOME=of-the-file\nESL_LIVE=1\nexport ESL_SANDBOX_PORT=9000\nAWS_REGION=eu-west-1\n"
        "# a remark\nNOTION_TOKEN='ntn_${HOME}$1'\nEMPTY\n"
    )
    found = read_environment()
    assert found.home == tmp_path / "of-the-process"
    assert (found.live, found.sandbox_port) == (True, 9000)
    assert found.variables["NOTION_TOKEN"] == "ntn_${HOME}$1"
    assert os.environ["AWS_REGION"] == "eu-west-1", "boto3 looks nowhere else"
    assert "NOTION_TOKEN" not in os.environ


def test_a_dotenv_file_that_can_not_be_read_is_told_without_what_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(b"NOTION_TOKEN=hush-hush\xff")
    with pytest.raises(ConfigurationError, match=r"\.env can't be read as UTF-8") as caught:
        read_environment()
    assert caught.value.__context__ is None
