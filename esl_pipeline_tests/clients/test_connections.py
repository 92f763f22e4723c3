from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from esl_pipeline.clients import (
    ElevenLabsClient,
    NotionClient,
    OpenAiSpeechClient,
    RejectedError,
    Surroundings,
    UnavailableError,
    VendorError,
)
from esl_pipeline.clients.retry import RetryPolicy
from esl_pipeline.speech import SpeechEngine
from esl_pipeline_tests.clients.asked import asked
from esl_pipeline_tests.clients.raw_server import RawServer, Treatment, dripping, resetting, saying, serving, silent
from esl_pipeline_tests.clients.scripted import KEY, OPENAI_KEY, PAGE, TOKEN, FakeClock

HASTY = RetryPolicy(attempts=3, deadline_s=1000, connect_timeout_s=0.5, read_timeout_s=0.2)
CREATE = {"parent": {"type": "page_id", "page_id": PAGE}, "properties": {}}
BODY = b'{"id": "abc"}'
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
TOO_SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + BODY
CHUNKS_BROKEN_OFF = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\n'
NOT_GZIP = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
NOT_HTTP = b"SSH-2.0-OpenSSH_9.9\r\n"

BROKEN: dict[str, tuple[Treatment, str]] = {
    "no answer in time": (silent(), "timeout"),
    "silence in the body": (silent(TOO_SHORT), "timeout"),
    "closed after the request": (saying(), "connection"),
    "reset after the request": (resetting(), "connection"),
    "not HTTP": (saying(NOT_HTTP), "connection"),
    "shorter than announced": (saying(TOO_SHORT), "truncated"),
    "reset in the body": (resetting(TOO_SHORT), "truncated"),
    "chunks broken off": (saying(CHUNKS_BROKEN_OFF), "truncated"),
    "damaged compression": (saying(NOT_GZIP), "garbled"),
}


def client(url: str, policy: RetryPolicy = HASTY) -> NotionClient:
    return NotionClient(TOKEN, url, policy=policy, surroundings=Surroundings(FakeClock()))


@pytest.mark.parametrize("name", BROKEN)
def test_a_write_whose_answer_is_lost_may_have_happened_and_is_not_repeated(name: str) -> None:
    treatment, code = BROKEN[name]
    with serving(treatment) as server:
        notion = client(server.url)
        with pytest.raises(UnavailableError) as caught:
            notion.create_page(CREATE)
        assert len(server.requests) == notion.requests_made == 1
    assert (caught.value.code, caught.value.may_have_happened) == (code, True)


@pytest.mark.parametrize("name", BROKEN)
def test_a_read_whose_answer_is_lost_is_repeated(name: str) -> None:
    with serving(BROKEN[name][0], saying(GOOD)) as server:
        assert client(server.url).retrieve_page(PAGE) == {"id": "abc"}
        assert len(server.requests) == 2


def test_a_compressed_answer_is_read() -> None:
    packed = gzip.compress(BODY)
    with serving(
        saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed), packed)
    ) as at:
        assert client(at.url).create_page(CREATE) == {"id": "abc"}


def test_an_answer_in_chunks_is_read() -> None:
    chunks = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n"
        + BODY[:6]
        + b"\r\n7\r\n"
        + BODY[6:]
        + b"\r\n0\r\n\r\n"
    )
    with serving(saying(chunks)) as server:
        assert client(server.url).create_page(CREATE) == {"id": "abc"}


def test_a_connection_is_kept_for_the_next_request() -> None:
    def twice(connection: socket.socket, server: RawServer) -> None:
        connection.sendall(GOOD)
        server.requests.append(connection.recv(65536))
        connection.sendall(GOOD)

    with serving(twice, resetting()) as server:
        notion = client(server.url)
        notion.retrieve_page(PAGE)
        notion.create_page(CREATE)
        assert [request.partition(b" ")[0] for request in server.requests] == [b"GET", b"POST"]


def test_an_error_whose_body_breaks_off_is_judged_by_its_status() -> None:
    with (
        serving(saying(b"HTTP/1.1 404 Not Found\r\nContent-Length: 500\r\n\r\n{")) as server,
        pytest.raises(RejectedError) as caught,
    ):
        client(server.url).create_page(CREATE)
    assert caught.value.status == 404


def test_a_refused_connection_wrote_nothing_and_is_tried_again_for_writes_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    notion = client(f"http://127.0.0.1:{port}")
    with pytest.raises(UnavailableError) as caught:
        notion.create_page(CREATE)
    assert (caught.value.code, caught.value.may_have_happened, notion.requests_made) == ("connection", False, 3)


def test_an_answer_that_trickles_in_is_given_up_at_the_deadline() -> None:
    policy = RetryPolicy(attempts=1, deadline_s=0.5, connect_timeout_s=1, read_timeout_s=5)
    started = time.monotonic()
    with (
        serving(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")) as server,
        pytest.raises(UnavailableError) as caught,
    ):
        NotionClient(TOKEN, server.url, policy=policy).create_page(CREATE)
    assert (caught.value.code, caught.value.may_have_happened) == ("timeout", True)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("url", ["", "api.notion.com", "ftp://api.notion.com", "http://", "http://[::1"])
def test_a_base_url_that_is_none_is_rejected(url: str) -> None:
    with pytest.raises(RejectedError) as caught:
        client(url).retrieve_page(PAGE)
    assert caught.value.code == "invalid_url"
    assert "base URL" in caught.value.fix


def test_a_server_without_tls_where_tls_is_expected_is_unavailable() -> None:
    with serving(saying(NOT_HTTP)) as server, pytest.raises(VendorError) as caught:
        client(server.url.replace("http://", "https://")).create_page(CREATE)
    assert caught.value.status is None


def test_loopback_is_reached_whatever_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://user:pass@127.0.0.1:9")
    with serving(saying(GOOD)) as server:
        assert client(server.url).retrieve_page(PAGE) == {"id": "abc"}


def test_an_unreachable_proxy_wrote_nothing_and_its_password_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://user:marked-proxy-pass@127.0.0.1:9")
    with pytest.raises(UnavailableError) as caught:
        client("https://api.notion.com").create_page(CREATE)
    assert not caught.value.may_have_happened
    assert "marked-proxy-pass" not in str(caught.value)


ENGINES: dict[str, Callable[[str], SpeechEngine]] = {
    "elevenlabs": lambda url: ElevenLabsClient(KEY, url, policy=HASTY, surroundings=Surroundings(FakeClock())),
    "openai": lambda url: OpenAiSpeechClient(OPENAI_KEY, url, policy=HASTY, surroundings=Surroundings(FakeClock())),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("engine", ENGINES)
def test_speech_whose_answer_is_lost_may_have_been_billed_and_is_not_bought_again(engine: str, name: str) -> None:
    treatment, code = BROKEN[name]
    with serving(treatment) as server:
        with pytest.raises(UnavailableError) as caught:
            ENGINES[engine](server.url).synthesize(asked())
        assert len(server.requests) == 1
    assert (caught.value.code, caught.value.may_have_happened) == (code, True)


@pytest.mark.parametrize("engine", ENGINES)
def test_speech_that_never_left_is_tried_again_and_was_not_billed(engine: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    speech: Any = ENGINES[engine](f"http://127.0.0.1:{port}")
    with pytest.raises(UnavailableError) as caught:
        speech.synthesize(asked())
    assert (caught.value.code, caught.value.may_have_happened, speech.requests_made) == ("connection", False, 3)
