from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.clients.mail import MailAddressError, MailServer
from esl_pipeline_tests.receiving import mail_receiver

PASSWORD = "correct horse/battery"


def message(*to: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "esl@school.example", ", ".join(to), "school: naïve"
    mail.set_content("It failed.\n")
    return mail


def test_a_message_goes_to_all_encrypted_and_after_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_receiver(tmp_path, login=("ann", PASSWORD)) as receiver:
        monkeypatch.setenv("SSL_CERT_FILE", str(receiver.certificate))
        server = MailServer.at(f"smtp://ann:correct%20horse%2Fbattery@127.0.0.1:{receiver.port}")
        server.send(message("ann@a.example", "bob@b.example"))
    ((to, mail),) = receiver.mails
    assert to == ["ann@a.example", "bob@b.example"]
    assert (mail["Subject"], mail.get_content().strip(), receiver.encrypted) == ("school: naïve", "It failed.", [True])


def test_a_certificate_that_nobody_knows_gets_no_password(tmp_path: Path) -> None:
    with (
        mail_receiver(tmp_path, login=("ann", PASSWORD)) as receiver,
        pytest.raises(RejectedError, match="certificate"),
    ):
        MailServer.at(f"smtp://ann:pw@127.0.0.1:{receiver.port}").send(message("ann@a.example"))
    assert receiver.mails == []


def test_a_wrong_password_is_refused_and_stands_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_receiver(tmp_path, login=("ann", PASSWORD)) as receiver:
        monkeypatch.setenv("SSL_CERT_FILE", str(receiver.certificate))
        server = MailServer.at(f"smtp://ann:verywrongpassword@127.0.0.1:{receiver.port}")
        with pytest.raises(RejectedError, match="535") as caught:
            server.check()
    assert "verywrong" not in f"{caught.value} {caught.value!r} {caught.value.__context__!r} {server!r}"


def test_a_server_elsewhere_without_encryption_gets_nothing(tmp_path: Path) -> None:
    with mail_receiver(tmp_path, tls=False) as receiver:
        MailServer.at(f"smtp://127.0.0.1:{receiver.port}").send(message("ann@a.example"))
        with pytest.raises(RejectedError, match="no_encryption"):
            MailServer.at(f"smtp://127.1:{receiver.port}").send(message("ann@a.example"))
    assert len(receiver.mails) == 1


def test_addresses_that_are_all_refused_are_refused(tmp_path: Path) -> None:
    with mail_receiver(tmp_path, tls=False) as receiver:
        receiver.unknown.add("ann@a.example")
        with pytest.raises(RejectedError, match=r"550.*nobody of this name"):
            MailServer.at(f"smtp://127.0.0.1:{receiver.port}").send(message("ann@a.example"))


def test_a_server_that_is_down_may_be_asked_again() -> None:
    with pytest.raises(UnavailableError, match="no connection"):
        MailServer.at("smtp://127.0.0.1:9").send(message("ann@a.example"))


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://a/b", "smtp://a:x", "smtp://[a"]
)
def test_what_is_no_address_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(MailAddressError) as caught:
        MailServer.at(url.replace("//", "//u:geheim123@") if "//" in url else url)
    assert "geheim" not in f"{caught.value} {caught.value!r} {caught.value.__context__!r}"


def test_the_port_is_that_of_the_kind_where_none_is_given() -> None:
    assert (MailServer.at("smtp://a").port, MailServer.at("smtps://a").port) == (587, 465)
