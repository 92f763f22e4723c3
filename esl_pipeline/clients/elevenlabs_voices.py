"""The voices of an ElevenLabs account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from esl_pipeline.clients.bodies import garbled, read_object
from esl_pipeline.clients.elevenlabs_requests import voice_segment
from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.http import HttpCaller
from esl_pipeline.clients.wire import Answer, HttpRequest

Json = dict[str, Any]

PAGE_SIZE = 100
"""Largest page, and most ids of one look-up.

**Source**: ElevenLabs' OpenAPI document of 2026-09-23, GET /v2/voices.
"""
_ABSENT = frozenset({"voice_not_found", "invalid_voice_id", "voice_access_denied"})


def list_voices(http: HttpCaller, wanted: Mapping[str, Sequence[str]] | None = None) -> list[Json]:
    """Returns the account's voices, over all result pages.

    Args:
        http: the account's.
        wanted: further query parameters; all voices where None.
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
        query = {"page_size": str(PAGE_SIZE), "include_total_count": "false", **(wanted or {})}
        request = HttpRequest("GET", "/v2/voices", query if token is None else {**query, "next_page_token": token})
        page, token = http.call(request, read_page)
        voices += page
        if token is None:
            return voices
        seen.add(token)


def find_voices(http: HttpCaller, voice_ids: Sequence[str]) -> list[Json]:
    """Returns those of the voices that can be used now, in the order of the ids.

    A voice of the public library may be usable without being listed, so one that is not is asked for by itself.
    """
    wanted = [voice_id for voice_id in dict.fromkeys(voice_ids) if voice_id.strip(".")]
    found: dict[str, Json] = {}
    for start in range(0, len(wanted), PAGE_SIZE):
        listed = list_voices(http, {"voice_ids": wanted[start : start + PAGE_SIZE]})
        found |= {str(voice.get("voice_id")): voice for voice in listed}
    for voice_id in wanted:
        if voice_id not in found and (voice := _voice(http, voice_id)) is not None:
            found[voice_id] = voice
    return [found[voice_id] for voice_id in wanted if voice_id in found]


def _voice(http: HttpCaller, voice_id: str) -> Json | None:
    def read(answer: Answer) -> Json:
        voice = read_object(answer)
        if voice.get("voice_id") != voice_id:
            raise garbled("the answer is another voice than was asked for", answer)
        return voice

    try:
        return http.call(HttpRequest("GET", f"/v1/voices/{voice_segment(voice_id)}"), read)
    except RejectedError as refused:
        if refused.code in _ABSENT or refused.status == 404:
            return None
        raise
