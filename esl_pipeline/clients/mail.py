"""Sends messages through an SMTP server."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import NoReturn
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.clients.redaction import Redactor
from esl_pipeline.clients.wire import is_loopback

TIMEOUT_S = 10.0
PORTS = {"smtp": 587, "smtps": 465}
FIX = "Check ESL_SMTP_URL, smtp://user:password@host:port or smtps://…, and ESL_SMTP_FROM."


class MailAddressError(ValueError):
    """The address of the server is none; the message does not show it, because it may hold a password."""


@dataclass(frozen=True)
class MailServer:
    """A server that takes messages.

    Attributes:
        encrypted: TLS from the first byte; else the connection is encrypted by STARTTLS, but to this very machine.
    """

    host: str
    port: int
    encrypted: bool
    user: str = ""
    password: SecretStr = SecretStr("")  # noqa: RUF009 it is immutable

    @staticmethod
    def at(url: str) -> MailServer:
        """Returns the server of an address.

        Raises:
            MailAddressError: it is none.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise MailAddressError(f"This is no address of an SMTP server. {FIX}") from None
        if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
            raise MailAddressError(f"This is no address of an SMTP server. {FIX}")
        password = SecretStr(unquote(parts.password or ""))
        user = unquote(parts.username or "")
        return MailServer(parts.hostname, port or PORTS[parts.scheme], parts.scheme == "smtps", user, password)

    def send(self, message: EmailMessage) -> None:
        """Sends a message to all that it is addressed to.

        Raises:
            RejectedError: the server refuses it, or can't be trusted with a password.
            UnavailableError: sending again later may help; it may arrive twice then.
        """
        with self._connected() as connection:
            connection.send_message(message)

    def check(self) -> None:
        """Connects and logs in, and sends nothing.

        Raises:
            RejectedError: the server refuses.
            UnavailableError: trying again later may help.
        """
        with self._connected() as connection:
            connection.noop()

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        try:
            with self._open() as connection:
                self._log_in(connection)
                yield connection
        except (smtplib.SMTPException, OSError) as error:
            self._fail(error)

    def _open(self) -> smtplib.SMTP:
        if self.encrypted:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=ssl.create_default_context())
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)

    def _log_in(self, connection: smtplib.SMTP) -> None:
        connection.ehlo()
        if not self.encrypted:
            if connection.has_extn("starttls"):
                connection.starttls(context=ssl.create_default_context())
                connection.ehlo()
            elif not is_loopback(f"smtp://{self.host}"):
                message = "the server offers no encryption (STARTTLS)"
                raise RejectedError("smtp", "no_encryption", message, fix="Use another server, or one on this machine.")
        if self.user:
            connection.login(self.user, self.password.get_secret_value())

    def _fail(self, error: smtplib.SMTPException | OSError) -> NoReturn:
        code, message, refused = _described(error)
        words = Redactor([self.password.get_secret_value()])(message)
        if refused:
            raise RejectedError("smtp", code, words, fix=FIX) from None
        raise UnavailableError("smtp", code, words, fix=FIX) from None


def _described(error: smtplib.SMTPException | OSError) -> tuple[str, str, bool]:
    """Returns code, words, and whether sending again can't help: SMTP's own codes from 500 on."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = [answer for answer in error.recipients.values() if isinstance(answer, tuple)]
        code, said = answers[0] if answers else (550, b"")
        return str(code), f"no address is taken: {_text(said)}", all(answer[0] >= 500 for answer in answers)
    if isinstance(error, smtplib.SMTPResponseException):
        return str(error.smtp_code), _text(error.smtp_error), error.smtp_code >= 500
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate", "the server's certificate can't be trusted", True
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "not_supported", str(error), True
    if isinstance(error, TimeoutError):
        return "timeout", "the server did not answer in time", False
    return "connection", f"no connection: {type(error).__name__}", False


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
