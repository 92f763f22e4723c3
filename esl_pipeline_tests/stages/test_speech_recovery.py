from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from esl_pipeline.clients.errors import UnavailableError
from esl_pipeline.stores.file_journal import FileJournal
from esl_pipeline.stores.journal_usage import JournalUsageStore
from esl_pipeline.stores.usage import UsageEntry, month_before, month_of, spending
from esl_pipeline_tests.killing import publish_and_die
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.stages.speech_stage import (
    LINES,
    Hurried,
    book,
    bought,
    credits_used,
    kinds,
    publication,
    short,
    speak,
)

LOST = {"vendor": "elevenlabs", "path": "text-to-speech", "kind": "500", "when": "after"}
NOT_DONE = {"vendor": "elevenlabs", "path": "text-to-speech", "kind": "reset_before"}


@pytest.fixture
def lesson(four_turns: str, assignment: str) -> str:
    """Four short turns with words of the test's own."""
    return short(four_turns, assignment)


def characters(assignment: str) -> int:
    return sum(len(f"{assignment[2:8]}: {line}") for line in LINES)


@pytest.mark.parametrize("kind", ["500", "reset_after", "truncated"])
def test_speech_whose_answer_was_lost_is_taken_from_the_history(
    sandbox: Sandboxed, lesson: str, assignment: str, kind: str
) -> None:
    before = credits_used(sandbox)
    clock = Hurried()
    with sandbox.faults({**LOST, "kind": kind, **({} if kind == "500" else {"when": "before"}), "nth": 2}):
        outcome = speak(sandbox, lesson, assignment, clock=clock)
    assert credits_used(sandbox) - before == characters(assignment)
    assert outcome.metrics["elevenlabs/segments_recovered"] == 1
    assert [line.recovered for line in book(sandbox, assignment) if line.kind == "bought"].count(True) == 1
    assert clock.waited_s == [0.0]


