"""What an operator decides about a tenant: that it begins, pauses and goes on. Every act stands in the audit log."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, Literal

from esl_pipeline.lessons import has_errors
from esl_pipeline.manifests import AskingError, check_slug, read_tenant_file
from esl_pipeline.stages.audit_writing import add_entry, check_actor, plain
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stores.audit import AuditEntry
from esl_pipeline.stores.standing import Standing
from esl_pipeline.stores.whole_files import write_whole

EMPTY_DOCUMENT = "schema_version: 2\nsettings: {}\n"

Act = Literal["add", "import", "suspend", "resume", "export", "remove.begin", "remove.end"]


class TenantActError(Exception):
    """What was asked for does not fit how the tenant stands; asking again can't help."""


def tell(providers: Providers, tenant: str, actor: str, act: Act, **details: Any) -> AuditEntry:
    """Adds an act to the tenant's chain.

    Raises:
        AuditUnavailableError: the log did not take it; asking again may help.
    """
    entry = AuditEntry(
        number=0,
        id=uuid.uuid4().hex,
        at=providers.clock.now(),
        tenant=tenant,
        actor=check_actor(actor),
        action=f"tenant.{act}",
        outcome="done",
        details={name: plain(value) for name, value in details.items() if value not in ("", None)},
    )
    return add_entry(providers.audit, entry, providers.clock)


def add_tenant(providers: Providers, tenant: str, actor: str, *, folder: Path | None, document: str | None) -> Standing:
    """Makes a tenant known, with its document where documents are files.

    Args:
        providers: of the pipeline.
        tenant: a slug.
        actor: who does it.
        folder: of tenant files; None where the documents are elsewhere, and somebody must put it there.
        document: the tenant's settings as YAML; empty ones where None.

    Raises:
        SlugError: the tenant is no slug.
        TenantActError: it is there already, or has a document.
        AskingError: the document has errors; nothing was written.
    """
    file = f"{check_slug(tenant, 'tenant')}.yaml"
    _, problems = read_tenant_file(document or EMPTY_DOCUMENT, file=file)
    if has_errors(problems):
        raise AskingError(problems)
    if tenant in providers.standings.known():
        state = providers.standings.read(tenant).state
        raise TenantActError(f"The tenant {tenant} is known already; it is {state}.")
    if folder and providers.config.read(tenant):
        if document:
            raise TenantActError(f"The tenant {tenant} has a document in {folder}. Leave out --from, or edit that one.")
    elif folder:
        write_whole(folder / file, (document or EMPTY_DOCUMENT).encode(), replace=False)
    standing = Standing(actor=check_actor(actor), at=providers.clock.now())
    tell(providers, tenant, actor, "add", document=file if folder else "")
    return providers.standings.change(tenant, lambda _: standing)


def suspend(providers: Providers, tenant: str, actor: str, reason: str) -> Standing:
    """Keeps a tenant from publishing; a run under way stops before its next request.

    The standing is written first: who must be stopped is stopped also where the audit log does not answer.

    Raises:
        TenantActError: it is being removed.
        AuditUnavailableError: it is suspended, but that could not be told; asking again tells it.
    """
    now = providers.clock.now()

    def change(before: Standing) -> Standing:
        _refuse_removing(tenant, before)
        return before.model_copy(
            update={"state": "suspended", "actor": check_actor(actor), "reason": reason, "at": now}
        )

    changed = providers.standings.change(tenant, change)
    tell(providers, tenant, actor, "suspend", reason=reason)
    return changed


def resume(providers: Providers, tenant: str, actor: str) -> Standing:
    """Lets a suspended tenant publish again; what was due meanwhile is due now.

    Raises:
        TenantActError: it is not suspended.
        AuditUnavailableError: it stays suspended; asking again may help.
    """
    before = providers.standings.read(tenant)
    _refuse_removing(tenant, before)
    if before.state == "active":
        raise TenantActError(f"The tenant {tenant} is not suspended.")
    tell(providers, tenant, actor, "resume")
    now = providers.clock.now()

    def change(before: Standing) -> Standing:
        _refuse_removing(tenant, before)
        return before.model_copy(update={"state": "active", "actor": actor, "reason": "", "at": now})

    return providers.standings.change(tenant, change)


def _refuse_removing(tenant: str, standing: Standing) -> None:
    if standing.state == "removing":
        raise TenantActError(f"The tenant {tenant} is being removed. End that with: esl tenants remove {tenant}")
