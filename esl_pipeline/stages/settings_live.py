"""Asks the vendors whether a tenant's settings can work: credentials, the place of the pages, voices, bucket, quota.

Buys nothing; puts a small object into the bucket and deletes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

from esl_pipeline.manifests.settings import NotionSettings, Settings, SpeechSettings, StorageSettings
from esl_pipeline.speech import SpeechEngine, expiring, named_voice, voices_from_catalogue
from esl_pipeline.stages.context import create_context
from esl_pipeline.stages.notion_api import NotionApi
from esl_pipeline.stages.page_lookup import title_of
from esl_pipeline.stages.page_schemas import Schemas
from esl_pipeline.stages.page_target import asked_for, resolve_target
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.run_stage import failure_kind
from esl_pipeline.stages.storage_guard import inside_by_name, is_forbidden
from esl_pipeline.stages.upload_audio import folder_of_assignment
from esl_pipeline.stages.vendors import ObjectStorage, Vendors

Subject = Literal[
    "settings", "vendors", "notion token", "notion target", "students", "voices", "quota", "bucket", "notices"
]
Status = Literal["ok", "warning", "failed", "unavailable"]

PROBE = b"This object is deleted at once; it shows that the bucket can be written to.\n"


@dataclass(frozen=True)
class LiveFinding:
    """One thing that was looked at.

    Attributes:
        status: ``failed`` where somebody must change something, ``unavailable`` where nobody could be asked.
        student: whose profile asks for it; empty where the tenant does.
    """

    subject: Subject
    status: Status
    message: str
    student: str = ""


Look = Callable[[], Iterator[LiveFinding]]


class LiveCheck:
    """Looks at what the settings of one tenant and its students name; at each thing once.

    Args:
        providers: of the pipeline.
        tenant: a slug.
    """

    def __init__(self, providers: Providers, tenant: str) -> None:
        self._providers, self._tenant = providers, tenant
        self._seen: set[Hashable] = set()
        self._told: set[LiveFinding] = set()
        self._kept: list[Vendors] = []

    def findings(self, settings: Settings) -> Iterator[LiveFinding]:
        """Yields what is found, but for what was told before."""
        for found in self._all(settings):
            if found not in self._told:
                self._told.add(found)
                yield found

    def _all(self, settings: Settings) -> Iterator[LiveFinding]:
        try:
            vendors = self._providers.vendors(self._tenant, settings)
        except Exception as error:
            if failure_kind(error) == "failed":
                raise
            yield _failure("vendors", error)
            return
        self._kept.append(vendors)  # so that no two clients have one id
        for subject, key, look in self._looks(vendors, settings):
            if (subject, key) in self._seen:
                continue
            self._seen.add((subject, key))
            try:
                yield from look()
            except Exception as error:
                if failure_kind(error) == "failed":
                    raise
                yield _failure(subject, error)

    def _looks(self, vendors: Vendors, settings: Settings) -> Iterator[tuple[Subject, Hashable, Look]]:
        notion, speech, objects = vendors.notion, vendors.speech, vendors.objects
        wanted = settings.notion
        yield "notion token", id(notion), lambda: _token(notion)
        place = (asked_for(wanted), wanted.key_property, wanted.create_key_property)
        yield "notion target", (id(notion), place), lambda: self._target(notion, settings)
        if wanted.students_data_source_id:
            yield "students", (id(notion), wanted.students_data_source_id), lambda: _students(notion, wanted)
        named = (*settings.speech.voices.items(), *settings.speech.fallback_voices.items())
        yield "voices", (id(speech), named), lambda: self._voices(speech, settings.speech)
        yield "quota", id(speech), lambda: _quota(speech)
        uploads = settings.storage.publishing == "notion"
        yield (
            "bucket",
            (uploads or id(objects), settings.storage.prefix),
            lambda: self._bucket(objects, settings.storage),
        )

    def _target(self, notion: NotionApi, settings: Settings) -> Iterator[LiveFinding]:
        context = create_context(tenant=self._tenant, assignment="settings", settings=settings, dry_run=True)
        target = resolve_target(context, notion, Schemas(context, notion))
        place = f"Pages go to {target.data_source_id or target.parent_page_id} ({target.asked})."
        added = f" The column “{settings.notion.key_property}” will be added." if target.lacks_key_column else ""
        yield LiveFinding("notion target", "ok", place + added)

    def _voices(self, engine: SpeechEngine, settings: SpeechSettings) -> Iterator[LiveFinding]:
        voices = voices_from_catalogue(engine.list_voices())
        if not voices:
            yield LiveFinding("voices", "failed", "The account has no voices. Add some to it.")
            return
        named = {f"speech.voices.{name}": voice for name, voice in settings.voices.items()}
        named |= {f"speech.fallback_voices.{role}": voice for role, voice in settings.fallback_voices.items()}
        asked = {setting: named_voice(name, f"the setting {setting}", voices) for setting, name in named.items()}
        ids = [found.voice.id for found in asked.values() if found.voice]
        usable = {voice.id for voice in voices_from_catalogue(engine.find_voices(ids))} if ids else set()
        until = {one.voice.id: one for one in expiring(voices, self._providers.clock.now().date())}
        for setting, found in asked.items():
            if found.problem:
                yield LiveFinding("voices", "failed", f"{found.problem.message} {found.problem.fix}")
            elif found.voice and found.voice.id not in usable:
                yield LiveFinding("voices", "failed", f"{setting}: {found.voice.name} can't be used now.")
            elif found.voice and found.voice.id in until:
                yield LiveFinding("voices", "warning", f"{setting}: {until[found.voice.id].message}")
        there = f"{len(usable)} of {len(asked)} chosen voices can be used." if asked else "No voices are chosen."
        yield LiveFinding("voices", "ok", f"{engine.name} has {len(voices)} voices. {there}")

    def _bucket(self, objects: ObjectStorage, storage: StorageSettings) -> Iterator[LiveFinding]:
        if storage.publishing == "notion":
            yield LiveFinding("bucket", "ok", "No bucket is needed: storage.publishing is notion.")
            return
        if storage.endpoint_url and (inside := inside_by_name(storage.endpoint_url)):
            status: Status = "failed" if any(map(is_forbidden, inside)) else "warning"
            where = ", ".join(map(str, inside))
            yield LiveFinding("bucket", status, f"storage.endpoint_url leads to {where}, which is inside the network.")
            if status == "failed":
                return
        folder = folder_of_assignment(storage.prefix, self._tenant)
        key = f"{folder}/settings-check-{self._providers.new_id()}.txt"
        sha256 = hashlib.sha256(PROBE).hexdigest()
        objects.put(key, BytesIO(PROBE), content_type="text/plain; charset=utf-8", sha256=sha256)
        objects.delete(key)
        yield LiveFinding("bucket", "ok", f"{objects.bucket} can be written to under {folder}/.")


def _token(notion: NotionApi) -> Iterator[LiveFinding]:
    bot = notion.retrieve_user()
    workspace = (bot.get("bot") or {}).get("workspace_name")
    where = f" of the workspace “{workspace}”" if workspace else ""
    yield LiveFinding("notion token", "ok", f"It is that of “{bot.get('name') or bot['id']}”{where}.")


def _students(notion: NotionApi, settings: NotionSettings) -> Iterator[LiveFinding]:
    source = notion.retrieve_data_source(settings.students_data_source_id or "")
    yield LiveFinding("students", "ok", f"Students are in “{title_of(source)}” ({source['id']}).")


def _quota(engine: SpeechEngine) -> Iterator[LiveFinding]:
    quota = engine.quota()
    if quota is None:
        yield LiveFinding("quota", "ok", f"{engine.name} tells of no quota.")
    elif quota.remaining == 0:
        yield LiveFinding("quota", "warning", f"Nothing is left of {quota.limit:,} credits of {engine.name}.")
    else:
        yield LiveFinding("quota", "ok", f"{quota.remaining:,} of {quota.limit:,} credits of {engine.name} are left.")


def _failure(subject: Subject, error: Exception) -> LiveFinding:
    unavailable = failure_kind(error) == "unavailable"
    return LiveFinding(subject, "unavailable" if unavailable else "failed", str(error))
