"""The clients fit what the stages ask for; a type checker reads the assignments, the tests call by name."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from esl_pipeline.clients import (
    Clock,
    ElevenLabsClient,
    NotionClient,
    ObjectStore,
    OpenAiSpeechClient,
    Surroundings,
    s3_client,
)
from esl_pipeline.speech import SpeechEngine
from esl_pipeline.stages import hooks, vendors
from esl_pipeline.stages.notion_api import NotionApi

NOTION: NotionApi = NotionClient("ntn_token", "http://127.0.0.1:9", tenant="school")
SPEECH: SpeechEngine = ElevenLabsClient("sk_token", "http://127.0.0.1:9", tenant="school", max_concurrent=3)
OTHER_SPEECH: SpeechEngine = OpenAiSpeechClient("sk-token", "http://127.0.0.1:9/v1", tenant="school")
OBJECTS: vendors.ObjectStorage = ObjectStore(s3_client(None), "lessons")
CLOCK: Clock = hooks.MachineClock()


@pytest.mark.parametrize(
    ("protocol", "client"),
    [
        (NotionApi, NotionClient),
        (vendors.ObjectStorage, ObjectStore),
    ],
)
def test_every_method_takes_what_the_stages_pass(protocol: Any, client: Any) -> None:
    for name, asked in inspect.getmembers(protocol, inspect.isfunction):
        if not name.startswith("_"):
            has = inspect.signature(getattr(client, name)).parameters
            wants = inspect.signature(asked).parameters
            assert [(p.name, p.kind, p.default) for p in has.values()] == [
                (p.name, p.kind, p.default) for p in wants.values()
            ], name


def test_making_the_clients_sends_nothing() -> None:
    assert NOTION.requests_made == 0
    assert OTHER_SPEECH.list_voices()
    assert OBJECTS.bucket == "lessons"


def test_a_host_may_plug_in_its_clock() -> None:
    assert Surroundings(clock=CLOCK).clock is CLOCK