def test_speech_that_was_never_made_is_bought_again_after_a_look_into_the_history(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    before, clock = credits_used(sandbox), Hurried()
    with sandbox.faults({**NOT_DONE, "nth": 2}):
        outcome = speak(sandbox, lesson, assignment, clock=clock)
    assert "elevenlabs/segments_recovered" not in outcome.metrics
    assert credits_used(sandbox) - before == characters(assignment)
    assert clock.waited_s[:4] == [0.0, 2.0, 3.0, 5.0]
    assert 10 < sum(clock.waited_s) < 30
    assert spending(book(sandbox, assignment)) == [line for line in book(sandbox, assignment) if line.kind == "bought"]


def test_a_generation_that_is_still_running_is_waited_for_instead_of_bought_again(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    not_yet = {
        "vendor": "elevenlabs",
        "path": "/v1/history$",
        "status": 200,
        "body": {"history": [], "has_more": False},
    }
    before, clock = credits_used(sandbox), Hurried()
    with sandbox.faults({**LOST, "nth": 2}, {**not_yet, "times": 3}):
        outcome = speak(sandbox, lesson, assignment, clock=clock)
    assert credits_used(sandbox) - before == characters(assignment)
    assert outcome.metrics["elevenlabs/segments_recovered"] == 1
    assert clock.waited_s == [0.0, 2.0, 3.0, 5.0]


def test_a_vendor_that_stays_away_leaves_the_request_open_for_the_next_run(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    one = "speech.max_concurrent_requests=1"
    with sandbox.faults({**NOT_DONE, "every": 1}), pytest.raises(UnavailableError):
        speak(sandbox, lesson, assignment, "lesson", one, clock=Hurried())
    assert {line.kind for line in spending(book(sandbox, assignment))} == {"asked"}
    assert kinds(sandbox, assignment)["released"] == 3
    speak(sandbox, lesson, assignment, clock=Hurried())
    assert {line.kind for line in spending(book(sandbox, assignment))} == {"bought"}


def test_what_a_killed_run_had_paid_for_is_not_bought_again(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    before = credits_used(sandbox)
    path = sandbox.write(f"{lesson}", assignment)
    publish_and_die(sandbox, path, assignment, vendor="elevenlabs", nth=5, when="after")
    tenant = "school"
    speak(sandbox, lesson, tenant, assignment)
    assert credits_used(sandbox) - before == characters(assignment)
    mine = [line for line in book(sandbox, tenant) if line.assignment == assignment]
    assert {line.kind for line in spending(mine)} == {"bought"}
    assert sum(line.credits for line in spending(mine)) == characters(assignment)


def test_a_segment_that_is_stored_but_was_left_open_is_settled_and_nobody_is_asked(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    speak(sandbox, lesson, assignment)
    first = book(sandbox, assignment)
    asked = next(line for line in first if line.kind == "asked")
    reopen(sandbox, assignment, asked.model_copy(update={"run_id": "dead"}))
    assert sum(line.kind == "asked" for line in spending(book(sandbox, assignment))) == 1
    with sandbox.watched("elevenlabs") as seen:
        speak(sandbox, lesson, assignment, "lesson", "speech.default_accent=british")
    assert bought(seen) == 0
    settled = book(sandbox, assignment)[len(first) + 1]
    assert (settled.kind, settled.run_id, settled.sha256) == ("bought", "dead", asked.sha256)
    assert settled.seconds > 1


def test_what_a_dead_run_reserved_of_words_that_are_gone_is_given_back(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    speak(sandbox, lesson, assignment)
    known = next(line for line in book(sandbox, assignment) if line.kind == "reserved")
    dead = known.model_copy(update={"run_id": "dead", "sha256": "d" * 64})
    reopen(sandbox, assignment, dead)
    reopen(sandbox, assignment, dead.model_copy(update={"assignment": "another", "sha256": "e" * 64}))
    speak(sandbox, lesson.replace("packed", "hidden"), assignment)
    assert [(line.kind, line.assignment) for line in spending(book(sandbox, assignment)) if line.open] == [
        ("reserved", "another")
    ]


def test_a_request_of_last_month_is_looked_for_and_belongs_to_last_month(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    speak(sandbox, lesson, assignment)
    line = next(line for line in book(sandbox, assignment) if line.kind == "asked")
    month = month_before(month_of(datetime.now(UTC)))
    folder = sandbox.environment.state
    for path in folder.glob(f"artifacts/{assignment}/*/{line.sha256}*"):
        path.unlink()
    JournalUsageStore(FileJournal(folder)).add(assignment, month, lambda _: [line])
    before = credits_used(sandbox)
    outcome = speak(sandbox, lesson, assignment, clock=Hurried())
    assert credits_used(sandbox) == before
    assert outcome.metrics["elevenlabs/segments_recovered"] == 1
    assert [found.kind for found in JournalUsageStore(FileJournal(folder)).lines(assignment, month)] == [
        "asked",
        "bought",
    ]
    assert len([found for found in spending(book(sandbox, assignment)) if found.sha256 == line.sha256]) == 1


def test_a_request_so_old_that_nothing_runs_any_more_is_looked_for_once(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    speak(sandbox, lesson, assignment, dry_run=True)
    clock = Hurried()
    speak(sandbox, lesson, assignment)
    line = next(line for line in book(sandbox, assignment) if line.kind == "asked")
    for path in sandbox.environment.state.glob(f"artifacts/{assignment}/*/{line.sha256}*"):
        path.unlink()
    lesson_of_old = line.model_copy(update={"at": datetime.now(UTC) - timedelta(hours=1), "run_id": "dead"})
    reopen(sandbox, assignment, lesson_of_old)
    speak(sandbox, lesson, assignment, clock=clock)
    assert clock.waited_s == [0.0]


def test_two_lessons_at_once_with_the_same_line_pay_for_it_once(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    before = credits_used(sandbox)
    sandbox.control("delays", {"notion_s": 0, "speech_s": 0.5, "speech_s_per_character": 0, "s3_s": 0})
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: speak(sandbox, lesson, assignment, name), ("one", "two")))
    assert credits_used(sandbox) - before == characters(assignment)
    spent = spending(book(sandbox, assignment))
    assert {line.kind for line in spent} == {"bought"}
    assert sum(line.credits for line in spent) == characters(assignment)
    assert len(publication(sandbox, assignment, "two").model_dump()["speech"]["segments"]) == 4


def reopen(sandbox: Sandboxed, tenant: str, line: UsageEntry) -> Sequence[UsageEntry]:
    month = month_of(datetime.now(UTC))
    return JournalUsageStore(FileJournal(sandbox.environment.state)).add(tenant, month, lambda _: [line])
