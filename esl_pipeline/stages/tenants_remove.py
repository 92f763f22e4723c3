"""Removes a tenant: exports all that is kept of it, then deletes that, and says what is out of reach.

Reads and deletes the tenant's publications, artifacts, uploads, account books, voices, secrets, document and standing.
Costs a request per object in the bucket. What was broken off goes on where it stood when it is asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from esl_pipeline.manifests import check_slug
from esl_pipeline.stages.audit_writing import check_actor
from esl_pipeline.stages.inbox import Inbox
from esl_pipeline.stages.job_record import Answer
from esl_pipeline.stages.notify.books import NoticeBooks
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.prune_uploads import OURS
from esl_pipeline.stages.tenant_settings import tenant_settings
from esl_pipeline.stages.tenants import TenantActError, tell
from esl_pipeline.stages.tenants_export import check_folder, export_audit, export_tenant, read_index
from esl_pipeline.stages.track_files import keys_of
from esl_pipeline.stages.upload_audio import folder_of_assignment
from esl_pipeline.stages.vendors import ObjectStorage
from esl_pipeline.stores.looks import LookStore
from esl_pipeline.stores.publication import Publication
from esl_pipeline.stores.requests import RequestStore
from esl_pipeline.stores.standing import Standing


class PageLeft(Answer):
    """A Notion page that stays, because only its owner should delete it.

    ``sound_at_notion`` tells whether its track was uploaded to Notion, which deletes such a file with the page alone.
    """

    assignment: str
    url: str
    sound_at_notion: bool = False


class RemovalAnswer(Answer):
    """What was removed, or would be; ``stays`` says in words what is out of reach."""

    tenant: str
    dry_run: bool
    export: str
    publications: int = 0
    artifacts: int = 0
    uploads: int = 0
    months: int = 0
    runs: int = 0
    secrets: int = 0
    pages: tuple[PageLeft, ...] = ()
    stays: tuple[str, ...] = ()


class SecretRows(Protocol):
    """Secrets that can be deleted from here."""

    def names(self) -> Sequence[tuple[str | None, str]]:
        """Returns the owners and names of all secrets."""
        ...

    def delete(self, owner: str | None, name: str | None = None) -> int:
        """Removes an owner's secret, or all of them; returns how many there were."""
        ...


@dataclass(frozen=True)
class Surroundings:
    """What of a tenant is outside of the stores.

    Attributes:
        inbox: asks for assignments.
        documents: folder of tenant files; None where documents are elsewhere.
        forget_runs: removes the tenant from the orchestrator, and returns how many runs that were; in a dry run, given
            as its second argument, it only counts them.
        secrets: where they are kept as rows; None where they are elsewhere, and stay.
    """

    inbox: Inbox
    documents: Path | None
    forget_runs: Callable[[str, bool], int]
    secrets: SecretRows | None = None


def remove_tenant(
    providers: Providers, tenant: str, actor: str, folder: Path, around: Surroundings, *, dry_run: bool = False
) -> RemovalAnswer:
    """Removes a tenant, or says what that would remove.

    Args:
        providers: of the pipeline.
        tenant: a slug.
        actor: who does it.
        folder: for the export, as for ``export_tenant``.
        around: what of the tenant is outside of the stores.
        dry_run: True to change nothing.

    Raises:
        TenantActError: the folder holds something else, or the export that was begun is gone from where it was.
        LeaseHeldError: a run has not ended yet; it will at its next safe point, and then asking again helps.
        AskingError: the tenant's settings have errors, so that it is not known where its objects are.
        VendorError: the bucket refuses, or did not answer.
        SecretUnavailableError: the tenant's secrets can't be deleted now; asking again may help.
        SecretRefusedError: they can't at all.
    """
    check_slug(tenant, "tenant")
    check_folder(folder, tenant)
    work = _Removal(providers, tenant, actor, around)
    if dry_run:
        return work.planned(folder)
    exported_to = work.begin(folder)
    uploads, others = work.delete_uploads(dry_run=False)
    counts = {
        "uploads": uploads,
        "publications": work.delete_publications(),
        "artifacts": work.delete_artifacts(),
        "months": work.delete_books(),
        "runs": around.forget_runs(tenant, False),
        "secrets": around.secrets.delete(tenant) if around.secrets else 0,  # the uploads needed them
    }
    stays = work.stays(others)
    work.end(exported_to)
    index = read_index(exported_to)
    counts |= {"publications": index.publications, "artifacts": index.artifacts, "months": index.months}
    pages = _pages_in(exported_to)
    return RemovalAnswer(tenant=tenant, dry_run=False, export=str(exported_to), pages=pages, stays=stays, **counts)


