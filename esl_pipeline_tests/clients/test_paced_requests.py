"""Clients that keep their vendor's limits together."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from esl_pipeline.clients import ElevenLabsClient, NotionClient, UnavailableError
from esl_pipeline.clients.pace import Asker, MemoryRecords, Pace, Paced, PaceLimits, SharedPace, fingerprint
from esl_pipeline.clients.surroundings import Surroundings
from esl_pipeline_tests.clients.asked import asked
from esl_pipeline_tests.clients.scripted import (
    KEY,
    OTHER,
    PAGE,
    TOKEN,
    Answering,
    FakeClock,
    Reply,
    ScriptedVendor,
    in_turn,
    notion_error,
    page,
)
from esl_pipeline_tests.contracts import check_elevenlabs_request, check_notion_request

AUDIO = Reply(200, b"\x01\x00" * 240, {"maximum-concurrent-requests": "1"})


@dataclass
class Shared:
    """One pace, and clients of two tenants with one credential."""

    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.pace = SharedPace(MemoryRecords(self.clock.monotonic), clock=self.clock)

    def notion(self, answer: Answering, tenant: str = "school", limits: PaceLimits | None = None) -> NotionClient:
        around = Surroundings(self.clock, lambda low, high: low, ScriptedVendor(answer, check_notion_request))
        paced = Paced(self.pace, limits or PaceLimits(requests=2))
        return NotionClient(TOKEN, "https://api.notion.com", tenant=tenant, paced=paced, surroundings=around)

    def speech(self, answer: Answering, pace: Pace) -> ElevenLabsClient:
        around = Surroundings(self.clock, lambda low, high: low, ScriptedVendor(answer, check_elevenlabs_request))
        return ElevenLabsClient(
            KEY,
            "https://api.elevenlabs.io",
            tenant="school",
            max_concurrent=3,
            paced=Paced(pace, PaceLimits(concurrent=3)),
            surroundings=around,
        )


@pytest.fixture
def shared() -> Shared:
    return Shared()


def test_two_clients_of_one_token_share_its_window(shared: Shared) -> None:
    one, other = (shared.notion(lambda _: page(), tenant) for tenant in ("school", "college"))
    one.retrieve_page(PAGE)
    other.retrieve_page(PAGE)
    assert shared.clock.passed_s == 0
    one.retrieve_page(PAGE)
    assert shared.clock.passed_s >= 60


def test_a_retry_after_holds_back_the_others_too(shared: Shared) -> None:
    limited = notion_error(429, "rate_limited", headers={"Retry-After": "40"})
    wide = PaceLimits(requests=1000)
    times: list[float] = []

    def note(_: object) -> Reply:
        times.append(shared.clock.passed_s)
        return page()

    refused = shared.notion(in_turn(limited, page()), "school", wide)
    other = shared.notion(note, "college", wide)
    refused.retrieve_page(PAGE)
    assert shared.clock.passed_s >= 40
    again = shared.notion(in_turn(notion_error(429, "rate_limited", headers={"Retry-After": "3600"})), "school", wide)
    with pytest.raises(UnavailableError):
        again.retrieve_page(PAGE)
    with pytest.raises(UnavailableError) as told:
        other.retrieve_page(PAGE)
    assert (told.value.code, told.value.retry_after_s, times) == ("no_turn", 3600, [])


def test_a_request_that_gets_no_turn_in_time_was_not_sent(shared: Shared) -> None:
    sent: list[object] = []

    def answer(request: object) -> Reply:
        sent.append(request)
        return page(OTHER)

    client = shared.notion(answer, limits=PaceLimits(requests=1, window_s=3600))
    client.create_page({"parent": {"page_id": PAGE}, "properties": {}})
    with pytest.raises(UnavailableError, match="not this one's turn") as told:
        client.create_page({"parent": {"page_id": PAGE}, "properties": {}})
    assert len(sent) == 1
    assert not told.value.may_have_happened
    assert 200 < shared.clock.passed_s < 300


def test_a_write_whose_outcome_is_unknown_stays_so_without_a_turn(shared: Shared) -> None:
    client = shared.notion(in_turn(notion_error(409, "conflict_error")), limits=PaceLimits(requests=1, window_s=3600))
    with pytest.raises(UnavailableError) as told:
        client.retrieve_page(PAGE)
    assert told.value.code == "no_turn"


def test_waiting_for_a_turn_is_no_outage_of_the_vendor(shared: Shared) -> None:
    client = shared.notion(lambda _: page(), limits=PaceLimits(requests=1, window_s=7000))
    client.retrieve_page(PAGE)
    for _ in range(8):
        with pytest.raises(UnavailableError) as told:
            client.retrieve_page(PAGE)
        assert told.value.code == "no_turn"


def test_what_elevenlabs_says_of_the_plan_is_noted_and_the_key_is_not() -> None:
    seen: list[Asker] = []
    clock = FakeClock()
    records = MemoryRecords(clock.monotonic)
    scene = Shared(clock)
    pace = SharedPace(records, clock=clock)

    class Noting:
        def turn(self, asker: Asker, timeout_s: float):  # type: ignore[no-untyped-def]
            seen.append(asker)
            return pace.turn(asker, timeout_s)

    scene.speech(lambda _: AUDIO, Noting()).synthesize(asked())
    (asker,) = seen
    assert asker == Asker("elevenlabs", fingerprint("elevenlabs", KEY), "school", PaceLimits(concurrent=3))
    stored = records.change(asker.key, lambda content, _now: (content, content))
    assert b'"most":[1,' in stored
    assert KEY.encode() not in stored
