"""``esl voices``: who can speak for a tenant."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from esl_pipeline.commands.output import DONE, Output
from esl_pipeline.speech import Voice, expiring, voices_from_catalogue
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.job_record import Answer
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.sync_voices import VoiceSync, catalogues_of, sync_voices, voices_in_use


class VoiceAnswer(Answer):
    """A voice; labels are empty where nobody gave any, ``until`` and ``advice`` where it stays."""

    id: str
    name: str
    category: str
    gender: str
    age: str
    accent: str
    use_case: str
    until: str = ""
    advice: str = ""
    used_in: tuple[str, ...] = ()


class VoicesAnswer(Answer):
    """What ``esl voices --json`` says; ``added`` and ``removed`` are names, since the voices were last read."""

    tenant: str
    engine: str
    read_at: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    voices: tuple[VoiceAnswer, ...] = ()


def voices(tenant: str, *, sync: bool, output: Output) -> int:
    """Lists the voices of a tenant's account as they were last read, or as they are now."""
    providers = create_pipeline().providers
    known = None if sync else catalogues_of(providers, tenant).known()
    answer = _answer(providers, tenant, VoiceSync(known) if known else sync_voices(providers, tenant))
    output.people.print(_table(answer))
    for kind, names in (("added", answer.added), ("removed", answer.removed)):
        if names:
            output.people.print(f"{kind}: {', '.join(names)}", markup=False)
    for voice in answer.voices:
        if voice.advice and voice.used_in:
            output.people.print(f"[yellow]{escape(voice.advice)}[/] It speaks in {', '.join(voice.used_in)}.")
    output.answer(answer)
    return DONE


def _answer(providers: Providers, tenant: str, sync: VoiceSync) -> VoicesAnswer:
    catalogue = sync.catalogue
    found = voices_from_catalogue(catalogue.voices)
    going = {one.voice.id: (one.day.isoformat(), one.message) for one in expiring(found, providers.clock.now().date())}
    used: dict[str, dict[str, None]] = {}
    for use in voices_in_use(providers.publications.list(tenant), catalogue.engine):
        used.setdefault(use.voice_id, {})[use.assignment] = None
    return VoicesAnswer(
        tenant=tenant,
        engine=catalogue.engine,
        read_at=catalogue.synced_at.isoformat(timespec="seconds"),
        added=sync.added,
        removed=sync.removed,
        voices=tuple(_voice(one, *going.get(one.id, ("", "")), tuple(used.get(one.id, ()))) for one in found),
    )


def _voice(voice: Voice, until: str, advice: str, used_in: tuple[str, ...]) -> VoiceAnswer:
    labels = {name: getattr(voice, name) for name in ("id", "name", "category", "gender", "age", "accent", "use_case")}
    return VoiceAnswer(**labels, until=until, advice=advice, used_in=used_in)


def _table(answer: VoicesAnswer) -> Table:
    table = Table(title=f"{answer.engine}, read {answer.read_at}", box=None, title_justify="left")
    for name in ("name", "id", "gender", "age", "accent", "use", "until", "used in"):
        table.add_column(name, overflow="fold")
    for one in answer.voices:
        cells = (one.name, one.id, one.gender, one.age, one.accent, one.use_case, one.until, ", ".join(one.used_in))
        table.add_row(*map(escape, cells), style="yellow" if one.until and one.used_in else None)
    return table
