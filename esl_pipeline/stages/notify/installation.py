"""How an installation tells people: its mail server, its operators, and where its web pages are."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import SecretStr

from esl_pipeline.clients.mail import MailAddressError, MailServer
from esl_pipeline.stages.environment import ConfigurationError, Environment


@dataclass(frozen=True)
class Installation:
    """What the environment says of it.

    Attributes:
        dashboard: address of Dagster's web pages; empty where none is told, and messages have no links then.
        mail: None where there is no mail server.
        sender: that messages are from.
        operators_webhook: None where operators have none; likewise the others.
    """

    dashboard: str = ""
    mail: MailServer | None = None
    sender: str = ""
    operators_webhook: SecretStr | None = None
    operators_key: SecretStr | None = field(default=None, repr=False)
    operators_slack: SecretStr | None = None
    operators_email: str = ""

    @property
    def tells_operators(self) -> bool:
        """Whether the operators are told anything."""
        return bool(self.operators_webhook or self.operators_slack or self.operators_email)


def installation_of(environment: Environment) -> Installation:
    """Returns what the environment says of it.

    Raises:
        ConfigurationError: the mail server's address is none, or a variable lacks another one.
    """
    given = environment.variables
    mail = _mail(given.get("ESL_SMTP_URL", ""))
    sender = given.get("ESL_SMTP_FROM", "")
    email = given.get("ESL_OPERATORS_EMAIL", "")
    if mail and not sender:
        raise ConfigurationError("ESL_SMTP_URL is set, but not ESL_SMTP_FROM: give the address that messages are from.")
    if email and not mail:
        raise ConfigurationError("ESL_OPERATORS_EMAIL is set, but not ESL_SMTP_URL: give the server that sends it.")
    webhook, key = _secret(given.get("ESL_OPERATORS_WEBHOOK")), _secret(given.get("ESL_OPERATORS_WEBHOOK_KEY"))
    if webhook and not key:
        raise ConfigurationError("ESL_OPERATORS_WEBHOOK is set, but not ESL_OPERATORS_WEBHOOK_KEY: posts are signed.")
    slack = _secret(given.get("ESL_OPERATORS_SLACK"))
    return Installation(given.get("ESL_DAGSTER_URL", ""), mail, sender, webhook, key, slack, email)


def _mail(url: str) -> MailServer | None:
    if not url:
        return None
    try:
        return MailServer.at(url)
    except MailAddressError as error:
        raise ConfigurationError(f"ESL_SMTP_URL: {error}") from None


def _secret(text: str | None) -> SecretStr | None:
    return SecretStr(text) if text else None
