from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from esl_pipeline.clients import ElevenLabsClient, NotionClient, OpenAiSpeechClient, Surroundings, VendorError
from esl_pipeline.clients.http import Credential
from esl_pipeline.clients.redaction import Redactor
from esl_pipeline.clients.retry import RetryPolicy
from esl_pipeline_tests.clients.asked import asked
from esl_pipeline_tests.clients.raw_server import resetting, saying, serving, silent
from esl_pipeline_tests.clients.scripted import (
    KEY,
    OPENAI_KEY,
    PAGE,
    TOKEN,
    FakeClock,
    Reply,
    in_turn,
    notion_that,
    openai_that,
    speech_that,
)

HASTY = RetryPolicy(attempts=2, deadline_s=100, connect_timeout_s=0.5, read_timeout_s=0.1)
CREATE = {"parent": {"type": "page_id", "page_id": PAGE}, "properties": {}}


def around(error: BaseException | None) -> Iterator[BaseException]:
    """Yields an error and all that hangs on to it."""
    while error is not None:
        yield error
        yield from around(error.__cause__)
        error = error.__context__


def shown_by(error: BaseException) -> str:
    """Returns all that a log or error tracker might take from an error, its frames' own variables left out."""
    parts = ["".join(traceback.format_exception(error))]
    for one in around(error):
        assert not isinstance(one, requests.RequestException), "the exception holds the request and its headers"
        parts += [str(one), repr(one), repr(one.args), repr(vars(one))]
    return "\n".join(parts)


def echo(secret: str) -> list[Reply]:
    """Returns answers that repeat the secret wherever they can."""
    fields = {"code": f"bad_{secret}", "message": f"the key {secret} is bad", "request_id": secret, "status": secret}
    return [
        Reply(401, fields),
        Reply(500, fields),
        Reply(503, {**fields, "code": "service_unavailable"}),
        Reply(401, {"detail": fields}),
        Reply(500, {"detail": f"Authorization: Bearer {secret}"}),
        Reply(422, {"detail": [{"loc": ["header", secret], "msg": secret}]}),
        Reply(403, f"<title>xi-api-key: {secret}</title>".encode()),
        Reply(400, ("x" * 590 + secret).encode()),
        Reply(400, ("x" * 190 + secret).encode()),
        Reply(200, f"not json {secret}".encode(), {"Content-Type": "text/plain"}),
        Reply(302, b"", {"Location": f"https://example.org/?key={secret}"}),
    ]


@pytest.mark.parametrize("index", range(11))
def test_no_answer_brings_the_key_to_light(index: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    calls: list[tuple[Callable[[], Any], str]] = []
    notion, speech = notion_that(in_turn(echo(TOKEN)[index])).notion, speech_that(in_turn(echo(KEY)[index])).speech
    calls += [(lambda: notion.create_page(CREATE), TOKEN), (lambda: notion.retrieve_page(PAGE), TOKEN)]
    other = openai_that(in_turn(echo(OPENAI_KEY)[index])).speech
    calls += [(speech.list_voices, KEY), (lambda: speech.synthesize(asked()), KEY)]
    calls += [(lambda: other.synthesize(asked(options={})), OPENAI_KEY)]
    for call, secret in calls:
        with pytest.raises(VendorError) as caught:
            call()
        assert secret not in shown_by(caught.value)
        assert secret[:12] not in shown_by(caught.value)
    assert TOKEN not in caplog.text
    assert KEY not in caplog.text
    assert OPENAI_KEY not in caplog.text


TREATMENTS = {
    "silence": silent(),
    "reset": resetting(),
    "closed": saying(),
    "truncated": saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
    "no HTTP": saying(b"hello\r\n"),
}


@pytest.mark.parametrize("name", TREATMENTS)
def test_no_broken_connection_brings_the_key_to_light(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(TREATMENTS[name]) as server:
        notion = NotionClient(TOKEN, server.url, policy=HASTY, surroundings=Surroundings(FakeClock()))
        speech = ElevenLabsClient(KEY, server.url, policy=HASTY, surroundings=Surroundings(FakeClock()))
        other = OpenAiSpeechClient(OPENAI_KEY, server.url, policy=HASTY, surroundings=Surroundings(FakeClock()))
        for call in (
            lambda: notion.create_page(CREATE),
            lambda: notion.retrieve_page(PAGE),
            speech.list_voices,
            lambda: other.synthesize(asked(options={})),
        ):
            with pytest.raises(VendorError) as caught:
                call()
            shown = shown_by(caught.value) + caplog.text
            assert TOKEN not in shown
            assert KEY not in shown
            assert OPENAI_KEY not in shown
        assert TOKEN.encode() in server.requests[0], "the vendor itself must get it"


@pytest.mark.parametrize("bad", ["hush-hush\n", "hush hush", "hüsh-hush", "hush\x00hush"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(bad: str) -> None:
    for make in (NotionClient, ElevenLabsClient, OpenAiSpeechClient):
        with pytest.raises(VendorError) as caught:
            make(bad, "https://example.org")
        assert "hush" not in shown_by(caught.value)
        assert "Copy the key again" in caught.value.fix


def test_what_holds_the_key_does_not_print_it() -> None:
    scene = notion_that(in_turn(Reply()))
    client: Any = scene.notion
    for held in (client, client._http, client._http._wire, client._http._wire._auth, client._http._redact):
        assert TOKEN not in repr(held)
    assert TOKEN not in repr(Credential("Authorization", TOKEN, "Bearer"))


def test_retries_are_logged_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    scene = notion_that(in_turn(Reply(500, {"code": TOKEN}), Reply(200, {"id": PAGE})))
    scene.notion.retrieve_page(PAGE)
    assert "tenant=school" in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Authorization: Bearer ntn_other", "ntn_other"),
        ("xi-api-key: sk_other", "sk_other"),
        ("Authorization: AWS4-HMAC-SHA256 Credential=AKIAX/2026", "AKIAX"),
        ("https://bucket/key?X-Amz-Signature=abcdef", "abcdef"),
        ("proxy http://user:hidden@host", "hidden"),
    ],
)
def test_what_looks_like_a_credential_is_removed_too(text: str, kept: str) -> None:
    assert kept not in Redactor(())(text)


def test_messages_are_one_short_line() -> None:
    assert Redactor(())("a\n\tb\x00c") == "a b c"
    assert len(Redactor(())("x" * 5000)) == 600


def test_short_words_are_not_taken_for_secrets() -> None:
    assert Redactor(["sandbox"])("the sandbox says no") == "the sandbox says no"
