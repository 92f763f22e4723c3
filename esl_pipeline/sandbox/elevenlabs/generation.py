"""One generation: a place, the bill, the speech, the history."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from esl_pipeline.clients.local_voice.speaking import Engine
from esl_pipeline.clients.local_voice.speaking_engines import choose_engine
from esl_pipeline.sandbox.elevenlabs.account import Account, Bill, now_unix
from esl_pipeline.sandbox.elevenlabs.formats import OutputFormat, encode
from esl_pipeline.sandbox.elevenlabs.in_flight import InFlight, Place
from esl_pipeline.sandbox.elevenlabs.speech_request import SpeechRequest
from esl_pipeline.sandbox.voices import CatalogueVoice

FASTER_GROUP_FACTOR = {"standard": 1, "turbo": 2}


@dataclass(frozen=True)
class Generation:
    """What came of a request."""

    audio: bytes
    history_item_id: str
    bill: Bill
    place: Place
    latency_ms: int

    def headers(self) -> dict[str, str]:
        """Returns the headers that the vendor answers with."""
        return {
            "history-item-id": self.history_item_id,
            "character-cost": str(self.bill.after - self.bill.before),
            "current-concurrent-requests": str(self.place.current),
            "maximum-concurrent-requests": str(self.place.maximum),
            "tts-latency-ms": str(self.latency_ms),
        }


class Studio:
    """Speaks for one account.

    Args:
        account: pays.
        engine: the local voice; None finds one when speech is first asked for.
    """

    def __init__(self, account: Account, engine: Engine | None) -> None:
        self._account, self._given_engine = account, engine
        self._in_flight = InFlight()

    def generate(
        self, voice: CatalogueVoice, asked: SpeechRequest, form: OutputFormat, *, request_id: str
    ) -> Generation:
        """Speaks and bills; the bill is due when generation begins, whatever comes of it.

        Raises:
            FaultError: too many requests at a time, or too few credits.
            SpeakingError: the engine is missing or failed.
        """
        group = asked.model().concurrency_group
        with self._in_flight.place(group, self._account.limits.concurrent * FASTER_GROUP_FACTOR[group]) as place:
            engine = self._engine
            bill = self._account.bill(asked.cost())
            began = time.monotonic()
            manner = replace(voice.manner, speed=voice.manner.speed * asked.speed)
            audio = encode(engine.speak(asked.text, manner), form)
            item = _item(voice, asked, form, bill, request_id)
            self._account.remember(item, audio)
        latency_ms = round(1000 * (time.monotonic() - began))
        return Generation(audio, item["history_item_id"], bill, place, latency_ms)

    @cached_property
    def _engine(self) -> Engine:
        return self._given_engine or choose_engine()


def _item(
    voice: CatalogueVoice, asked: SpeechRequest, form: OutputFormat, bill: Bill, request_id: str
) -> dict[str, Any]:
    settings = asked.voice_settings
    return {
        "history_item_id": secrets.token_hex(10),
        "request_id": request_id,
        "voice_id": voice.voice_id,
        "model_id": asked.model_id,
        "voice_name": voice.name,
        "voice_category": "premade",
        "text": asked.text,
        "date_unix": now_unix(),
        "character_count_change_from": bill.before,
        "character_count_change_to": bill.after,
        "content_type": form.container.content_type,
        "state": "created",
        "settings": settings.model_dump(exclude_none=True) if settings else None,
        "source": "TTS",
        "output_format": form.name,
    }
