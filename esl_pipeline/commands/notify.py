"""``esl notify``: whether messages arrive."""

from __future__ import annotations

from rich.markup import escape

from esl_pipeline.commands.output import DONE, REJECTED, Output
from esl_pipeline.lessons import has_errors
from esl_pipeline.manifests import AskingError, check_slug
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stages.job_record import Answer
from esl_pipeline.stages.notify.books import OPERATORS
from esl_pipeline.stages.notify.notifier import Notifier, Sent
from esl_pipeline.stages.tenant_settings import read_settings


class TrialAnswer(Answer):
    """What became of one trial; ``error`` is empty where it arrived."""

    receiver: str
    error: str = ""


class TrialsAnswer(Answer):
    """What ``esl notify --json`` says; ``tenant`` is empty for the operators."""

    tenant: str
    trials: tuple[TrialAnswer, ...]


def notify(tenant: str | None, *, output: Output) -> int:
    """Sends a trial to each receiver of a tenant, or of the operators.

    Raises:
        AskingError: the tenant's settings can't be used, so that it is told nothing, and the operators instead.
    """
    owner = check_slug(tenant, "tenant") if tenant else OPERATORS
    environment = read_environment()
    providers = create_pipeline(environment=environment).providers
    if tenant and has_errors(problems := read_settings(providers, tenant).problems):
        raise AskingError(tuple(problems))
    sent = list(Notifier(environment, providers).try_out(owner))
    if not sent:
        output.failure(
            f"Nobody is told anything of {tenant or 'the operators'} here: see docs/operations.md, Being told."
        )
    for one in sent:
        output.people.print(f"{one.receiver}: {_words(one)}")
    trials = tuple(TrialAnswer(receiver=one.receiver, error=one.error) for one in sent)
    output.answer(TrialsAnswer(tenant=owner, trials=trials))
    return REJECTED if not sent or any(one.error for one in sent) else DONE


def _words(sent: Sent) -> str:
    return f"[red]{escape(sent.error)}[/]" if sent.error else "[green]arrived[/]"
