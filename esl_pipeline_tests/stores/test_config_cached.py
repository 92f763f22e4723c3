from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread

import pytest
from pydantic import SecretStr

from esl_pipeline.manifests import AskingError
from esl_pipeline.stages.config_http import HttpConfig
from esl_pipeline.stores.config import ConfigRefusedError, ConfigUnavailableError
from esl_pipeline.stores.config_cached import FRESH_S, MOST_TENANTS, STALE_S, CachedConfig
from esl_pipeline_tests.settings_server import TOKEN, SettingsServer, serving_settings
from esl_pipeline_tests.stores.test_config_down import HASTY


@dataclass
class Cached:
    """A cache over a real server, at a time that the test sets."""

    server: SettingsServer
    now: float = 1000.0

    def __post_init__(self) -> None:
        provider = HttpConfig(self.server.url, SecretStr(TOKEN), policy=HASTY)
        self.config = CachedConfig(provider, monotonic=lambda: self.now)
        self.write("first")

    def write(self, text: str, tenant: str = "school") -> None:
        self.server.documents[tenant] = text.encode(), "yaml"

    def read(self, tenant: str = "school") -> str | None:
        found = self.config.read(tenant)
        return found.text if found else None


@pytest.fixture
def cached() -> Iterator[Cached]:
    with serving_settings() as server:
        yield Cached(server)


def test_what_is_fresh_is_not_asked_for(cached: Cached) -> None:
    assert [cached.read(), cached.read("none")] == ["first", None]
    cached.write("second")
    cached.now += FRESH_S - 1
    assert [cached.read(), cached.read("none")] == ["first", None]
    assert len(cached.server.asked) == 2
    cached.now += 1
    assert cached.read() == "second"


def test_what_has_not_changed_is_asked_for_by_its_version(cached: Cached) -> None:
    for _ in range(3):
        assert cached.read() == "first"
        cached.now += FRESH_S
    assert [status for *_, status in cached.server.asked] == [200, 304, 304]


def test_while_the_server_is_down_the_last_version_serves_and_it_is_said(
    cached: Cached, caplog: pytest.LogCaptureFixture
) -> None:
    assert [cached.read(), cached.config.tenants()] == ["first", ["school"]]
    cached.server.status = 503
    cached.now += STALE_S
    with caplog.at_level(logging.WARNING):
        assert [cached.read(), cached.config.tenants()] == ["first", ["school"]]
    ours = [record for record in caplog.records if record.name == "esl_pipeline.stores.config_cached"]
    assert [record.getMessage()[:58] for record in ours] == [
        "the settings of school are 600 s old, because they can't b",
        "the names of the tenants are 600 s old, because they can't",
    ]
    assert TOKEN not in caplog.text


def test_a_server_that_is_down_is_not_asked_by_every_step(cached: Cached) -> None:
    cached.read()
    cached.server.status = 503
    cached.now += FRESH_S
    for _ in range(5):
        assert cached.read() == "first"
    assert len(cached.server.asked) == 1 + HASTY.attempts


def test_after_ten_minutes_nothing_is_served_any_more(cached: Cached) -> None:
    cached.read()
    cached.server.status = 503
    cached.now += STALE_S + 1
    with pytest.raises(ConfigUnavailableError):
        cached.read()
    cached.server.status = 0
    cached.now += FRESH_S * 4  # until the client asks again at all
    assert cached.read() == "first"


def test_who_was_never_read_is_not_guessed(cached: Cached) -> None:
    cached.server.status = 503
    with pytest.raises(ConfigUnavailableError):
        cached.read()


def test_that_there_is_no_document_is_remembered_as_well(cached: Cached) -> None:
    assert cached.read("none") is None
    cached.server.status = 503
    cached.now += STALE_S
    assert cached.read("none") is None


@pytest.mark.parametrize("status", [401, 403])
def test_a_server_that_refuses_is_not_down(cached: Cached, status: int) -> None:
    cached.read()
    cached.server.status = status
    cached.now += FRESH_S
    with pytest.raises(ConfigRefusedError):
        cached.read()


def test_a_document_that_can_not_be_read_is_a_problem_and_the_good_one_of_before_does_not_hide_it(
    cached: Cached,
) -> None:
    cached.read()
    cached.server.documents["school"] = b"\xff", "yaml"
    cached.now += FRESH_S
    for _ in range(2):
        with pytest.raises(AskingError):
            cached.read()
    cached.server.status = 503
    with pytest.raises(ConfigUnavailableError):
        cached.read()


def test_the_cache_is_bounded(cached: Cached) -> None:
    for number in range(MOST_TENANTS + 1):
        cached.write("text", f"t-{number}")
        cached.read(f"t-{number}")
    asked = len(cached.server.asked)
    cached.read(f"t-{MOST_TENANTS}")
    cached.read("t-1")
    assert len(cached.server.asked) == asked
    cached.read("t-0")
    assert len(cached.server.asked) == asked + 1


def test_threads_share_it(cached: Cached) -> None:
    found: list[str | None] = []
    threads = [Thread(target=lambda: found.append(cached.read())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["first"] * 8
