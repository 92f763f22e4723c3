"""Looks whether a tenant's receivers can be told, and sends nothing."""

from __future__ import annotations

from collections.abc import Iterator

from esl_pipeline.stages.environment import Environment
from esl_pipeline.stages.notify.notifier import Notifier
from esl_pipeline.stages.notify.receivers import EMAIL
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.run_stage import failure_kind
from esl_pipeline.stages.settings_live import LiveFinding


def receivers_found(environment: Environment, providers: Providers, tenant: str) -> Iterator[LiveFinding]:
    """Yields of each receiver whether secrets and address will do, and whether the mail server lets us in."""
    notifier = Notifier(environment, providers)
    for receiver in notifier.names(tenant):
        try:
            notifier.sender(tenant, receiver)
            mail = notifier.installation.mail
            if receiver == EMAIL and mail:
                mail.check()
        except Exception as error:
            kind = failure_kind(error)
            if kind == "failed":
                raise
            yield LiveFinding("notices", "unavailable" if kind == "unavailable" else "failed", str(error))
        else:
            yield LiveFinding(
                "notices", "ok", f"The tenant can be told by {receiver}: esl notify {tenant} tries it out."
            )
