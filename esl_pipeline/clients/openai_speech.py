"""``POST /v1/audio/speech``, of OpenAI and of servers that speak like it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from esl_pipeline.clients.bodies import garbled
from esl_pipeline.clients.http import Credential, HttpCaller
from esl_pipeline.clients.in_flight import InFlight
from esl_pipeline.clients.openai_speech_errors import OPENAI, refused
from esl_pipeline.clients.openai_speech_models import openai_speech_model, openai_voices
from esl_pipeline.clients.pace import Paced
from esl_pipeline.clients.retry import RetryPolicy
from esl_pipeline.clients.sounds import is_words, samples_of
from esl_pipeline.clients.surroundings import Surroundings
from esl_pipeline.clients.wire import Answer, HttpRequest
from esl_pipeline.speech import Quota, SegmentRequest, SpeechModel, Spoken

Json = dict[str, Any]

POLICY = RetryPolicy(deadline_s=600.0, read_timeout_s=180.0)

SAMPLE_RATE_HZ = 24_000
"""**Source**: platform.openai.com/docs/guides/text-to-speech, read 2026-11-24: ``pcm`` is 24 kHz, 16 bit, no header."""


class OpenAiSpeechClient:
    """A speech engine; may be used by several threads.

    It tells no times, and keeps nothing: speech whose answer is lost is bought again.

    Args:
        key: an API key.
        base_url: ``https://api.openai.com``, or a compatible server; a ``/v1`` at its end makes no difference.
        model: whose voices are listed; the default model where None.
        endpoint: names the account's place in segment keys; the base URL where None.
        tenant: whose key it is; for logs.
        max_concurrent: requests of this client under way at the same time, 1 or more.
        policy: limits of a call.
        paced: keeps the key's limits together with all who have the same key; nobody does where None.
        surroundings: clock, chance and wire.
    """

    def __init__(
        self,
        key: str,
        base_url: str = "https://api.openai.com",
        *,
        model: str | None = None,
        endpoint: str | None = None,
        tenant: str = "",
        max_concurrent: int = 2,
        policy: RetryPolicy = POLICY,
        paced: Paced | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        root = base_url.rstrip("/").removesuffix("/v1")
        self._endpoint, self._model = endpoint or root, model
        self._http = HttpCaller(
            OPENAI,
            root,
            Credential("Authorization", key, "Bearer"),
            policy,
            tenant=tenant,
            in_flight=InFlight(max_concurrent),
            paced=paced,
            surroundings=surroundings,
        )

    @property
    def name(self) -> str:
        """See the Protocol."""
        return "openai"

    @property
    def endpoint(self) -> str:
        """See the Protocol."""
        return self._endpoint

    def model(self, model_id: str | None) -> SpeechModel:
        """Returns what a model takes; the default model for None."""
        return openai_speech_model(model_id)

    @property
    def requests_made(self) -> int:
        """Requests sent since the client was made, repeated ones included."""
        return self._http.requests_made

    def list_voices(self) -> list[Json]:
        """Returns the model's voices; the vendor has no list of them, so nothing is asked."""
        return openai_voices(self._model)

    def find_voices(self, voice_ids: Sequence[str]) -> list[Json]:
        """Returns those of the voices that the model has, in the order of the ids."""
        voices = {voice["voice_id"]: voice for voice in self.list_voices()}
        return [voices[voice_id] for voice_id in dict.fromkeys(voice_ids) if voice_id in voices]

    def quota(self) -> Quota | None:
        """Returns None: an API key can't ask for the account's credit."""
        return None

    def synthesize(self, request: SegmentRequest) -> Spoken:
        """Buys the speech of one text.

        Raises:
            RejectedError: bad key, exhausted credit and the like; asking again can't help.
            UnavailableError: asking again may help; with ``may_have_happened`` the speech may have been billed.
        """
        if len(request.inputs) != 1:
            raise refused("invalid_request_error", "OpenAI speaks one voice at a time, no dialogue")
        longest = self.model(request.model).max_characters
        if request.characters > longest:
            raise refused("string_above_max_length", f"a text of {request.characters} characters is over {longest}")
        return self._http.call(HttpRequest("POST", "/v1/audio/speech", body=_body(request)), _read_spoken)

    def recover(self, request: SegmentRequest, asked_at: datetime) -> Spoken | None:  # noqa: ARG002
        """Returns None: the vendor keeps no history."""
        return None


def _body(request: SegmentRequest) -> Json:
    (spoken,) = request.inputs
    body = {"model": request.model, "input": spoken.text, "voice": spoken.voice.id, "response_format": "pcm"}
    return body | dict(request.options)


def _read_spoken(answer: Answer) -> Spoken:
    """Reads samples; some compatible servers send a file whatever the format that was asked for."""
    request_id = answer.headers.get("x-request-id")
    content_type = answer.headers.get("content-type", "")
    if is_words(content_type):
        raise garbled("the answer is not audio", answer, request_id)
    sound = samples_of(answer.content, content_type, SAMPLE_RATE_HZ)
    if sound is None:
        raise garbled("the answer has no audio, or half a sample", answer, request_id)
    return Spoken(*sound, request_id=request_id)
