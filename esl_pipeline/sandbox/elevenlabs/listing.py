"""Lists as the vendor pages and filters them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from esl_pipeline.sandbox.elevenlabs.categories import PREMADE, category
from esl_pipeline.sandbox.elevenlabs.faults import FaultError
from esl_pipeline.sandbox.elevenlabs.models import MODELS
from esl_pipeline.sandbox.voices import VOICES, CatalogueVoice

Json = dict[str, Any]
Query = MultiDict[str, str]

MAX_PAGE, MAX_HISTORY_PAGE, MAX_VOICE_IDS = 100, 1000, 100
SOURCES = ("TTS", "STS", "Flows")
"""Of history items, as far as they can be asked for."""

CREATED_AT_UNIX = 1767225600
"""The first voice's; each further one is a day younger."""


def voice_json(voice: CatalogueVoice) -> Json:
    """Returns a voice as the vendor describes it."""
    locale = "en-GB" if voice.manner.accent == "british" else "en-US"
    language = {"language": "en", "accent": voice.manner.accent, "locale": locale, "preview_url": None}
    return {
        "voice_id": voice.voice_id,
        "name": voice.name,
        "samples": None,
        "category": category(voice),
        "labels": voice.labels,
        "description": voice.description,
        "preview_url": None,
        "available_for_tiers": [],
        "settings": {
            "stability": 0.5, "similarity_boost": 0.75, "style": 0.0, "use_speaker_boost": True, "speed": 1.0,
        },
        "sharing": None,
        "high_quality_base_model_ids": [model.model_id for model in MODELS.values() if model.speaks],
        "verified_languages": [{**language, "model_id": model} for model in MODELS],
        "is_owner": False,
        "is_legacy": False,
        "is_mixed": False,
        "created_at_unix": CREATED_AT_UNIX + 86400 * VOICES.index(voice),
    }  # fmt: skip


def voices_left(withdrawn: Collection[str]) -> list[CatalogueVoice]:
    """Returns the account's voices without those that were withdrawn, named by id, name or category."""
    return [one for one in VOICES if not {one.voice_id, one.name, category(one)} & set(withdrawn)]


def voice(voice_id: str, voices: Sequence[CatalogueVoice]) -> CatalogueVoice:
    """Returns one of the account's voices.

    Raises:
        FaultError: it has none of this id.
    """
    found = next((one for one in voices if one.voice_id == voice_id), None)
    if found is None:
        raise FaultError("voice_not_found", f"A voice with the voice_id {voice_id} was not found.", "voice_id")
    return found


def voice_page(voices: Sequence[CatalogueVoice], query: Query) -> Json:
    """Answers ``GET /v2/voices``.

    Args:
        voices: the account's.
        query: the request's parameters.

    Raises:
        FaultError: a parameter is out of range, or the page token is not ours.
    """
    ids = query.getlist("voice_ids")
    if len(ids) > MAX_VOICE_IDS:
        raise FaultError("invalid_parameters", f"At most {MAX_VOICE_IDS} voice_ids are allowed.", "voice_ids")
    found = [voice_json(one) for one in voices if _wanted(one, query)]
    if "sort" in query:
        key = _choice(query, "sort", ("name", "created_at_unix"))
        found.sort(key=lambda one: one[key], reverse=query.get("sort_direction") == "desc")
    size = whole_number(query, "page_size", 10, 1, MAX_PAGE)
    start = whole_number(query, "next_page_token", 0, 0, len(VOICES))
    more = start + size < len(found)
    return {
        "voices": found[start : start + size],
        "has_more": more,
        "total_count": len(found),
        "next_page_token": str(start + size) if more else None,
    }


def history_page(items: Sequence[Json], query: Query) -> Json:
    """Answers ``GET /v1/history``.

    Args:
        items: all, newest first.
        query: the request's parameters.

    Raises:
        FaultError: a parameter is out of range, or ``model_id`` comes without ``source``.
    """
    if "model_id" in query and "source" not in query:
        raise FaultError("invalid_parameters", "source is required when model_id is given.", "source")
    if "source" in query:
        _choice(query, "source", SOURCES)
    if "sort_direction" in query:
        _choice(query, "sort_direction", ("asc", "desc"))
    size = whole_number(query, "page_size", 100, 1, MAX_HISTORY_PAGE)
    found = [item for item in items if _remembered(item, query)]
    if query.get("sort_direction") == "asc":
        found.reverse()
    ids = [item["history_item_id"] for item in found]
    after = query.get("start_after_history_item_id")
    start = ids.index(after) + 1 if after in ids else 0
    page = found[start : start + size]
    return {
        "history": page,
        "last_history_item_id": page[-1]["history_item_id"] if page else None,
        "has_more": start + size < len(found),
        "scanned_until": None,
    }


def whole_number(query: Query, name: str, default: int, lowest: int, highest: int) -> int:
    """Reads a number in a range.

    Raises:
        FaultError: it is none, or out of it.
    """
    text = query.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and lowest <= int(text) <= highest):
        raise FaultError("invalid_parameters", f"{name} must be between {lowest} and {highest}.", name)
    return int(text)


def _choice(query: Query, name: str, allowed: tuple[str, ...]) -> str:
    if query[name] not in allowed:
        raise FaultError("invalid_parameters", f"{name} must be one of {', '.join(allowed)}.", name)
    return query[name]


def _wanted(one: CatalogueVoice, query: Query) -> bool:
    labels, searched = one.labels, query.get("search", "").lower()
    ids, uses, languages = query.getlist("voice_ids"), query.getlist("use_cases"), query.getlist("language")
    return (
        (not ids or one.voice_id in ids)
        and (not uses or labels["use_case"] in uses)
        and (not languages or labels["language"] in languages)
        and all(query.get(name, labels[name]) == labels[name] for name in ("gender", "age", "accent"))
        and query.get("category", category(one)) == category(one)
        and _is_of_type(one, query)
        and searched in f"{one.name} {one.description} {' '.join(labels.values())}".lower()
    )


def _is_of_type(one: CatalogueVoice, query: Query) -> bool:
    """Tells premade voices, the vendor's defaults, from professional ones, which other users share, and one's own."""
    own = {PREMADE: "default", "professional": "community"}.get(category(one), "personal")
    others = {f"non-{kind}" for kind in ("default", "community") if kind != own}
    saved = {"saved"} if own == "community" else set()
    return query.get("voice_type", own) in {own} | others | saved


def _remembered(item: Json, query: Query) -> bool:
    same = all(query.get(name, item[name]) == item[name] for name in ("voice_id", "model_id", "source"))
    text = "\n".join(said["text"] for said in item["dialogue"]) if item["dialogue"] else item["text"]
    after = whole_number(query, "date_after_unix", 0, 0, 2**40)
    before = whole_number(query, "date_before_unix", 2**40, 0, 2**40)
    return same and after <= item["date_unix"] <= before and query.get("search", "").lower() in text.lower()
