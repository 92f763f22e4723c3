"""Moves what is stored to another place: publications, account books, catalogues, standings, audit log, artifacts.

Reads the source, writes the target; each publication under its lease in both. What is equal already is passed over, so
that whoever was killed half-way starts again and goes on. The source stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from pydantic import Field

from esl_pipeline.manifests import check_slug
from esl_pipeline.slugs import is_slug
from esl_pipeline.stages.job_record import Answer
from esl_pipeline.stages.migrate_steps import (
    Kept,
    Moved,
    NotEqualError,
    is_moved,
    move_artifact,
    move_document,
    move_journal,
    move_publication,
)
from esl_pipeline.stores.artifacts import StoredArtifact
from esl_pipeline.stores.audit import BrokenChainError
from esl_pipeline.stores.document_publications import LeaseLostError
from esl_pipeline.stores.protocols import ArtifactStore, LeaseHeldError, UnreadablePublicationError
from esl_pipeline.stores.state import State

AT_A_TIME = 8
"""Artifacts that are copied at a time; each is held in memory once."""
PUBLICATIONS, USAGE, AUDIT, CATALOGUES, STANDINGS = "publications/", "usage/", "audit/", "catalogues/", "tenants/"
REQUESTS = "requests/"
"""How keys of documents and names of journals begin, in every kind of store."""
BUSY = (LeaseHeldError, LeaseLostError)
OF_ONE = (*BUSY, UnreadablePublicationError, BrokenChainError, NotEqualError, KeyError)
"""What stops one thing and not all others."""

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where things are moved from, or to; None of what is not moved."""

    state: State | None = None
    artifacts: ArtifactStore | None = None


class MovedAnswer(Answer):
    """How much of one kind was moved, or would be, and how much was there already."""

    moved: int = 0
    bytes: int = 0
    equal: int = 0


class TenantMigrated(Answer):
    """What became of one tenant's things.

    Attributes:
        moved: by kind.
        kept: what the target has newer, or otherwise of its own; it stays.
        problems: what was not moved, and why.
        retry: whether asking again may help with these.
    """

    tenant: str
    moved: dict[str, MovedAnswer] = Field(default_factory=dict)
    kept: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    retry: bool = False


