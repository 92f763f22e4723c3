"""Speech that was billed but whose answer was lost, in the account's history."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from esl_pipeline.clients.bodies import garbled, read_object
from esl_pipeline.clients.elevenlabs_errors import lacks_permission
from esl_pipeline.clients.elevenlabs_timings import read_timings
from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.http import HttpCaller
from esl_pipeline.clients.sounds import samples_of
from esl_pipeline.clients.wire import Answer, HttpRequest
from esl_pipeline.speech import SegmentRequest, Spoken

Json = dict[str, Any]

CLOCK_SKEW_S = 60
"""How far the vendor's clock may be behind ours."""

PAGE_SIZE = 100
_TOLERANCE = 1e-6

_log = logging.getLogger(__name__)


def recover(
    http: HttpCaller, request: SegmentRequest, asked_at: datetime, *, may_be_dialogue: bool, with_timings: bool
) -> Spoken | None:
    """Returns the newest generation of a request since ``asked_at``; None where the history has none or is closed.

    Args:
        http: the account's.
        request: as it was sent.
        asked_at: when it was first sent.
        may_be_dialogue: whether the dialogue endpoint may have made it; its items have no voice of their own.
        with_timings: whether to tell when each character is heard.
    """
    query = {"date_after_unix": str(int(asked_at.timestamp()) - CLOCK_SKEW_S)}
    if not may_be_dialogue:
        query |= {"voice_id": request.inputs[0].voice.id, "model_id": request.model, "source": "TTS"}
    try:
        for item in _items(http, query):
            if _is_of(item, request) and (spoken := _spoken(http, item, request, with_timings)) is not None:
                return spoken
    except RejectedError as refused:
        if not lacks_permission(refused):
            raise
        _log.warning(
            "elevenlabs: lost speech can't be looked for and is bought again, because the API key lacks the permission "
            "speech_history_read"
        )
    return None


def _items(http: HttpCaller, query: Mapping[str, str]) -> Iterator[Json]:
    """Yields the items, newest first, over all result pages."""
    seen: set[str] = set()
    after: str | None = None

    def read_page(answer: Answer) -> tuple[list[Json], str | None]:
        listing = read_object(answer)
        page, last = listing.get("history"), listing.get("last_history_item_id") if listing.get("has_more") else None
        if not isinstance(page, list) or not all(isinstance(item, dict) for item in page):
            raise garbled("the answer has no list of generations", answer)
        if listing.get("has_more") and (not isinstance(last, str) or last in seen):
            raise garbled("the history goes in a circle", answer)
        return page, last

    while True:
        asked = {"page_size": str(PAGE_SIZE), "sort_direction": "desc", **query}
        more = {} if after is None else {"start_after_history_item_id": after}
        page, after = http.call(HttpRequest("GET", "/v1/history", {**asked, **more}), read_page)
        yield from page
        if after is None:
            return
        seen.add(after)


def _is_of(item: Json, request: SegmentRequest) -> bool:
    """Tells whether a finished generation is of exactly the request, as far as the history tells."""
    if not isinstance(item.get("history_item_id"), str) or item.get("state", "created") != "created":
        return False
    if item.get("model_id") not in (None, request.model):
        return False
    return _lines(item) == [(one.voice.id, one.text) for one in request.inputs] and _settings_fit(item, request)


def _lines(item: Json) -> list[tuple[Any, Any]]:
    dialogue = item.get("dialogue")
    if not dialogue:
        return [(item.get("voice_id"), item.get("text"))]
    lines = dialogue if isinstance(dialogue, list) else []
    return [(line.get("voice_id"), line.get("text")) for line in lines if isinstance(line, dict)]


def _settings_fit(item: Json, request: SegmentRequest) -> bool:
    """Compares the settings that both tell; one that the history leaves out may be anything."""
    told = item.get("settings")
    if not isinstance(told, dict):
        return True
    return all(_same(told[name], value) for name, value in request.options.items() if told.get(name) is not None)


def _same(told: object, asked: object) -> bool:
    if isinstance(told, int | float) and isinstance(asked, int | float):
        return abs(told - asked) <= _TOLERANCE
    return told == asked


def _spoken(http: HttpCaller, item: Json, request: SegmentRequest, with_timings: bool) -> Spoken | None:
    """Fetches the sound; None where it is gone or can't be read."""

    def read(answer: Answer) -> tuple[bytes, str]:
        if not answer.content:
            raise garbled("the answer has no audio", answer)
        return answer.content, answer.headers.get("content-type", "")

    try:
        path = f"/v1/history/{quote(item['history_item_id'], safe='')}/audio"
        content, content_type = http.call(HttpRequest("GET", path), read)
    except RejectedError as refused:
        if refused.status == 404:
            return None
        raise
    sound = samples_of(content, content_type, _raw_rate_hz(item))
    if sound is None:
        return None
    samples, rate_hz = sound
    timings = None
    if with_timings and isinstance(alignments := item.get("alignments"), dict):
        text = "".join(one.text for one in request.inputs)
        timings = read_timings(alignments.get("alignment"), text, len(samples) / 2 / rate_hz)
    request_id = item.get("request_id")
    return Spoken(samples, rate_hz, _cost(item), request_id if isinstance(request_id, str) else None, timings)


def _raw_rate_hz(item: Json) -> int | None:
    codec, _, rate = str(item.get("output_format") or "").partition("_")
    return int(rate) if codec == "pcm" and rate.isdecimal() and int(rate) > 0 else None


def _cost(item: Json) -> int | None:
    before, after = item.get("character_count_change_from"), item.get("character_count_change_to")
    return after - before if type(before) is int and type(after) is int and after >= before else None
