from __future__ import annotations

from pathlib import Path

import pytest

from esl_pipeline.manifests.variables import VARIABLES
from esl_pipeline.stages.environment import ConfigurationError, read_environment

ALL = {"NOTION_TOKEN": "ntn_secret", "ELEVENLABS_API_KEY": "sk_secret", "S3_BUCKET": "lessons"}


def test_without_credentials_the_sandbox_is_used() -> None:
    assert read_environment({}).live is False


def test_with_all_credentials_the_real_vendors_are_used() -> None:
    found = read_environment(ALL)
    assert found.live
    assert found.s3_bucket == "lessons"


@pytest.mark.parametrize("missing", sorted(ALL))
def test_a_missing_credential_is_named_and_never_a_silent_switch(missing: str) -> None:
    with pytest.raises(ConfigurationError, match=f"but not {missing}"):
        read_environment({name: value for name, value in ALL.items() if name != missing})


def test_aws_keys_alone_decide_nothing() -> None:
    assert read_environment({"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "x"}).live is False


def test_an_openai_key_alone_decides_nothing() -> None:
    found = read_environment({"OPENAI_API_KEY": "sk_secret", "ESL_SPEECH_ENGINE": "openai"})
    assert not found.live
    assert "OPENAI_API_KEY" not in found.variables


@pytest.mark.parametrize("engine", ["local", "neural", "a-plug-in"])
def test_an_engine_that_needs_no_key_asks_for_none(engine: str) -> None:
    found = read_environment({"NOTION_TOKEN": "ntn_secret", "S3_BUCKET": "lessons", "ESL_SPEECH_ENGINE": engine})
    assert found.live


def test_the_key_that_is_asked_for_is_that_of_the_engine() -> None:
    with pytest.raises(ConfigurationError, match=r"but not OPENAI_API_KEY.*ESL_SPEECH_ENGINE=local speaks without"):
        read_environment({**ALL, "ESL_SPEECH_ENGINE": "openai"})
    found = read_environment(
        {"NOTION_TOKEN": "n", "S3_BUCKET": "b", "OPENAI_API_KEY": "k", "ESL_SPEECH_ENGINE": "openai"}
    )
    assert found.live
    with pytest.raises(ConfigurationError, match="ELEVENLABS_API_KEY set, but not NOTION_TOKEN and S3_BUCKET"):
        read_environment({"ELEVENLABS_API_KEY": "sk_secret", "ESL_SPEECH_ENGINE": "local"})


def test_the_sandbox_can_be_asked_for_whatever_is_set() -> None:
    found = read_environment({**ALL, "NOTION_DATA_SOURCE_ID": "real"}, sandbox=True)
    assert not found.live
    assert "NOTION_DATA_SOURCE_ID" not in found.variables
    assert not {*ALL} & {*found.variables}


def test_no_setting_of_the_sandbox_leads_to_a_real_page_or_bucket() -> None:
    targets = [v.name for v in VARIABLES if v.path.endswith(("_id", ".bucket"))]
    assert len(targets) >= 6
    found = read_environment(dict.fromkeys([*ALL, *targets], "real"), sandbox=True)
    assert [name for name in targets if name in found.variables] == []


def test_sandbox_state_is_apart_from_real_state(tmp_path: Path) -> None:
    home = {"ESL_HOME": str(tmp_path)}
    assert read_environment(home).state != read_environment(home | ALL).state


def test_secrets_do_not_print() -> None:
    printed = repr(read_environment(ALL))
    assert "ntn_secret" not in printed
    assert "sk_secret" not in printed


@pytest.mark.parametrize("port", ["", "80", "99999", "many"])
def test_a_port_out_of_range_is_refused_and_an_empty_one_is_the_default(port: str) -> None:
    if port == "":
        assert read_environment({"ESL_SANDBOX_PORT": port}).sandbox_port == 8770
    else:
        with pytest.raises(ConfigurationError, match="1024 to 65000"):
            read_environment({"ESL_SANDBOX_PORT": port})
