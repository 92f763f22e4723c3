"""One generation: a place, the bill, the speech, the history."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from esl_pipeline.clients.local_voice.speaking import Engine
from esl_pipeline.clients.local_voice.speaking_engines import choose_engine
from esl_pipeline.sandbox.elevenlabs.account import Account, Bill, now_unix
from esl_pipeline.sandbox.elevenlabs.categories import category
from esl_pipeline.sandbox.elevenlabs.formats import OutputFormat, encode
from esl_pipeline.sandbox.elevenlabs.in_flight import InFlight, Place
from esl_pipeline.sandbox.elevenlabs.orders import Line, Order
from esl_pipeline.sandbox.elevenlabs.performance import Performance, perform

FASTER_GROUP_FACTOR = {"standard": 1, "turbo": 2}


@dataclass(frozen=True)
class Generation:
    """What came of a request."""

    audio: bytes
    performance: Performance
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
        self,
        order: Order,
        form: OutputFormat,
        *,
        key: str,
        request_id: str,
        timed: bool = False,
        delay: Callable[[], object],
    ) -> Generation:
        """Speaks and bills; the bill is due when generation begins, whatever comes of it and whoever still listens.

        Args:
            order: what to speak.
            form: how to encode it.
            key: of whom asks; requests at a time are counted for each key, as if each were of an account of its own.
            request_id: for the history.
            timed: whether the history keeps the alignment.
            delay: waits as long as the generation is to take in addition.

        Raises:
            FaultError: too many requests at a time, or too few credits.
            SpeakingError: the engine is missing or failed.
        """
        group = order.model.concurrency_group
        most = self._account.limits.concurrent * FASTER_GROUP_FACTOR[group]
        with self._in_flight.place(f"{group} of {key}", most) as place:
            engine = self._engine
            bill = self._account.bill(order.cost)
            began = time.monotonic()
            delay()
            performance = perform(order, engine, form)
            audio = encode(performance.spoken, form)
            item = _item(order, form, bill, request_id)
            if timed:
                item["alignments"] = _alignments(performance)
            self._account.remember(item, audio)
        latency_ms = round(1000 * (time.monotonic() - began))
        return Generation(audio, performance, item["history_item_id"], bill, place, latency_ms)

    @cached_property
    def _engine(self) -> Engine:
        return self._given_engine or choose_engine()


def _item(order: Order, form: OutputFormat, bill: Bill, request_id: str) -> dict[str, Any]:
    voice = None if order.dialogue else order.lines[0].voice
    return {
        "history_item_id": secrets.token_hex(10),
        "request_id": request_id,
        "voice_id": voice.voice_id if voice else None,
        "model_id": order.model.model_id,
        "voice_name": voice.name if voice else None,
        "voice_category": category(voice) if voice else None,
        "text": "" if order.dialogue else order.lines[0].text,
        "date_unix": now_unix(),
        "character_count_change_from": bill.before,
        "character_count_change_to": bill.after,
        "content_type": form.container.content_type,
        "state": "created",
        "settings": dict(order.settings) if order.settings is not None else None,
        "share_link_id": None,
        "source": "TTS",
        "alignments": None,
        "dialogue": [_said(line) for line in order.lines] if order.dialogue else None,
        "output_format": form.name,
    }


def _said(line: Line) -> dict[str, str]:
    return {"text": line.text, "voice_id": line.voice.voice_id, "voice_name": line.voice.name}


def _alignments(performance: Performance) -> dict[str, Any]:
    timings = performance.timings
    return {**timings, "normalized_alignment": timings["normalized_alignment"] or timings["alignment"]}
