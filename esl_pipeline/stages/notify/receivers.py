"""Who is told, and how a message gets there."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import partial
from ipaddress import ip_address
from urllib.parse import urlsplit

from esl_pipeline.clients.mail import MailServer
from esl_pipeline.clients.webhooks import Post
from esl_pipeline.manifests.settings import NotifySettings
from esl_pipeline.stages.environment import ConfigurationError, Environment
from esl_pipeline.stages.notify.installation import Installation, installation_of
from esl_pipeline.stages.notify.words import Message
from esl_pipeline.stages.storage_guard import ALLOW_LOCAL, LookUp, inside_by_name, is_forbidden, is_inside, literal_of
from esl_pipeline.stages.wanted_secret import WantedSecret
from esl_pipeline.stores.secrets import SecretProvider

Send = Callable[[str, Message, datetime], None]
"""Sends a message under an id; raises VendorError where it does not arrive."""
WEBHOOK, SLACK, EMAIL = "webhook", "slack", "email"


def named_receivers(settings: NotifySettings, *, live: bool) -> tuple[str, ...]:
    """Returns by name who is told of a tenant's failures; in the sandbox there are no secrets, so only by e-mail."""
    named = {WEBHOOK: settings.webhook_secret, SLACK: settings.slack_secret}
    found = [name for name, secret in named.items() if secret and live]
    return (*found, *([EMAIL] if settings.email else []))


def operators_receivers(installation: Installation) -> tuple[str, ...]:
    """Returns by name who of the operators is told."""
    named = {
        WEBHOOK: installation.operators_webhook,
        SLACK: installation.operators_slack,
        EMAIL: installation.operators_email,
    }
    return tuple(name for name, given in named.items() if given)


class Receivers:
    """Makes what sends to a receiver.

    Args:
        environment: of the installation.
        secrets: of the tenants.
        look_up: finds the addresses of a name.
    """

    def __init__(self, environment: Environment, secrets: SecretProvider, look_up: LookUp = socket.getaddrinfo) -> None:
        self._environment, self._secrets, self._look_up = environment, secrets, look_up
        self.installation = installation_of(environment)

    def of_tenant(self, tenant: str, settings: NotifySettings, receiver: str) -> Send:
        """Returns what sends to one of a tenant's receivers.

        Raises:
            ConfigurationError: a secret is missing, an address is none or inside the network, or there is no mail
                server.
            SecretUnavailableError: asking again may help.
            SecretRefusedError: it can't.
        """
        if receiver == EMAIL:
            return self._by_mail(settings.email or "")
        if receiver == SLACK:
            return self._to_slack(self._address(tenant, "notify.slack_secret", settings.slack_secret), tenant)
        url = self._address(tenant, "notify.webhook_secret", settings.webhook_secret)
        if not settings.signing_secret:
            raise ConfigurationError(
                f"{tenant} has notify.webhook_secret, but not notify.signing_secret: name the key."
            )
        key = WantedSecret("notify.signing_secret", settings.signing_secret).get(self._secrets, tenant)
        return self._to_webhook(url, key.get_secret_value(), tenant)

    def of_operators(self, receiver: str) -> Send:
        """Returns what sends to one of the operators' receivers, which may be inside the network.

        Raises:
            ConfigurationError: there is no such receiver.
        """
        mine = self.installation
        if receiver == EMAIL and mine.operators_email:
            return self._by_mail(mine.operators_email)
        if receiver == SLACK and mine.operators_slack:
            return self._to_slack(mine.operators_slack.get_secret_value())
        if receiver == WEBHOOK and mine.operators_webhook and mine.operators_key:
            return self._to_webhook(mine.operators_webhook.get_secret_value(), mine.operators_key.get_secret_value())
        raise ConfigurationError(f"The operators have no receiver {receiver} any more.")

    def _address(self, tenant: str, setting: str, name: str | None) -> str:
        """Returns the address that is a tenant's secret, if anything may be sent there; it is told nowhere."""
        url, which = WantedSecret(setting, name).get(self._secrets, tenant).get_secret_value(), f"the secret {name}"
        try:
            literal, host = literal_of(url), urlsplit(url).hostname
        except (ConfigurationError, ValueError):
            literal = host = None
        if not host or not url.startswith(("https://", "http://")):
            raise ConfigurationError(f"{tenant}: {which} of {setting} is no address that begins with https://.")
        if not url.startswith("https://") and not self._may_be_inside:
            raise ConfigurationError(f"{tenant}: {which} of {setting} is no address that begins with https://.")
        inside = (literal,) if literal else inside_by_name(url, self._look_up)
        if any(not self._may_connect(str(one)) for one in inside):
            raise ConfigurationError(
                f"{tenant}: the address in {which} of {setting} is inside the network. Set {ALLOW_LOCAL}=1 if tenants "
                "may have receivers there."
            )
        return url

    @property
    def _may_be_inside(self) -> bool:
        return self._environment.variables.get(ALLOW_LOCAL) == "1"

    def _may_connect(self, address: str) -> bool:
        found = ip_address(address.partition("%")[0])
        return not is_forbidden(found) and (self._may_be_inside or not is_inside(found))

    def _to_webhook(self, url: str, key: str, tenant: str = "") -> Send:
        post = Post(WEBHOOK, url, key=key, may_connect=self._may_connect if tenant else _anywhere)
        return lambda message_id, message, at: post.send(message_id, message.for_webhook(at))

    def _to_slack(self, url: str, tenant: str = "") -> Send:
        post = Post(SLACK, url, may_connect=self._may_connect if tenant else _anywhere)
        return lambda message_id, message, _: post.send(message_id, message.for_slack())

    def _by_mail(self, addresses: str) -> Send:
        mine = self.installation
        if mine.mail is None:
            raise ConfigurationError("There is no mail server. Set ESL_SMTP_URL and ESL_SMTP_FROM.")
        return partial(_mail, mine.mail, mine.sender, addresses)


def _anywhere(_: str) -> bool:
    return True


def _mail(server: MailServer, sender: str, addresses: str, message_id: str, message: Message, at: datetime) -> None:
    mail = EmailMessage()
    head: Mapping[str, str] = {
        "Subject": " ".join(message.subject.split()),
        "From": sender,
        "To": addresses,
        "Date": format_datetime(at),
        "Message-ID": make_msgid(message_id, domain=sender.rpartition("@")[2].strip("<> ") or None),
        "Auto-Submitted": "auto-generated",
    }
    for name, value in head.items():
        mail[name] = value
    mail.set_content(message.text + "\n")
    server.send(mail)
