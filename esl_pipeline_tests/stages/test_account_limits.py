"""Whose settings say how much a vendor takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from esl_pipeline.clients.pace import PaceLimits
from esl_pipeline.manifests.settings import NotionSettings, SpeechSettings
from esl_pipeline.stages.account_limits import AccountLimits
from esl_pipeline.stages.environment import Environment, read_environment
from esl_pipeline.stages.secret_places import open_secrets

LIVE = {"NOTION_TOKEN": "ntn_all", "ELEVENLABS_API_KEY": "sk_all", "S3_BUCKET": "lessons"}
OWN = {"ESL_TENANT_RICH__NOTION_TOKEN": "ntn_rich", "ESL_TENANT_RICH__ELEVENLABS_API_KEY": "sk_rich"}
SET = {"ESL_NOTION_REQUESTS_PER_MINUTE": "300", "ESL_SPEECH_MAX_CONCURRENT_REQUESTS": "10"}
NOTION, SPEECH = NotionSettings(requests_per_minute=600), SpeechSettings(max_concurrent_requests=20)


def environment(home: Path, *variables: dict[str, str]) -> Environment:
    merged = {name: value for some in variables for name, value in some.items()}
    return read_environment({"ESL_HOME": str(home), **merged})


def limits(of: Environment, tenant: str, notion: NotionSettings, speech: SpeechSettings) -> tuple[PaceLimits, ...]:
    secrets, told = open_secrets(of), AccountLimits(of)
    return told.notion(secrets, tenant, notion), told.speech(secrets, tenant, speech)


def test_a_tenant_with_credentials_of_its_own_says_what_they_allow(tmp_path: Path) -> None:
    live = environment(tmp_path, LIVE, OWN, SET)
    assert limits(live, "rich", NOTION, SPEECH) == (PaceLimits(requests=600), PaceLimits(concurrent=20))


def test_no_tenant_says_what_the_shared_credentials_allow(tmp_path: Path) -> None:
    live = environment(tmp_path, LIVE, OWN, SET)
    assert limits(live, "poor", NOTION, SPEECH) == (PaceLimits(requests=300), PaceLimits(concurrent=10))


def test_a_secret_that_the_tenant_named_is_its_own(tmp_path: Path) -> None:
    live = environment(tmp_path, LIVE, SET)
    notion = NOTION.model_copy(update={"token_secret": "OUR_NOTION"})
    speech = SPEECH.model_copy(update={"api_key_secret": "OUR_VOICE"})
    assert limits(live, "rich", notion, speech) == (PaceLimits(requests=600), PaceLimits(concurrent=20))


@pytest.mark.parametrize("tenant", ["rich", "poor"])
def test_where_nobody_says_anything_notion_gets_what_the_smallest_plan_allows(tmp_path: Path, tenant: str) -> None:
    live = environment(tmp_path, LIVE, OWN)
    told = limits(live, tenant, NotionSettings(), SpeechSettings())
    assert told == (PaceLimits(requests=180), PaceLimits(concurrent=5))


def test_the_sandbox_keeps_to_what_the_installation_says(tmp_path: Path) -> None:
    assert limits(environment(tmp_path), "a", NOTION, SPEECH) == (PaceLimits(), PaceLimits(concurrent=5))
    told = limits(environment(tmp_path, SET), "a", NOTION, SPEECH)
    assert told == (PaceLimits(requests=300), PaceLimits(concurrent=10))


def test_an_engine_whose_key_is_not_known_here_is_the_tenants_own(tmp_path: Path) -> None:
    plug_in = SPEECH.model_copy(update={"engine": "humming"})
    live = environment(tmp_path, LIVE, SET)
    assert limits(live, "a", NOTION, plug_in)[1] == PaceLimits(concurrent=20)
