"""ElevenLabs' API over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from esl_pipeline.clients import elevenlabs_history, elevenlabs_quota, elevenlabs_voices
from esl_pipeline.clients.elevenlabs_answers import read_sound, read_timed_sound
from esl_pipeline.clients.elevenlabs_errors import ELEVENLABS
from esl_pipeline.clients.elevenlabs_models import elevenlabs_model
from esl_pipeline.clients.elevenlabs_requests import dialogue_request, turn_request
from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.http import Credential, HttpCaller
from esl_pipeline.clients.in_flight import InFlight
from esl_pipeline.clients.pace import Paced
from esl_pipeline.clients.retry import RetryPolicy
from esl_pipeline.clients.surroundings import Surroundings
from esl_pipeline.clients.wire import HttpRequest
from esl_pipeline.speech import Quota, SegmentRequest, SpeechModel, Spoken

Json = dict[str, Any]

POLICY = RetryPolicy(deadline_s=600.0, read_timeout_s=180.0)
"""A long text takes a minute and more, and is paid for although nobody waits for it any longer."""


class ElevenLabsClient:
    """A speech engine; may be used by several threads.

    Args:
        key: an API key.
        base_url: ``https://api.elevenlabs.io``, one of its regions, or the sandbox.
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
        base_url: str,
        *,
        endpoint: str | None = None,
        tenant: str = "",
        max_concurrent: int = 2,
        policy: RetryPolicy = POLICY,
        paced: Paced | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        self._endpoint = endpoint or base_url
        self._dialogue_models: set[str] = set()
        self._http = HttpCaller(
            ELEVENLABS,
            base_url,
            Credential("xi-api-key", key),
            policy,
            tenant=tenant,
            in_flight=InFlight(max_concurrent),
            paced=paced,
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
        return elevenlabs_voices.list_voices(self._http)

    def find_voices(self, voice_ids: Sequence[str]) -> list[Json]:
        """Returns those of the voices that can be used now, in the order of the ids."""
        return elevenlabs_voices.find_voices(self._http, voice_ids)

    def quota(self) -> Quota | None:
        """Returns the credits left; None where there is no end, or the key lacks the permission ``user_read``."""
        return elevenlabs_quota.quota(self._http)

    def synthesize(self, request: SegmentRequest) -> Spoken:
        """Buys the speech of a request: of several inputs as a dialogue, always with timings, since it will be cut.

        Raises:
            RejectedError: unknown voice, exhausted quota and the like; asking again can't help.
            UnavailableError: asking again may help; with ``may_have_happened`` the speech may have been billed.
        """
        if len(request.inputs) > 1 or request.model in self._dialogue_models:
            return self._buy_dialogue(request)
        try:
            return self._buy_turn(request)
        except RejectedError as refused:
            if refused.code != "unsupported_model" or not self.model(request.model).dialogue_characters:
                raise
        # Whether eleven_v4 speaks single texts is told both ways; where it does not, as a dialogue of one it does.
        spoken = self._buy_dialogue(request)
        self._dialogue_models.add(request.model)
        return spoken

    def recover(self, request: SegmentRequest, asked_at: datetime) -> Spoken | None:
        """Finds the speech of a request in the account's history; one that is still being made is not there yet.

        Returns:
            The newest one; None also where the key lacks the permission ``speech_history_read``.

        Raises:
            RejectedError: the key is wrong, and the like.
            UnavailableError: asking again may help.
        """
        return elevenlabs_history.recover(
            self._http,
            request,
            asked_at,
            may_be_dialogue=self.model(request.model).dialogue_characters > 0 or len(request.inputs) > 1,
            with_timings=_timed(request),
        )

    def _buy_turn(self, request: SegmentRequest) -> Spoken:
        return self._buy(turn_request(request), request, timed=request.with_timings)

    def _buy_dialogue(self, request: SegmentRequest) -> Spoken:
        timed = _timed(request)
        return self._buy(dialogue_request(request, timed=timed), request, timed=timed)

    def _buy(self, asked: HttpRequest, request: SegmentRequest, *, timed: bool) -> Spoken:
        return self._http.call(asked, lambda answer: read_timed_sound(answer, request) if timed else read_sound(answer))


def _timed(request: SegmentRequest) -> bool:
    return request.with_timings or len(request.inputs) > 1
