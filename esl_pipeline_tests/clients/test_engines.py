"""The paid engines keep the one contract."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from esl_pipeline.clients import ElevenLabsClient, OpenAiSpeechClient
from esl_pipeline.speech import SegmentRequest
from esl_pipeline_tests.clients.asked import asked
from esl_pipeline_tests.clients.engine_contract import PaidEngineContract
from esl_pipeline_tests.clients.scripted import (
    KEY,
    OPENAI_KEY,
    Answering,
    Reply,
    Scene,
    Sent,
    openai_that,
    speech_that,
)

SOUND = Reply(200, b"\x01\x00" * 100, {"Content-Type": "audio/pcm"})
VOICES = [{"voice_id": f"v{number}", "name": f"Voice {number}"} for number in range(3)]


def elevenlabs_error(status: int, code: str) -> Reply:
    return Reply(status, {"detail": {"code": code, "message": "no"}})


def openai_error(status: int, code: str | None, kind: str = "requests") -> Reply:
    return Reply(status, {"error": {"message": "no", "type": kind, "param": None, "code": code}})


class TestElevenLabs(PaidEngineContract):
    secret, sound = KEY, SOUND
    busy = {  # noqa: RUF012 read only
        "crowded": elevenlabs_error(429, "concurrent_limit_exceeded"),
        "too fast": elevenlabs_error(429, "rate_limit_exceeded"),
        "of its own word": elevenlabs_error(503, "service_unavailable"),
    }
    bad = {  # noqa: RUF012 read only
        "invalid_api_key": elevenlabs_error(401, "invalid_api_key"),
        "quota_exceeded": elevenlabs_error(401, "quota_exceeded"),
        "voice_not_found": elevenlabs_error(404, "voice_not_found"),
    }

    def request(self) -> SegmentRequest:
        return asked()

    def scene(self, answer: Answering) -> tuple[ElevenLabsClient, Scene]:
        made = speech_that(answer)
        return made.speech, made

    def with_key(self, key: str) -> Any:
        return ElevenLabsClient(key, "https://api.elevenlabs.io")

    def healthy(self, sent: Sent) -> Reply:
        address = urlsplit(sent.path)
        if address.path == "/v2/voices":
            wanted = parse_qs(address.query).get("voice_ids")
            listed = [voice for voice in VOICES if wanted is None or voice["voice_id"] in wanted]
            return Reply(body={"voices": listed, "has_more": False, "next_page_token": None})
        if address.path == "/v1/user/subscription":
            return Reply(body={"character_count": 10, "character_limit": 100})
        if address.path == "/v1/history":
            return Reply(body={"history": [], "has_more": False})
        return elevenlabs_error(404, "voice_not_found")


class TestOpenAi(PaidEngineContract):
    secret, sound = OPENAI_KEY, SOUND
    busy = {  # noqa: RUF012 read only
        "too fast": openai_error(429, "rate_limit_exceeded"),
        "without a code": openai_error(429, None),
        "of its own word": openai_error(503, "slow_down", "service_unavailable_error"),
    }
    bad = {  # noqa: RUF012 read only
        "invalid_api_key": openai_error(401, "invalid_api_key", "invalid_request_error"),
        "insufficient_quota": openai_error(429, "insufficient_quota", "insufficient_quota"),
        "model_not_found": openai_error(404, "model_not_found", "invalid_request_error"),
    }

    def request(self) -> SegmentRequest:
        return asked(voice="coral", model="gpt-4o-mini-tts", options={})

    def scene(self, answer: Answering) -> tuple[OpenAiSpeechClient, Scene]:
        made = openai_that(answer)
        return made.speech, made

    def with_key(self, key: str) -> Any:
        return OpenAiSpeechClient(key)

    def healthy(self, sent: Sent) -> Reply:
        raise AssertionError(f"OpenAI is never asked for {sent.path}")
