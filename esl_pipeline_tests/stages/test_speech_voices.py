from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.surroundings import MachineClock
from esl_pipeline.stages.sync_voices import catalogues_of, sync_voices, voices_in_use, voices_that_go
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.stages.speech_stage import bought, kinds, publication, short, speak


class Later(MachineClock):
    """A clock that is fast."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return datetime.now(UTC) + self._by


@pytest.fixture
def lesson(four_turns: str, assignment: str) -> str:
    """Four short turns with words of the test's own."""
    return short(four_turns, assignment)


@pytest.fixture
def account(sandbox: Sandboxed) -> Iterator[Sandboxed]:
    """A sandbox whose account is as it was when the test is over."""
    yield sandbox
    sandbox.control("elevenlabs", {})


def cast_of(sandbox: Sandboxed, tenant: str, assignment: str = "lesson") -> dict[str, str]:
    speech = publication(sandbox, tenant, assignment).speech
    assert speech is not None
    return {one.speaker: one.voice_name for one in speech.cast}


def listings(seen: list[dict[str, Any]]) -> int:
    """How often all voices were asked for; a look-up of some is another thing."""
    return sum(entry["path"].startswith("/v2/voices") and "voice_ids" not in str(entry) for entry in seen)


def test_the_cast_is_told_with_who_chose_it_its_points_and_why(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    outcome = speak(sandbox, lesson, assignment)
    table = outcome.metrics["audio/cast"]
    assert [(row["speaker"], row["source"]) for row in table] == [("Nora", "auto"), ("Felix", "auto")]
    assert all(int(row["score"]) > 0 and "gender" in row["reasons"] for row in table)
    speech = publication(sandbox, assignment).speech
    assert speech is not None
    assert [(one.speaker, len(one.wanted_sha256)) for one in speech.cast] == [("Nora", 64), ("Felix", 64)]
    assert {segment.speaker: segment.voice_name for segment in speech.segments} == cast_of(sandbox, assignment)


def test_the_catalogue_is_read_once_and_again_when_it_is_old(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    pipeline = sandbox.pipeline()
    read: list[datetime] = []
    for clock in (MachineClock(), MachineClock(), Later(timedelta(hours=49))):
        speak(sandbox, lesson, assignment, f"at-{len(read)}", clock=clock)
        known = catalogues_of(pipeline.providers, assignment).known()
        assert known is not None
        read.append(known.synced_at)
    assert read[0] == read[1] < read[2] - timedelta(hours=48)


def test_a_voice_that_the_kept_catalogue_lacks_is_looked_for_in_the_account(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    catalogues = catalogues_of(sandbox.pipeline().providers, assignment)
    full = catalogues.read_anew()
    new = full.voices[-1]
    catalogues.store.write_catalogue(assignment, full.model_copy(update={"voices": full.voices[:-1]}))
    speak(sandbox, lesson, assignment, "lesson", f"speech.voices.Nora={new['voice_id']}")
    assert cast_of(sandbox, assignment)["Nora"] == new["name"]


def test_a_voice_that_is_gone_is_found_out_before_anything_is_bought_and_another_speaks(
    account: Sandboxed, lesson: str, assignment: str
) -> None:
    speak(account, lesson, assignment)
    before = cast_of(account, assignment)
    account.control("elevenlabs", {"withdrawn_voices": [before["Nora"]]})
    edited = lesson.replace("the lamps and", "the lamps, the cups and")
    outcome = speak(account, edited, assignment)
    after = cast_of(account, assignment)
    assert after["Felix"] == before["Felix"]
    assert after["Nora"] != before["Nora"]
    assert kinds(account, assignment)["bought"] == 4 + 2
    assert outcome.metrics["audio/segments_cached"] == 2


def test_a_chosen_voice_that_is_gone_is_a_problem_before_anything_is_bought(
    account: Sandboxed, lesson: str, assignment: str
) -> None:
    voices = catalogues_of(account.pipeline().providers, assignment).read_anew().voices
    chosen = f"speech.voices.Nora={voices[0]['voice_id']}"
    account.control("elevenlabs", {"withdrawn_voices": [voices[0]["voice_id"]]})
    with account.watched("elevenlabs") as seen, pytest.raises(RejectedError, match="Nora"):
        speak(account, lesson, assignment, "lesson", chosen)
    assert bought(seen) == 0
    assert kinds(account, assignment) == {}


def test_the_cast_is_kept_when_better_voices_come(account: Sandboxed, lesson: str, assignment: str) -> None:
    everyone = speak(account, lesson, f"{assignment}-all").metrics["audio/cast"]
    account.control("elevenlabs", {"withdrawn_voices": [row["voice"] for row in everyone]})
    speak(account, lesson, assignment)
    before = cast_of(account, assignment)
    account.control("elevenlabs", {})
    sync_voices(account.pipeline().providers, assignment)
    speak(account, lesson.replace("the lamps and", "the lamps, the cups and"), assignment)
    assert cast_of(account, assignment) == before
    assert before != cast_of(account, f"{assignment}-all")


def test_voices_that_will_go_are_told_with_the_cast(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    outcome = speak(sandbox, lesson, assignment)
    assert outcome.metrics["audio/expiring_voices"].count("2026-12-31") == 2


def test_a_sync_says_what_came_and_went_and_whose_lessons_lose_a_voice(
    account: Sandboxed, lesson: str, assignment: str
) -> None:
    providers = account.pipeline().providers
    speak(account, lesson, assignment)
    gone = cast_of(account, assignment)["Felix"]
    assert (sync_voices(providers, assignment).added, sync_voices(providers, assignment).removed) == ((), ())
    account.control("elevenlabs", {"withdrawn_voices": [gone]})
    sync = sync_voices(providers, assignment)
    assert (sync.added, sync.removed) == ((), (gone,))
    used = list(voices_in_use(providers.publications.list(assignment), "elevenlabs"))
    going = voices_that_go(used, sync.catalogue, datetime.now(UTC).date())
    assert {(row["speaker"], row["until"]) for row in going} == {("Nora", "2026-12-31"), ("Felix", "gone")}
    account.control("elevenlabs", {})
    assert sync_voices(providers, assignment).added == (gone,)
