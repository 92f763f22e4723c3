"""ElevenLabs' API over HTTP."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from esl_pipeline.clients.bodies import garbled, read_object
from esl_pipeline.clients.elevenlabs_errors import CODES, ELEVENLABS
from esl_pipeline.clients.elevenlabs_models import elevenlabs_model
from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.http import Credential, HttpCaller
from esl_pipeline.clients.in_flight import InFlight
from esl_pipeline.clients.retry import RetryPolicy
from esl_pipeline.clients.surroundings import Surroundings
from esl_pipeline.clients.wire import Answer, HttpRequest
from esl_pipeline.speech import Quota, SegmentRequest, SpeechModel, Spoken

Json = dict[str, Any]

PAGE_SIZE = 100
"""**Source**: ElevenLabs' OpenAPI document of 2026-09-23, GET /v2/voices: the largest page."""

POLICY = RetryPolicy(deadline_s=600.0, read_timeout_s=180.0)
"""A long text takes a minute and more, and is paid for although nobody waits for it any longer."""

OUTPUT_FORMAT, SAMPLE_RATE_HZ = "pcm_24000", 24_000
"""Uncompressed, so that the track is encoded once; every plan may ask for it.

**Source**: ElevenLabs' OpenAPI document of 2026-09-23, ``output_format``.
"""
_NO_AUDIO = ("application/json", "text/")


class ElevenLabsClient:
    """Lists voices and buys speech; may be used by several threads.

    Args:
        key: an API key.
        base_url: ``https://api.elevenlabs.io``, one of its regions, or the sandbox.
        endpoint: names the account's place in segment keys; the base URL where None.
        tenant: whose key it is; for logs.
        max_concurrent: requests under way at the same time, 1 or more; the plan's limit.
        policy: limits of a call.
        surroundings: clock, chance and wire.
    """

    def __init__(
        self,
        key: str,
        base_url: str,
        *,
        endpoint: str | None = None,
        tenant: str = "",
        max_concurrent: int = 2,
        policy: RetryPolicy = POLICY,
        surroundings: Surroundings | None = None,
    ) -> None:
        self._endpoint = endpoint or base_url
        self._http = HttpCaller(
            ELEVENLABS,
            base_url,
            Credential("xi-api-key", key),
            policy,
            tenant=tenant,
            in_flight=InFlight(max_concurrent),
            surroundings=surroundings,
        )

    @property
    def name(self) -> str:
        """See the Protocol."""
        return "elevenlabs"

    @property
    def endpoint(self) -> str:
        """See the Protocol."""
        return self._endpoint

    def model(self, model_id: str | None) -> SpeechModel:
        """Returns what a model takes; the default model for None."""
        return elevenlabs_model(model_id)

    @property
    def requests_made(self) -> int:
        """Requests sent since the client was made, repeated ones included."""
        return self._http.requests_made

    def list_voices(self) -> list[Json]:
        """Returns the account's voices, over all result pages.

        Raises:
            RejectedError: the key may not list voices, and the like.
            UnavailableError: asking again may help.
        """
        voices: list[Json] = []
        seen: set[str] = set()
        token: str | None = None

        def read_page(answer: Answer) -> tuple[list[Json], str | None]:
            listing = read_object(answer)
            page, after = listing.get("voices"), listing.get("next_page_token") if listing.get("has_more") else None
            if not isinstance(page, list) or not all(isinstance(voice, dict) for voice in page):
                raise garbled("the answer has no list of voices", answer)
            if listing.get("has_more") and (not isinstance(after, str) or after in seen):
                raise garbled("the list of voices goes in a circle", answer)
            return page, after

        while True:
            query = {"page_size": str(PAGE_SIZE), "include_total_count": "false"}
            request = HttpRequest("GET", "/v2/voices", query if token is None else {**query, "next_page_token": token})
            page, token = self._http.call(request, read_page)
            voices += page
            if token is None:
                return voices
            seen.add(token)

    def find_voices(self, voice_ids: Sequence[str]) -> list[Json]:
        """Returns those of the voices that can be used now."""
        wanted = set(voice_ids)
        return [voice for voice in self.list_voices() if voice.get("voice_id") in wanted]

    def quota(self) -> Quota | None:
        """Returns what is left of the account's credits."""
        return None

    def synthesize(self, request: SegmentRequest) -> Spoken:
        """Buys the speech of one text.

        Raises:
            RejectedError: unknown voice, exhausted quota and the like; asking again can't help.
            UnavailableError: asking again may help; with ``may_have_happened`` the speech may have been billed.
        """
        (spoken,) = request.inputs
        asked = HttpRequest("POST", _speech_path(spoken.voice.id), {"output_format": OUTPUT_FORMAT}, _body(request))
        return self._http.call(asked, lambda answer: _read_spoken(answer, SAMPLE_RATE_HZ))

    def recover(self, request: SegmentRequest, asked_at: datetime) -> Spoken | None:
        """Finds speech that was billed but never arrived."""
        return None


def _body(request: SegmentRequest) -> Json:
    body: Json = {
        "text": request.inputs[0].text,
        "model_id": request.model,
        "voice_settings": dict(request.options),
        "apply_text_normalization": "auto",
    }
    context = {"previous_text": request.previous_text, "next_text": request.next_text}
    body |= {name: text for name, text in context.items() if text}
    if request.seed is not None:
        body["seed"] = request.seed
    if request.language_code:
        body["language_code"] = request.language_code
    return body


def _speech_path(voice_id: str) -> str:
    if not voice_id.strip("."):
        raise _refused("invalid_voice_id", f"“{voice_id}” is no id of a voice")
    return f"/v1/text-to-speech/{quote(voice_id, safe='')}"


def _refused(code: str, message: str) -> RejectedError:
    return RejectedError("elevenlabs", code, message, fix=CODES[code].fix)


def _read_spoken(answer: Answer, sample_rate_hz: int) -> Spoken:
    request_id = answer.headers.get("request-id")
    if answer.headers.get("content-type", "").lower().startswith(_NO_AUDIO):
        raise garbled("the answer is not audio", answer, request_id)
    if not answer.content:
        raise garbled("the answer has no audio", answer, request_id)
    if len(answer.content) % 2:
        raise garbled("the audio ends in the middle of a sample", answer, request_id)
    return Spoken(answer.content, sample_rate_hz, _character_cost(answer), request_id)


def _character_cost(answer: Answer) -> int | None:
    """Returns the ``character-cost`` header, rounded up; it is documented nowhere, so anything may be in it."""
    try:
        cost = float(answer.headers.get("character-cost", ""))
    except ValueError:
        return None
    return math.ceil(cost) if math.isfinite(cost) and cost >= 0 else None
