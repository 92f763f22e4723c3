"""Reads the voices of a tenant's account anew, and says which voices of its lessons will not stay.

Reads the engine's list of voices and the tenant's publications; writes the catalogue. Costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from esl_pipeline.speech import ExpiringVoice, expiring, voices_from_catalogue
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.speech_catalogue import Catalogues, voice_names
from esl_pipeline.stages.tenant_settings import tenant_settings
from esl_pipeline.stores.catalogues import Catalogue
from esl_pipeline.stores.publication import Publication

Json = dict[str, Any]


@dataclass(frozen=True)
class VoiceSync:
    """The catalogue as it is now, and by name what came to it and went since the time before; none at the first."""

    catalogue: Catalogue
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class VoiceInUse:
    """A voice that speaks in a lesson."""

    assignment: str
    speaker: str
    voice_id: str
    voice_name: str


def catalogues_of(providers: Providers, tenant: str) -> Catalogues:
    """Returns the catalogues of the engine that a tenant has chosen."""
    engine = providers.vendors(tenant, tenant_settings(providers, tenant)).speech
    return Catalogues(providers.catalogues, tenant, engine, providers.clock.now)


def sync_voices(providers: Providers, tenant: str) -> VoiceSync:
    """Reads the account's voices and keeps them.

    Raises:
        RejectedError: the key may not list voices, and the like.
        UnavailableError: asking again may help; the catalogue of before stays.
    """
    catalogues = catalogues_of(providers, tenant)
    before = catalogues.known()
    now = catalogues.read_anew()
    old, new = voice_names(before.voices if before else now.voices), voice_names(now.voices)
    return VoiceSync(
        now,
        tuple(name for voice_id, name in new.items() if voice_id not in old),
        tuple(name for voice_id, name in old.items() if voice_id not in new),
    )


def voices_in_use(publications: Iterable[Publication], engine: str) -> Iterator[VoiceInUse]:
    """Yields the voices that lessons of an engine are spoken with."""
    for publication in publications:
        if publication.speech and publication.speech.engine == engine:
            heard = {one.speaker: one for one in publication.speech.segments}
            for one in heard.values():
                yield VoiceInUse(publication.assignment, one.speaker, one.voice_id, one.voice_name)


def voices_that_go(used: Iterable[VoiceInUse], catalogue: Catalogue, today: date) -> list[Json]:
    """Returns the voices in use that are gone from the account, or will be: a row per speaker of a lesson."""
    until = {going.voice.id: going.day.isoformat() for going in _expiring(catalogue, today)}
    known = voice_names(catalogue.voices)
    return [
        {
            "assignment": use.assignment,
            "speaker": use.speaker,
            "voice": use.voice_name,
            "voice_id": use.voice_id,
            "until": until.get(use.voice_id, "gone"),
        }
        for use in used
        if use.voice_id in until or use.voice_id not in known
    ]


def expiry_table(catalogue: Catalogue, today: date) -> list[Json]:
    """Returns the voices that are known to go, the first to go first, and what to do."""
    return [
        {"voice": going.voice.name, "until": going.day.isoformat(), "what to do": going.message}
        for going in _expiring(catalogue, today)
    ]


def _expiring(catalogue: Catalogue, today: date) -> tuple[ExpiringVoice, ...]:
    return expiring(voices_from_catalogue(catalogue.voices), today)
