"""What every engine offers: the one contract between the speech stage and those who speak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from esl_pipeline.speech.models import SpeechModel
from esl_pipeline.speech.segments import SegmentRequest
from esl_pipeline.speech.timings import CharacterTimings

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spoken:
    """The speech of one request.

    Attributes:
        pcm: samples, signed 16 bit little-endian mono; one or more.
        sample_rate_hz: samples per second.
        character_cost: credits that the vendor billed, None where it does not say.
        request_id: the vendor's id of the request, None where it gave none.
        timings: when each character is heard, where that was asked for and the engine tells.
    """

    pcm: bytes = field(repr=False)
    sample_rate_hz: int
    character_cost: int | None = None
    request_id: str | None = None
    timings: CharacterTimings | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """What the account may still have spoken, in the vendor's credits; ``remaining`` is 0 or more."""

    remaining: int
    limit: int


class SpeechEngine(Protocol):
    """Who speaks. One per tenant; may be used by several threads.

    Every method may raise ``RejectedError`` (asking again can't help) or ``UnavailableError`` (it may) of
    ``esl_pipeline.clients.errors``.
    """

    @property
    def name(self) -> str:
        """The setting ``speech.engine`` that chooses it; a part of every segment's key."""

    @property
    def endpoint(self) -> str:
        """Where it is; a part of every segment's key, so that a sandbox's speech is never taken for the vendor's."""

    def model(self, model_id: str | None) -> SpeechModel:
        """Returns what a model takes; the default model for None, careful guesses for one that is not known."""

    def list_voices(self) -> list[Json]:
        """Returns all voices that may be cast, in the form of ``GET /v2/voices``."""

    def find_voices(self, voice_ids: Sequence[str]) -> list[Json]:
        """Returns those of the voices that can be used now, at no cost; any number of ids."""

    def quota(self) -> Quota | None:
        """Returns what is left of the account's quota, None where that is unknown or boundless."""

    def synthesize(self, request: SegmentRequest) -> Spoken:
        """Buys the speech of a request.

        Raises:
            UnavailableError: with ``may_have_happened`` the speech may have been billed; see ``recover``.
        """

    def recover(self, request: SegmentRequest, asked_at: datetime) -> Spoken | None:
        """Finds speech that was billed since ``asked_at`` but never arrived, None where there is none or none is kept.

        Never buys anything.
        """
