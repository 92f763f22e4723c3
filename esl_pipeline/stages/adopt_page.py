"""Takes over a page that is there already, so that publishing goes on with it and makes no second one.

Reads the page, its blocks and the place that takes the pages; writes the publication and the audit log. Costs a
request per block that has children, and about five more. The next publication writes the key and what the lesson says
otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Literal

from esl_pipeline.manifests import check_slug
from esl_pipeline.pages.fingerprint import normal_id
from esl_pipeline.stages.audit_writing import add_entry, check_actor, plain
from esl_pipeline.stages.context import JobContext, create_context
from esl_pipeline.stages.job_record import Answer, PageAnswer
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stages.page_find import find_page
from esl_pipeline.stages.page_inventory import Inventory, take_inventory
from esl_pipeline.stages.page_lookup import Lookup, in_trash, rejected, title_of
from esl_pipeline.stages.page_schemas import Schemas
from esl_pipeline.stages.page_standing import check_key, look_at, trashed_around
from esl_pipeline.stages.page_target import Target, resolve_target
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stages.tenant_settings import tenant_settings
from esl_pipeline.stages.tenants_gate import TenantGate
from esl_pipeline.stores.audit import AuditEntry, AuditLog
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.publication import AttachmentPublication, PagePublication, Publication


@dataclass(frozen=True)
class Adoption:
    """What is to be taken over.

    Attributes:
        page_id: the page.
        audio_url: address of the audio that was put on it; empty where there was none.
        by_predecessor: whether it is known that a program made the page, be it another integration.
    """

    page_id: str
    audio_url: str = ""
    by_predecessor: bool = False


class AdoptionAnswer(Answer):
    """What became of it; ``blocks`` counts those that a program made and that may be updated from now on."""

    assignment: str
    status: Literal["adopted", "planned", "unchanged", "rejected", "unavailable", "cancelled"]
    reason: str = ""
    error: dict[str, Any] | None = None
    page: PageAnswer = PageAnswer()
    blocks: int = 0
    audio_block_id: str | None = None


def adopt_page(
    pipeline: Pipeline,
    tenant: str,
    assignment: str,
    adoption: Adoption,
    *,
    overrides: Sequence[str] = (),
    dry_run: bool = False,
    actor: str = "api",
) -> AdoptionAnswer:
    """Makes a page the page of an assignment.

    Args:
        pipeline: gives settings, stores and clients.
        tenant: a slug.
        assignment: a slug, unique in its tenant.
        adoption: the page.
        overrides: settings as ``key=value``.
        dry_run: True where nothing may change.
        actor: who does it, as it stands in the audit log.

    Raises:
        TenantSuspendedError: the tenant may not publish.
        AuditUnavailableError: the log does not take it, and nothing was recorded; asking again may help.
        AskingError: the tenant's settings are wrong.
        RejectedError: the page may not be taken over; it says why and what to do.
        UnavailableError: Notion did not answer well; asking again helps.
        LeaseHeldError: another run works on the assignment.
    """
    for name, slug in (("tenant", tenant), ("assignment", assignment)):
        check_slug(slug, name)
    providers = pipeline.providers
    gate = TenantGate(providers.standings, tenant, providers.clock.monotonic)
    gate.check(0)
    settings = tenant_settings(pipeline.providers, tenant, overrides)
    context = create_context(
        tenant=tenant,
        assignment=assignment,
        settings=settings,
        job_id=providers.new_id(),
        clock=providers.clock,
        logger=providers.logger,
        dry_run=dry_run,
        actor=check_actor(actor),
        gate=gate,
    )
    ledger = Ledger(providers.publications, tenant, assignment)
    notion = providers.vendors(tenant, settings).notion
    before = notion.requests_made
    with nullcontext() if dry_run else providers.publications.lease(tenant, assignment):
        answer = _Adopting(context, ledger, notion, adoption, providers.audit).adopt()
    requests = notion.requests_made - before
    return answer.model_copy(update={"page": answer.page.model_copy(update={"requests": requests})})


@dataclass(frozen=True)
class _Adopting:
    """The work of one call."""

    context: JobContext
    ledger: Ledger
    notion: NotionApi
    adoption: Adoption
    audit: AuditLog

    def adopt(self) -> AdoptionAnswer:
        schemas = Schemas(self.context, self.notion)
        page = Lookup(self.context, self.notion, schemas).page(self.adoption.page_id, "The page's id")
        known = self.ledger.read().page
        if known is not None and known.id is not None and normal_id(known.id) == normal_id(page["id"]):
            return self._answer("unchanged", page, "it is the page of this assignment already")
        self._check_page(page, known)
        target = resolve_target(self.context, self.notion, schemas)
        self._check_place(page, target)
        self._check_key(page, target)
        inventory = take_inventory(
            self.context,
            self.notion,
            page,
            audio_url=self.adoption.audio_url,
            by_predecessor=self.adoption.by_predecessor,
        )
        if not self.context.dry_run:
            self._tell(page, inventory)
            self._record(page, target, inventory)
        status: Literal["planned", "adopted"] = "planned" if self.context.dry_run else "adopted"
        return self._answer(status, page, self._words(inventory), inventory)

    def _check_page(self, page: Json, known: PagePublication | None) -> None:
        where = page.get("url") or page["id"]
        around = "it is in the trash" if in_trash(page) else trashed_around(self.context, self.notion, page)
        if around:
            raise rejected(
                "page_in_trash", f"The page {where} can't be taken over: {around}.", "Restore it, then try again."
            )
        if known is not None and look_at(self.context, self.notion, known).state == "there":
            message = f"{self.context.key} has a page already, {known.url or known.id}."
            raise rejected("has_page", message, "Move that one to the trash first, or adopt for another assignment.")

    def _check_place(self, page: Json, target: Target) -> None:
        if target.is_parent(page.get("parent") or {}):
            return
        parent = page.get("parent") or {}
        kind = str(parent.get("type"))
        setting = {"data_source_id": "data_source_id", "page_id": "parent_page_id"}.get(kind)
        message = f"The page “{title_of(page)}” is not in the place that the settings name ({target.asked})."
        move = "Move the page there in Notion"
        fix = f"{move}, or name its place, notion.{setting}={parent[kind]}, in the settings." if setting else f"{move}."
        raise rejected("outside_target", message, fix)

    def _check_key(self, page: Json, target: Target) -> None:
        if target.key_column is None:
            return
        key = check_key(self.context, target, page)
        other = None if key else find_page(self.context, self.notion, target)
        if other is not None:
            message = f"Another page carries the key {self.context.key}: {other.get('url') or other['id']}."
            raise rejected("several_pages", message, "Move that one to the trash, or clear its key, then try again.")

    def _tell(self, page: Json, inventory: Inventory) -> None:
        """Adds an entry before anything is recorded: what is recorded already is not taken over, and told, again."""
        stands = {"page_id": page["id"], "page_url": page.get("url"), "block_id": inventory.audio_block_id}
        details = {"stands": stands, "blocks": inventory.count, "audio_url": self.adoption.audio_url}
        entry = AuditEntry(
            number=0,
            id=f"{self.context.job_id}/adopt",
            at=self.context.clock.now(),
            tenant=self.context.tenant,
            assignment=self.context.assignment,
            actor=self.context.actor,
            action="adopt",
            run_id=self.context.run_id,
            outcome="done",
            details={name: plain(value) for name, value in details.items() if value},
        )
        add_entry(self.audit, entry, self.context.clock)

    def _record(self, page: Json, target: Target, inventory: Inventory) -> None:
        now = self.context.clock.now()
        recorded = PagePublication(
            intended_at=now,
            key=self.context.key,
            data_source_id=target.data_source_id,
            parent_page_id=target.parent_page_id,
            asked=target.asked,
            title=title_of(page),
            id=page["id"],
            url=page.get("url"),
            adopted=True,
            blocks=list(inventory.blocks),
        )
        attachment = AttachmentPublication(
            page_id=page["id"],
            intended_at=now,
            block_id=inventory.audio_block_id,
            url=self.adoption.audio_url,
            study_text_id=inventory.study_text_id,
        )

        def change(publication: Publication) -> None:
            publication.page = recorded
            publication.attachment = attachment if inventory.audio_block_id else None

        self.ledger.update(change)

    def _words(self, inventory: Inventory) -> str:
        does = "would take over" if self.context.dry_run else "took over"
        words = f"{does} the page with {inventory.count} blocks that a program made; all others are people's and stay"
        if self.adoption.audio_url and not inventory.audio_block_id:
            return f"{words}; no audio block plays {self.adoption.audio_url}"
        return words

    def _answer(
        self,
        status: Literal["adopted", "planned", "unchanged"],
        page: Json,
        reason: str,
        inventory: Inventory | None = None,
    ) -> AdoptionAnswer:
        found: dict[str, Any] = {}
        if inventory:
            found = {"blocks": inventory.count, "audio_block_id": inventory.audio_block_id}
        return AdoptionAnswer(
            assignment=self.context.key,
            status=status,
            reason=reason,
            page=PageAnswer(id=page["id"], url=page.get("url")),
            **found,
        )
