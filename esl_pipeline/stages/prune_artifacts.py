"""Removes what no publication needs any more: speech, tracks, texts, snapshots, uploads, and scratch of killed runs.

Reads the tenants' publications, account books and settings; deletes artifacts and S3 objects that are older than the
tenant's retention. Costs a list request per 1,000 objects of a tenant, and a request per object that is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from esl_pipeline.clients.errors import VendorError
from esl_pipeline.lessons import has_errors
from esl_pipeline.manifests import Layer, check_slug, resolve
from esl_pipeline.manifests.settings import Settings
from esl_pipeline.stages.asking import SNAPSHOT, AskingError
from esl_pipeline.stages.environment import ConfigurationError
from esl_pipeline.stages.job_record import Answer
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.prune_uploads import prune_uploads
from esl_pipeline.stages.segment_file import COST, TIMINGS, WAV
from esl_pipeline.stages.track_files import LRC, MARKDOWN, MP3, VTT
from esl_pipeline.stores.artifacts import Removed
from esl_pipeline.stores.config import ConfigRefusedError, ConfigUnavailableError
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.protocols import LeaseHeldError, UnreadablePublicationError
from esl_pipeline.stores.publication import Publication
from esl_pipeline.stores.secrets import SecretRefusedError, SecretUnavailableError
from esl_pipeline.stores.usage import UnreadableUsageError, fold

RUN_LASTS = timedelta(days=1)
"""Longer than any run: what is younger may belong to one that is under way."""
WRITING_LASTS = timedelta(hours=1)
"""Longer than writing any one file."""

Kind = Literal["segments", "tracks", "texts", "snapshots", "scratch", "uploads"]
KINDS: Mapping[str, Kind] = {
    **dict.fromkeys((WAV, COST, TIMINGS), "segments"),
    MP3: "tracks",
    **dict.fromkeys((VTT, LRC, MARKDOWN), "texts"),
    SNAPSHOT: "snapshots",
}
"""What an artifact is, by its suffix; those of other suffixes are somebody else's and stay."""

TENANT_PROBLEMS = (
    UnreadablePublicationError,
    UnreadableUsageError,
    LeaseHeldError,
    AskingError,
    VendorError,
    ConfigurationError,
    ConfigRefusedError,
    ConfigUnavailableError,
    SecretRefusedError,
    SecretUnavailableError,
    StoreUnavailableError,
)
"""What stops the clean-up of one tenant and not that of the others."""


class RemovedAnswer(Answer):
    """How much of one kind was removed, or would be."""

    count: int
    bytes: int


class TenantPruned(Answer):
    """What was removed of one tenant; ``problem`` says why there is nothing, or not all."""

    tenant: str
    removed: dict[str, RemovedAnswer] = Field(default_factory=dict)
    problem: str = ""