class Migrated(Answer):
    """What became of everything; in a dry run what would."""

    dry_run: bool
    tenants: tuple[TenantMigrated, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """What was not moved, tenant by tenant."""
        return tuple(f"{one.tenant}: {problem}" for one in self.tenants for problem in one.problems)


def migrate_state(
    source: Place,
    target: Place,
    tenant: str | None = None,
    *,
    dry_run: bool = False,
    progress: Callable[[TenantMigrated], None] = lambda _: None,
) -> Migrated:
    """Moves one tenant's things, or everybody's.

    Args:
        source: it is only read, but for the leases.
        target: has the same kinds of stores as the source.
        tenant: a slug; all that the source knows where None.
        dry_run: True to change nothing and report the same figures.
        progress: is told of each tenant when it is done.

    Raises:
        SlugError: the tenant is no slug.
        StoreUnavailableError: asking again may help, and goes on where this stopped.
    """
    tenants = [check_slug(tenant, "tenant")] if tenant is not None else sorted(_tenants(source))
    done = []
    for one in tenants:
        done.append(_Tenant(source, target, one, dry_run).move())
        progress(done[-1])
    return Migrated(dry_run=dry_run, tenants=tuple(done))


def _tenants(source: Place) -> set[str]:
    found = set(source.artifacts.tenants()) if source.artifacts else set[str]()
    if state := source.state:
        for prefix in (PUBLICATIONS, CATALOGUES, STANDINGS, REQUESTS):
            found |= {_owner(key, prefix) for key in state.documents.keys(prefix)}
        for prefix in (USAGE, AUDIT):
            found |= {_owner(name, prefix) for name in state.journal.names(prefix)}
    return {tenant for tenant in found if is_slug(tenant)}


def _owner(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).partition("/")[0].removesuffix(".json")


@dataclass
class _Tenant:
    """The work for one tenant."""

    source: Place
    target: Place
    tenant: str
    dry_run: bool
    moved: dict[str, MovedAnswer] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    retry: bool = False

    def move(self) -> TenantMigrated:
        """Moves artifacts first, so that no publication ever refers to what is not there."""
        if self.source.artifacts and self.target.artifacts:
            self._artifacts(self.source.artifacts, self.target.artifacts)
        if self.source.state and self.target.state:
            self._state(self.source.state, self.target.state)
        return TenantMigrated(
            tenant=self.tenant,
            moved=self.moved,
            kept=tuple(self.kept),
            problems=tuple(self.problems),
            retry=self.retry,
        )

    def _artifacts(self, source: ArtifactStore, target: ArtifactStore) -> None:
        there = {(one.sha256, one.suffix): one.size for one in target.list(self.tenant)}

        def move(one: StoredArtifact) -> Moved | Kept:
            return move_artifact(
                source, target, self.tenant, one, there.get((one.sha256, one.suffix)), dry_run=self.dry_run
            )

        with ThreadPoolExecutor(AT_A_TIME) as pool:
            for some in _some(source.list(self.tenant), AT_A_TIME * 4):
                asked = [(f"{one.sha256}{one.suffix}", pool.submit(move, one)) for one in some]
                for name, answer in asked:
                    self._note("artifacts", name, answer.result)

    def _state(self, source: State, target: State) -> None:
        tenant = self.tenant
        for assignment in self._assignments(source):
            self._note("publications", assignment, partial(self._publication, source, target, assignment))
        kinds = {
            "catalogues": f"{CATALOGUES}{tenant}/",
            "standings": f"{STANDINGS}{tenant}.json",
            "requests": f"{REQUESTS}{tenant}.json",
        }
        for kind, prefix in kinds.items():
            for key in source.documents.keys(prefix):
                self._note(kind, key, partial(move_document, source, target, key, dry_run=self.dry_run))
        chain = [name for name in source.journal.names(f"{AUDIT}{tenant}") if name == f"{AUDIT}{tenant}"]
        for kind, names in (("usage", source.journal.names(f"{USAGE}{tenant}/")), ("audit", chain)):
            for name in names:
                self._note(kind, name, partial(move_journal, source, target, name, dry_run=self.dry_run))
        if not self.dry_run:
            if chain:
                self._try(chain[0], partial(target.audit.verify, tenant))
            self._look_again(source, target)

    def _publication(self, source: State, target: State, assignment: str) -> Moved | Kept:
        with ExitStack() as held:
            if not self.dry_run:
                for store in (source.publications, target.publications):
                    held.enter_context(store.lease(self.tenant, assignment))
            return move_publication(
                source.publications, target.publications, self.tenant, assignment, dry_run=self.dry_run
            )

    def _look_again(self, source: State, target: State) -> None:
        """Finds what runs changed in the source after it was moved."""
        known = {*self.kept, *(problem.partition(":")[0] for problem in self.problems)}
        for assignment in self._assignments(source):
            if assignment not in known:
                self._try(assignment, partial(self._check, source, target, assignment))

    def _check(self, source: State, target: State, assignment: str) -> None:
        if not is_moved(source.publications, target.publications, self.tenant, assignment):
            raise LeaseHeldError("A run changed it while it was moved. Stop the runs, and migrate again.")

    def _assignments(self, source: State) -> list[str]:
        prefix = f"{PUBLICATIONS}{self.tenant}/"
        names = (key.removeprefix(prefix).removesuffix(".json") for key in source.documents.keys(prefix))
        return sorted(name for name in names if is_slug(name))

    def _note(self, kind: str, name: str, move: Callable[[], Moved | Kept]) -> None:
        done = self._try(name, move)
        if isinstance(done, Kept):
            self.kept.append(name)
        elif done is not None:
            before = self.moved.get(kind, MovedAnswer())
            self.moved[kind] = MovedAnswer(
                moved=before.moved + done.count, bytes=before.bytes + done.bytes, equal=before.equal + done.equal
            )

    def _try(self, name: str, work: Callable[[], T]) -> T | None:
        try:
            return work()
        except OF_ONE as error:
            self.problems.append(f"{name}: {error}")
            self.retry |= isinstance(error, BUSY)
            return None


def _some(of: Iterable[StoredArtifact], number: int) -> Iterator[list[StoredArtifact]]:
    some: list[StoredArtifact] = []
    for one in of:
        some.append(one)
        if len(some) == number:
            yield some
            some = []
    yield some