@dataclass
class _Removal:
    """The steps; each may be done again."""

    providers: Providers
    tenant: str
    actor: str
    around: Surroundings

    def planned(self, folder: Path) -> RemovalAnswer:
        providers, tenant = self.providers, self.tenant
        publications = list(providers.publications.list(tenant))
        uploads, others = self.delete_uploads(dry_run=True)
        rows = self.around.secrets.names() if self.around.secrets else ()
        return RemovalAnswer(
            tenant=tenant,
            dry_run=True,
            export=str(folder),
            publications=len(publications),
            artifacts=sum(1 for _ in providers.artifacts.list(tenant)),
            uploads=uploads,
            months=len([1 for owner, _ in providers.usage.months() if owner == tenant]),
            runs=self.around.forget_runs(tenant, True),
            secrets=len([1 for owner, _ in rows if owner == tenant]),
            pages=tuple(_page_of(publication) for publication in publications if publication.page),
            stays=self.stays(others),
        )

    def begin(self, folder: Path) -> Path:
        """Stops the tenant, waits for nobody, and exports; returns where to."""
        providers, tenant = self.providers, self.tenant
        before = providers.standings.read(tenant)
        if before.state != "removing":
            begun = Standing(state="removing", actor=check_actor(self.actor), at=providers.clock.now())
            providers.standings.change(tenant, lambda _: begun)
            tell(providers, tenant, self.actor, "remove.begin", folder=str(folder))
        for publication in providers.publications.list(tenant):
            with providers.publications.lease(tenant, publication.assignment):
                pass  # a run that was under way has ended, and no other one gets as far
        if before.exported_to:
            return self._exported_before(Path(before.exported_to))
        export_tenant(providers, tenant, self.actor, folder)
        where = folder.resolve()
        providers.standings.change(tenant, lambda known: known.model_copy(update={"exported_to": str(where)}))
        return where

    def _exported_before(self, folder: Path) -> Path:
        try:
            read_index(folder)
        except (OSError, ValidationError) as error:
            message = f"{self.tenant} was exported to {folder}, which is not there any more. Put it back and try again."
            raise TenantActError(message) from error
        return folder

    def delete_uploads(self, *, dry_run: bool) -> tuple[int, int]:
        """Deletes the objects that the upload stage made; returns how many, and how many others are beside them."""
        publications = [
            one for one in self.providers.publications.list(self.tenant) if one.upload and one.upload.bucket
        ]
        if not publications:
            return 0, 0
        settings = tenant_settings(self.providers, self.tenant)
        objects = self.providers.vendors(self.tenant, settings).objects
        folder = folder_of_assignment(settings.storage.prefix, self.tenant) + "/"
        deleted, others = 0, 0
        for key, ours in _objects(objects, folder):
            deleted, others = deleted + ours, others + (not ours)
            if ours and not dry_run:
                objects.delete(key)
        for publication in publications:
            deleted += self._delete_elsewhere(publication, objects, folder, dry_run=dry_run)
        return deleted, others

    def _delete_elsewhere(self, publication: Publication, here: ObjectStorage, folder: str, *, dry_run: bool) -> int:
        """Deletes what was uploaded into another bucket, or under another prefix, than the settings name now."""
        upload = publication.upload
        if upload is None:
            return 0
        objects, keys = here, sorted(key for key in keys_of(upload) if not key.startswith(folder))
        if upload.bucket != here.bucket:
            there = tenant_settings(self.providers, self.tenant, [f"storage.bucket={upload.bucket}"])
            objects, keys = self.providers.vendors(self.tenant, there).objects, sorted(keys_of(upload))
        for key in () if dry_run else keys:
            objects.delete(key)
        return len(keys)

    def delete_publications(self) -> int:
        store, known = self.providers.publications, list(self.providers.publications.list(self.tenant))
        for publication in known:
            with store.lease(self.tenant, publication.assignment):
                store.delete(self.tenant, publication.assignment)
        return len(known)

    def delete_artifacts(self) -> int:
        store, count = self.providers.artifacts, 0
        whenever = self.providers.clock.now() + timedelta(days=1)
        for one in list(store.list(self.tenant)):
            count += store.delete(self.tenant, one.sha256, one.suffix, unused_since=whenever)
        store.remove_scratch(self.tenant, unused_since=whenever)
        return count

    def delete_books(self) -> int:
        months = [month for tenant, month in self.providers.usage.months() if tenant == self.tenant]
        self.providers.usage.delete(self.tenant)
        self.providers.catalogues.delete_catalogues(self.tenant)
        LookStore(self.providers.documents).delete(self.tenant)
        if not self.around.inbox.holds(self.tenant):
            RequestStore(self.providers.documents).delete(self.tenant)
        return len(months)

    def stays(self, other_objects: int) -> tuple[str, ...]:
        found = []
        if other_objects:
            found.append(f"{other_objects} objects below the tenant's prefix that the pipeline did not make")
        if self.around.inbox.holds(self.tenant):
            place = f"{self.around.inbox.place.rstrip('/')}/{self.tenant}"
            found.append(f"its folder {place}, and what it asked for last: it asks for lessons again when they change")
        if self.around.documents is None and self.providers.config.read(self.tenant):
            found.append("its document, where ESL_TENANTS says")
        return tuple(found) if self.around.secrets else (*found, "its secrets, where ESL_SECRETS says")

    def end(self, exported_to: Path) -> None:
        """Deletes document, chain and standing; the chain begins anew with what became of the tenant."""
        providers, tenant = self.providers, self.tenant
        if self.around.documents and (document := providers.config.read(tenant)):
            (self.around.documents / document.file).unlink(missing_ok=True)
        entries = list(providers.audit.entries(tenant))
        if not entries or entries[-1].action != "tenant.remove.end":
            index = read_index(exported_to)
            if len(entries) >= index.entries:
                index = export_audit(providers, tenant, exported_to)
                providers.audit.delete(tenant)
            tell(
                providers,
                tenant,
                self.actor,
                "remove.end",
                folder=str(exported_to),
                entries=index.entries,
                last_sha256=index.last_sha256,
            )
        NoticeBooks(providers.documents).delete(tenant)
        providers.standings.delete(tenant)


def _objects(objects: ObjectStorage, folder: str) -> Iterator[tuple[str, bool]]:
    """Yields the keys below a folder, and whether the upload stage made them."""
    for one in list(objects.list(folder)):
        yield one.key, bool(OURS.fullmatch(one.key.removeprefix(folder)))


def _pages_in(folder: Path) -> tuple[PageLeft, ...]:
    """Returns the pages of an export's publications, those too that an earlier try has deleted by now."""
    found = (Publication.model_validate_json(path.read_bytes()) for path in sorted(folder.glob("publications/*.json")))
    return tuple(_page_of(publication) for publication in found if publication.page)


def _page_of(publication: Publication) -> PageLeft:
    page, upload = publication.page, publication.upload
    return PageLeft(
        assignment=publication.assignment,
        url=(page and (page.url or page.id)) or "",
        sound_at_notion=upload is not None and upload.publishing == "notion",
    )