class Pruned(Answer):
    """What was removed of all tenants, or would be in a dry run."""

    dry_run: bool
    tenants: tuple[TenantPruned, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """Why not everything was done, tenant by tenant."""
        return tuple(f"{one.tenant}: {one.problem}" for one in self.tenants if one.problem)

    def total(self) -> RemovedAnswer:
        """Returns the sum over kinds and tenants."""
        each = [removed for one in self.tenants for removed in one.removed.values()]
        return RemovedAnswer(count=sum(one.count for one in each), bytes=sum(one.bytes for one in each))


def prune_artifacts(pipeline: Pipeline, tenant: str | None = None, *, dry_run: bool = False) -> Pruned:
    """Cleans up after one tenant or after all; what one of them lacks does not stop the others.

    Args:
        pipeline: gives stores, vendors and settings.
        tenant: a slug; all that have artifacts where None.
        dry_run: True to remove nothing and report the same figures.

    Raises:
        SlugError: the tenant is no slug.
    """
    providers = pipeline.providers
    tenants = list(providers.artifacts.tenants()) if tenant is None else [check_slug(tenant, "tenant")]
    return Pruned(dry_run=dry_run, tenants=tuple(_prune(providers, one, dry_run=dry_run) for one in tenants))


def _prune(providers: Providers, tenant: str, *, dry_run: bool) -> TenantPruned:
    counts: dict[Kind, Removed] = {}
    problem = ""
    try:
        settings = _settings(providers, tenant)
        publications = list(providers.publications.list(tenant))
        work = _Pruning(providers, tenant, settings, publications, dry_run)
        for part in (work.artifacts, work.scratch, work.uploads):
            for kind, removed in part():
                counts[kind] = counts.get(kind, Removed()) + removed
    except TENANT_PROBLEMS as error:
        problem = str(error)
    told = {kind: RemovedAnswer(count=one.count, bytes=one.bytes) for kind, one in counts.items() if one.count}
    return TenantPruned(tenant=tenant, removed=told, problem=problem)


def _settings(providers: Providers, tenant: str) -> Settings:
    """Returns the settings that hold for all of a tenant's assignments.

    Raises:
        AskingError: they have errors, so that it is not known how long things are kept, and where.
    """
    file, problems = providers.tenant_file(tenant)
    layers = [providers.environment_layer, *([Layer("tenant", file.file, file.settings)] if file else [])]
    resolved = resolve(layers)
    found = (*problems, *resolved.problems)
    if has_errors(found):
        raise AskingError(found)
    return resolved.settings


@dataclass(frozen=True)
class _Pruning:
    """The work for one tenant."""

    providers: Providers
    tenant: str
    settings: Settings
    publications: Sequence[Publication]
    dry_run: bool

    @property
    def _unused_since(self) -> datetime:
        kept = max(timedelta(days=self.settings.retention.artifacts_days), RUN_LASTS)
        return self.providers.clock.now() - kept

    def artifacts(self) -> Iterable[tuple[Kind, Removed]]:
        store, unused_since = self.providers.artifacts, self._unused_since
        needed = self._needed()
        for one in list(store.list(self.tenant)):
            kind = KINDS.get(one.suffix)
            if kind is None or one.sha256 in needed or one.used_at > unused_since:
                continue
            if self.dry_run or store.delete(self.tenant, one.sha256, one.suffix, unused_since=unused_since):
                yield kind, Removed(1, one.size)

    def scratch(self) -> Iterable[tuple[Kind, Removed]]:
        unused_since = self.providers.clock.now() - WRITING_LASTS
        remove = self.providers.artifacts.remove_scratch
        yield "scratch", remove(self.tenant, unused_since=unused_since, dry_run=self.dry_run)

    def uploads(self) -> Iterable[tuple[Kind, Removed]]:
        if not any(publication.upload for publication in self.publications):
            return  # whoever lost the publications would lose the sound of the pages too
        objects = self.providers.vendors(self.tenant, self.settings).objects
        ledgers, prefix = self.providers.publications, self.settings.storage.prefix
        for removed in prune_uploads(objects, ledgers, self.tenant, prefix, self._unused_since, dry_run=self.dry_run):
            yield "uploads", removed

    def _needed(self) -> set[str]:
        """Returns the hashes of all that publications refer to, and of speech that is being bought."""
        needed = {sha256 for publication in self.publications for sha256 in hashes_of(publication)}
        usage = self.providers.usage
        for month in (month for tenant, month in usage.months() if tenant == self.tenant):
            needed |= {sha256 for sha256, line in fold(usage.lines(self.tenant, month)).items() if line.open}
        return needed


def hashes_of(publication: Publication) -> Iterable[str]:
    """Yields the hashes of the artifacts that a publication needs."""
    yield publication.manifest_sha256
    if publication.speech:
        yield from (one.sha256 for one in (*publication.speech.segments, *publication.speech.slow_segments))
    if publication.audio:
        yield from (publication.audio.sha256, publication.audio.captions_sha256)
        yield from (file.sha256 for file in publication.audio.files)
