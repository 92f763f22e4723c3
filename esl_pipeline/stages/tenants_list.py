"""The tenants of an installation and how they stand.

Reads documents, standings, publications and this month's account books. Costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from esl_pipeline.stages.job_record import Answer
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stores.standing import State
from esl_pipeline.stores.usage import month_of, spending


class TenantAnswer(Answer):
    """One tenant.

    Attributes:
        document: whether it has settings of its own.
        last_run_at: when a stage was last begun; None where nothing was published.
        characters: bought or reserved this month.
        usd: the same in dollars, by the price list.
    """

    tenant: str
    state: State
    reason: str = ""
    actor: str = ""
    since: datetime | None = None
    document: bool
    assignments: int
    last_run_at: datetime | None = None
    characters: int = 0
    usd: float = 0.0


def list_tenants(providers: Providers) -> Iterator[TenantAnswer]:
    """Yields all tenants that have a document, a standing, a publication or spending, by name."""
    documents = set(providers.config.tenants())
    runs: dict[str, list[datetime | None]] = {}
    for publication in providers.publications.list():
        begun = [record.started_at for record in publication.stages.values()]
        runs.setdefault(publication.tenant, []).append(max(begun, default=None))
    month = month_of(providers.clock.now())
    spent = {tenant for tenant, found in providers.usage.months() if found == month}
    for tenant in sorted(documents | {*providers.standings.known()} | runs.keys() | spent):
        standing = providers.standings.read(tenant)
        lines = spending(providers.usage.lines(tenant, month)) if tenant in spent else []
        begun = [at for at in runs.get(tenant, []) if at]
        yield TenantAnswer(
            tenant=tenant,
            state=standing.state,
            reason=standing.reason,
            actor=standing.actor,
            since=standing.at,
            document=tenant in documents,
            assignments=len(runs.get(tenant, [])),
            last_run_at=max(begun, default=None),
            characters=sum(line.characters for line in lines),
            usd=round(sum(line.usd for line in lines), 4),
        )
