"""Whether everything was published exactly once, as the vendors and the publications tell it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from esl_pipeline.stores.protocols import PublicationStore
from esl_pipeline.stores.publication import Publication
from esl_pipeline_tests.load.lessons import LoadedAssignment
from esl_pipeline_tests.load.vendors import Vendors


def faults(wanted: Sequence[LoadedAssignment], vendors: Vendors, publications: PublicationStore) -> list[str]:
    """Returns what is lost, doubled or wrong; nothing where every assignment was published exactly once."""
    stored = {one.key: publications.read(one.tenant, one.assignment) for one in wanted}
    complete = {key: found for key, found in stored.items() if found and found.attachment}
    lost = [f"{key} was not published to its end" for key in stored if key not in complete]
    return [*lost, *_pages(stored, complete, vendors), *_speech(complete, vendors), *_tracks(complete, vendors)]


def _pages(wanted: dict[str, Any], complete: dict[str, Publication], vendors: Vendors) -> Iterator[str]:
    by_key: dict[str, list[str]] = defaultdict(list)
    for page in vendors.pages():
        by_key[_key_of(page)].append(page["id"])
    yield from (
        f"the page {page[0]} is of {key!r}, which nobody wanted" for key, page in by_key.items() if key not in wanted
    )
    for key, publication in complete.items():
        pages = by_key[key]
        if len(pages) != 1:
            yield f"{key} has {len(pages)} pages"
            continue
        url = publication.upload.url if publication.upload else ""
        players = vendors.players(pages[0])
        if players != [url]:
            yield f"the page of {key} plays {players}, not just {url}"


def _key_of(page: dict[str, Any]) -> str:
    return "".join(run["plain_text"] for run in page["properties"]["ESL Key"]["rich_text"])


def _speech(complete: dict[str, Publication], vendors: Vendors) -> Iterator[str]:
    """Compares what was spoken and billed with what the publications are made of."""
    history = vendors.bought()
    bought = Counter((item["voice_id"], item["text"]) for item in history)
    needed = {(part.voice_id, part.text) for one in complete.values() if one.speech for part in one.speech.segments}
    yield from (f"{text!r} was bought {count} times" for (_, text), count in bought.items() if count > 1)
    yield from (f"{text!r} was bought for nothing" for _, text in bought.keys() - needed)
    yield from (f"{text!r} was never bought" for _, text in needed - bought.keys())
    characters, billed = sum(len(text) for _, text in needed), vendors.billed()
    if billed != characters:
        yield f"{billed} characters were billed for {characters}"


def _tracks(complete: dict[str, Publication], vendors: Vendors) -> Iterator[str]:
    """Compares the tracks in the bucket with those that the publications name."""
    there = Counter(key for key in vendors.objects() if key.endswith(".mp3"))
    named = {one.upload.key: key for key, one in complete.items() if one.upload}
    yield from (f"the track of {named[key]} is not in the bucket" for key in named.keys() - there.keys())
    yield from (f"{key} lies in the bucket for nothing" for key in there.keys() - named.keys())
    if len(named) != len(complete):
        yield f"{len(complete)} assignments share {len(named)} tracks"
