"""A vendor that answers as a test says, behind the real HTTP library, and a clock that nobody has to wait for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from esl_pipeline.clients import ElevenLabsClient, NotionClient, OpenAiSpeechClient, Surroundings
from esl_pipeline.clients.retry import RetryPolicy
from esl_pipeline_tests.clients.openai_rules import check_openai_request
from esl_pipeline_tests.contracts import check_elevenlabs_request, check_notion_request

TOKEN = "ntn_marked-4f9c27d1"
KEY = "sk_marked-8b31e6aa"
OPENAI_KEY = "sk-proj-marked-77d0c1"
PAGE = "38c9ce7b-60a4-811d-9f22-cf71f5b35ee4"
BLOCK = "38c9ce7b-60a4-8117-a017-fb9d68ea72f0"
OTHER = "38c9ce7b-60a4-8151-8851-e357be75fe85"


class FakeClock:
    """Passes time at once, and remembers for how long it was asked to."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        self.sleeps: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 11, 23, 12, 0, tzinfo=UTC) + timedelta(seconds=self.passed_s)

    def monotonic(self) -> float:
        return 1000.0 + self.passed_s

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.passed_s += seconds


@dataclass(frozen=True)
class Sent:
    """A request as it left the client."""

    method: str
    path: str
    body: dict[str, Any] | None
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """An answer; ``body`` is sent as JSON unless it is bytes."""

    status: int = 200
    body: object = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, request: requests.PreparedRequest) -> requests.Response:
        content = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        made = requests.Response()
        made.status_code, made.request, made.url = self.status, request, request.url or ""
        made.headers.update(self.headers)
        made.raw = HTTPResponse(BytesIO(content), headers=dict(self.headers), preload_content=False)
        return made


Answering = Callable[[Sent], Reply | Exception]


class ScriptedVendor(BaseAdapter):
    """Answers each request by a function, after its body was checked against the vendor's contract."""

    def __init__(self, answer: Answering, check: Callable[[str, str, dict[str, Any] | None], None]) -> None:
        super().__init__()
        self._answer, self._check = answer, check
        self.sent: list[Sent] = []

    def send(self, request: requests.PreparedRequest, *args: object, **options: object) -> requests.Response:
        body = json.loads(request.body) if request.body else None
        self.sent.append(Sent(request.method or "", request.path_url, body, dict(request.headers)))
        self._check(self.sent[-1].method, self.sent[-1].path, body)
        reply = self._answer(self.sent[-1])
        if isinstance(reply, Exception):
            raise reply
        return reply.response(request)

    def close(self) -> None:
        """Has nothing to close."""


def in_turn(*replies: Reply | Exception) -> Answering:
    """Answers with one after the other, the last one for ever."""
    left = list(replies)
    return lambda _sent: left.pop(0) if len(left) > 1 else left[0]


@dataclass
class Scene:
    """A client, the vendor that it talks to, and its clock."""

    vendor: ScriptedVendor
    clock: FakeClock

    @property
    def around(self) -> Surroundings:
        return Surroundings(self.clock, lambda low, high: high, self.vendor)

    @property
    def sent(self) -> list[Sent]:
        return self.vendor.sent


@dataclass
class NotionScene(Scene):
    """Notion, scripted."""

    policy: RetryPolicy | None = None

    def __post_init__(self) -> None:
        options: dict[str, Any] = {} if self.policy is None else {"policy": self.policy}
        self.notion = NotionClient(
            TOKEN, "https://api.notion.com/", tenant="school", surroundings=self.around, **options
        )


@dataclass
class SpeechScene(Scene):
    """ElevenLabs, scripted."""

    max_concurrent: int = 2

    def __post_init__(self) -> None:
        self.speech = ElevenLabsClient(
            KEY,
            "https://api.elevenlabs.io",
            tenant="school",
            max_concurrent=self.max_concurrent,
            surroundings=self.around,
        )


@dataclass
class OpenAiScene(Scene):
    """OpenAI's speech, scripted."""

    model: str | None = None

    def __post_init__(self) -> None:
        self.speech = OpenAiSpeechClient(OPENAI_KEY, model=self.model, tenant="school", surroundings=self.around)


def notion_that(answer: Answering, policy: RetryPolicy | None = None) -> NotionScene:
    """Returns Notion, answering so; back-off waits its upper bound."""
    return NotionScene(ScriptedVendor(answer, check_notion_request), FakeClock(), policy)


def speech_that(answer: Answering, max_concurrent: int = 2) -> SpeechScene:
    """Returns ElevenLabs, answering so; back-off waits its upper bound."""
    return SpeechScene(ScriptedVendor(answer, check_elevenlabs_request), FakeClock(), max_concurrent)


def openai_that(answer: Answering, model: str | None = None) -> OpenAiScene:
    """Returns OpenAI, answering so; back-off waits its upper bound."""
    return OpenAiScene(ScriptedVendor(answer, check_openai_request), FakeClock(), model)


def notion_error(
    status: int, code: str, message: str = "no", headers: Mapping[str, str] | None = None, **more: object
) -> Reply:
    """Returns an error in Notion's form; ``more`` goes to ``additional_data``."""
    body = {"object": "error", "status": status, "code": code, "message": message, "request_id": "r-1"}
    return Reply(status, body | ({"additional_data": more} if more else {}), headers or {})


def page(page_id: str = PAGE) -> Reply:
    """Returns a page, as an answer."""
    return Reply(body={"object": "page", "id": page_id, "request_id": "r-2"})
