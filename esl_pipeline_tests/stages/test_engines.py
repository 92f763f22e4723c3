"""Which engine a tenant gets, and what it is made with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.manifests.settings import Settings, SpeechSettings
from esl_pipeline.stages.default_vendors import DefaultVendors
from esl_pipeline.stages.engines import BUILT_IN, GROUP, EngineSetup, engine_names, make_engine
from esl_pipeline.stages.environment import ConfigurationError, read_environment
from esl_pipeline.stores.secrets import TenantSecrets
from esl_pipeline.stores.secrets_environment import EnvironmentSecrets
from esl_pipeline_tests.clients.neural_voice.extra import needs_neural
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.stages.plug_in import describe, install


def settings(engine: str, **speech: object) -> Settings:
    return Settings(speech=SpeechSettings.model_validate({"engine": engine, **speech}))


def live(tmp_path: Path, **variables: str) -> DefaultVendors:
    given = {"NOTION_TOKEN": "ntn_secret", "S3_BUCKET": "lessons", "ESL_SPEECH_ENGINE": "local"}
    return DefaultVendors(read_environment({**given, "ESL_HOME": str(tmp_path), **variables}))


def setup(tmp_path: Path, secrets: dict[str, str] | None = None, *, live: bool = True, **how: Any) -> EngineSetup:
    provider = TenantSecrets(EnvironmentSecrets(secrets or {}))
    return EngineSetup(tenant="school", home=tmp_path, live=live, secrets=provider, **how)


@pytest.mark.parametrize("name", ["elevenlabs", "openai", "local", pytest.param("neural", marks=needs_neural)])
def test_an_engine_has_the_name_that_chooses_it(name: str, tmp_path: Path) -> None:
    keys = {"ELEVENLABS_API_KEY": "sk_1", "OPENAI_API_KEY": "sk_2"}
    assert make_engine(name, setup(tmp_path, keys)).name == name
    assert name in BUILT_IN


def test_each_tenant_and_engine_has_a_client_of_its_own_that_is_kept(sandbox: Sandboxed) -> None:
    vendors = DefaultVendors(sandbox.environment)
    school = vendors("school", settings("elevenlabs"))
    assert vendors("school", settings("elevenlabs")).speech is school.speech
    assert vendors("school", settings("local")).speech.name == "local"
    assert vendors("school", settings("local")).notion is school.notion
    assert vendors("college", settings("elevenlabs")).speech is not school.speech
    assert vendors("school", settings("openai", model="tts-1")).speech.list_voices() != (
        vendors("school", settings("openai")).speech.list_voices()
    )


def test_the_sandbox_stands_in_for_the_paid_engines_under_one_name_whatever_its_port(sandbox: Sandboxed) -> None:
    vendors = DefaultVendors(sandbox.environment)
    endpoints = {engine: vendors("school", settings(engine)).speech.endpoint for engine in ("elevenlabs", "openai")}
    assert endpoints == {"elevenlabs": "sandbox", "openai": "sandbox"}


@pytest.mark.parametrize(("engine", "variable"), [("elevenlabs", "ELEVENLABS_API_KEY"), ("openai", "OPENAI_API_KEY")])
def test_a_tenant_whose_engine_lacks_its_key_is_told_the_variable_and_the_others_go_on(
    tmp_path: Path, engine: str, variable: str
) -> None:
    vendors = live(tmp_path)
    assert vendors("college", settings("local")).speech.name == "local"
    with pytest.raises(ConfigurationError, match=f"school has no secret {variable}. Set .* or {variable}, or choose"):
        vendors("school", settings(engine))
    assert live(tmp_path, **{variable: "sk_secret"})("school", settings(engine)).speech.name == engine


def test_the_address_of_a_real_vendor_is_its_own_unless_another_is_set(tmp_path: Path) -> None:
    keys = {"ELEVENLABS_API_KEY": "sk_1", "OPENAI_API_KEY": "sk_2"}
    plain = live(tmp_path, **keys)
    assert plain("school", settings("elevenlabs")).speech.endpoint == "https://api.elevenlabs.io"
    assert plain("school", settings("openai")).speech.endpoint == "https://api.openai.com"
    elsewhere = {"ESL_ELEVENLABS_BASE_URL": "https://eu.example", "ESL_OPENAI_BASE_URL": "http://127.0.0.1:8880/v1"}
    other = live(tmp_path, **keys, **elsewhere)
    assert other("school", settings("elevenlabs")).speech.endpoint == "https://eu.example"
    assert other("school", settings("openai")).speech.endpoint.startswith("http://127.0.0.1:8880")


def test_an_unknown_engine_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make_engine("elevenlab", setup(tmp_path))
    assert str(caught.value) == (
        "There is no speech.engine 'elevenlab'. Did you mean elevenlabs? "
        "Installed are elevenlabs, openai, local, neural."
    )


def test_the_sandbox_gives_no_credential_away(tmp_path: Path) -> None:
    in_sandbox = setup(tmp_path, {"HUMMING_API_KEY": "sk_secret"}, live=False)
    with pytest.raises(ConfigurationError, match="The sandbox gives no credentials to engines, and so not HUMMING"):
        in_sandbox.secret("HUMMING_API_KEY")
    assert setup(tmp_path, live=False, base_url="http://127.0.0.1:1").secret("ELEVENLABS_API_KEY") == "sandbox"


def test_credentials_do_not_print(tmp_path: Path) -> None:
    given = setup(tmp_path, {"OPENAI_API_KEY": "sk_secret"})
    assert "sk_secret" not in f"{given!r} {given} {given.secrets!r}"
    assert given.secret("OPENAI_API_KEY") == "sk_secret"


def test_a_plug_in_is_found_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "humming" not in engine_names()
    monkeypatch.syspath_prepend(install(tmp_path))
    assert engine_names() == [*BUILT_IN, "humming"]
    engine = make_engine("humming", setup(tmp_path))
    assert [voice["name"] for voice in engine.find_voices(["low"])] == ["Low"]


def test_a_plug_in_takes_no_name_of_ours_and_one_that_is_broken_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    makers = {"local": "no_such_module:make", "broken": "no_such_module:make", "empty": "json:make"}
    monkeypatch.syspath_prepend(describe(tmp_path, "two-engines", {GROUP: makers}))
    assert make_engine("local", setup(tmp_path)).name == "local"
    assert engine_names() == [*BUILT_IN, "broken", "empty"]
    for name, module in (("broken", "no_such_module"), ("empty", "json")):
        with pytest.raises(ConfigurationError, match=rf"“{name}” \({module}:make\) can't be loaded: .*{module}"):
            make_engine(name, setup(tmp_path))


def test_the_engine_of_the_documentation_keeps_the_contract_on_a_wrong_voice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from esl_pipeline.speech import SegmentRequest, SpokenInput, Voice

    monkeypatch.syspath_prepend(install(tmp_path))
    engine = make_engine("humming", setup(tmp_path))
    spoken = SpokenInput("Nora", Voice("gone", "Gone"), "Hello.", "Hello.")
    with pytest.raises(RejectedError, match="unknown_voice"):
        engine.synthesize(SegmentRequest("humming", "humming", "beeps-1", (spoken,), {"speed": 1.0}))
