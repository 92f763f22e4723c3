from __future__ import annotations

from collections.abc import Iterator

import pytest

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.stores.usage import spending
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.stages.speech_stage import LINES, book, bought, credits_used, kinds, short, speak

REFUSED = {
    "vendor": "elevenlabs",
    "path": "text-to-speech",
    "status": 401,
    "body": {"detail": {"status": "quota_exceeded", "message": "This request exceeds your quota."}},
}


@pytest.fixture
def lesson(four_turns: str, assignment: str) -> str:
    """Four short turns with words of the test's own."""
    return short(four_turns, assignment)


@pytest.fixture
def rich(sandbox: Sandboxed) -> Iterator[Sandboxed]:
    """A sandbox whose account is as it was when the test is over."""
    yield sandbox
    sandbox.control("elevenlabs", {})


def test_the_book_says_what_the_vendor_billed(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    before = credits_used(sandbox)
    outcome = speak(sandbox, lesson, assignment)
    billed = credits_used(sandbox) - before
    lines = [line for line in book(sandbox, assignment) if line.kind == "bought"]
    assert kinds(sandbox, assignment) == {"reserved": 4, "asked": 4, "bought": 4}
    assert sum(line.credits for line in lines) == billed == outcome.metrics["elevenlabs/characters_billed"]
    assert sum(line.characters for line in lines) == sum(len(f"{assignment[2:8]}: {line}") for line in LINES)
    assert sum(line.usd for line in lines) == pytest.approx(billed * 0.08 / 1000)
    assert all(line.seconds > 1 for line in lines)
    assert outcome.metrics["elevenlabs/credits_estimated"] == billed
    assert outcome.metrics["elevenlabs/usd"] == round(billed * 0.08 / 1000, 4)


def test_an_unchanged_lesson_writes_nothing_into_the_book(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    speak(sandbox, lesson, assignment)
    before = book(sandbox, assignment)
    with sandbox.watched("elevenlabs") as seen:
        again = speak(sandbox, lesson, assignment)
    assert again.status == "skipped"
    assert seen == []
    assert book(sandbox, assignment) == before


def test_an_edited_line_is_bought_and_the_others_are_told_as_reused(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    first = speak(sandbox, lesson, assignment)
    second = speak(sandbox, lesson.replace("the lamps and", "the lamps, the cups and"), assignment)
    new = len(f"{assignment[2:8]}: {LINES[0]}") + len(", the cups")
    assert second.metrics["elevenlabs/characters_billed"] == new
    reused = [line for line in book(sandbox, assignment) if line.kind == "reused"]
    assert sum(line.segments for line in reused) == 3
    assert sum(line.characters for line in reused) == first.metrics["elevenlabs/characters"] - new + len(", the cups")
    assert len({line.voice_id for line in reused}) == len(reused) == 2
    assert sum(line.characters for line in spending(book(sandbox, assignment))) == (
        first.metrics["elevenlabs/characters"] + new
    )


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (
            "budget.characters_hard=100",
            r"about 2\d\d characters; .* has spent 0 characters in .*characters_hard is 100",
        ),
        ("budget.usd_hard=0.01", r"about \$0\.02\d\d; .* has spent \$0\.0000 in .*budget\.usd_hard is \$0\.0100"),
    ],
)
def test_a_run_that_would_pass_the_hard_limit_is_refused_before_it_spends(
    sandbox: Sandboxed, lesson: str, assignment: str, limit: str, said: str
) -> None:
    with sandbox.watched("elevenlabs") as seen, pytest.raises(RejectedError, match=said) as caught:
        speak(sandbox, lesson, assignment, "lesson", limit)
    assert caught.value.code == "budget_exceeded"
    assert limit.partition("=")[0] in caught.value.fix
    assert bought(seen) == 0
    assert list(book(sandbox, assignment)) == []


def test_the_limit_holds_for_all_lessons_of_the_month_together(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    limit = "budget.characters_hard=300"
    speak(sandbox, lesson, assignment, "one", limit)
    with pytest.raises(RejectedError, match="budget_exceeded"):
        speak(sandbox, lesson.replace("packed", "hidden"), assignment, "two", limit)
    assert kinds(sandbox, assignment) == {"reserved": 4, "asked": 4, "bought": 4}


def test_what_costs_nothing_is_never_refused(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    speak(sandbox, lesson, assignment)
    overrides = ("budget.characters_hard=0", "budget.usd_hard=0", "speech.default_accent=british")
    assert speak(sandbox, lesson, assignment, "lesson", *overrides).metrics["elevenlabs/characters_billed"] == 0


def test_a_soft_limit_is_told_and_stops_nothing(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    outcome = speak(sandbox, lesson, assignment, "lesson", "budget.characters_soft=100", "budget.usd_soft=5")
    assert "budget.characters_soft is 100 characters" in outcome.metrics["budget/warning"]
    assert "usd_soft" not in outcome.reason
    assert outcome.reason == outcome.metrics["budget/warning"]
    assert kinds(sandbox, assignment)["bought"] == 4


def test_a_tenants_own_price_counts(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    outcome = speak(sandbox, lesson, assignment, "lesson", "budget.usd_per_1000_characters=2.5")
    assert outcome.metrics["elevenlabs/usd"] == round(outcome.metrics["elevenlabs/characters"] * 2.5 / 1000, 4)


def test_an_account_with_too_few_credits_is_found_out_before_anything_is_bought(
    rich: Sandboxed, lesson: str, assignment: str
) -> None:
    rich.control("elevenlabs", {"characters": credits_used(rich) + 100})
    with rich.watched("elevenlabs") as seen, pytest.raises(RejectedError, match=r"has 100 of .* left") as caught:
        speak(rich, lesson, assignment)
    assert caught.value.code == "quota_exceeded"
    assert bought(seen) == 0
    assert list(book(rich, assignment)) == []


def test_a_key_that_may_not_see_the_quota_speaks_all_the_same(rich: Sandboxed, lesson: str, assignment: str) -> None:
    rich.control("elevenlabs", {"missing_scopes": ["user_read"]})
    outcome = speak(rich, lesson, assignment)
    assert "elevenlabs/credits_left" not in outcome.metrics
    assert kinds(rich, assignment)["bought"] == 4


def test_what_a_failed_run_did_not_buy_is_given_back(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    one_at_a_time = "speech.max_concurrent_requests=1"
    with sandbox.faults({**REFUSED, "nth": 3}), pytest.raises(RejectedError, match="quota_exceeded"):
        speak(sandbox, lesson, assignment, "lesson", one_at_a_time)
    assert kinds(sandbox, assignment) == {"reserved": 4, "asked": 3, "bought": 2, "released": 2}
    assert {line.kind for line in spending(book(sandbox, assignment))} == {"bought"}
    speak(sandbox, lesson, assignment)
    assert len([line for line in book(sandbox, assignment) if line.kind == "bought"]) == 4


def test_a_dry_run_buys_nothing_and_says_what_it_would_cost(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    with sandbox.watched("elevenlabs") as seen:
        outcome = speak(sandbox, lesson, assignment, dry_run=True)
    assert bought(seen) == 0
    assert list(book(sandbox, assignment)) == []
    characters = outcome.metrics["elevenlabs/characters_to_buy"]
    assert outcome.reason == f"would buy 4 segments, {characters} characters, about $0.02"
    assert outcome.metrics["elevenlabs/usd"] == round(characters * 0.08 / 1000, 4)
    assert [row["speaker"] for row in outcome.metrics["audio/cast"]] == ["Nora", "Felix"]
    assert not list((sandbox.environment.state / "catalogues").glob(f"{assignment}/*"))


def test_a_dry_run_says_that_the_budget_would_be_passed(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    outcome = speak(sandbox, lesson, assignment, "lesson", "budget.characters_hard=100", dry_run=True)
    assert "it would be refused: budget: budget_exceeded" in outcome.reason
