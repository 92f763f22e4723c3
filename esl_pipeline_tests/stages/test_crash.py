from __future__ import annotations

import re
from collections import Counter
from typing import Any, Literal

import pytest

from esl_pipeline.stages.job_record import JobRecord
from esl_pipeline_tests.killing import publish_and_die
from esl_pipeline_tests.sandboxed import Sandboxed, flat, shape

REQUESTS = {"notion": 7, "elevenlabs": 5, "s3": 4}
"""What each vendor gets for the lesson of these tests."""
EVERY_REQUEST = [(vendor, nth) for vendor, count in REQUESTS.items() for nth in range(1, count + 1)]


def stored_speech(sandbox: Sandboxed) -> set[str]:
    return {path.name for path in (sandbox.environment.state / "artifacts").rglob("*.wav")}


def spoken(seen: list[dict[str, Any]]) -> Counter[str]:
    """Speech that was paid for; a request that was refused for want of a place is not."""
    return Counter(e["path"] for e in seen if "text-to-speech" in e["path"] and e["status"] == 200)


@pytest.fixture(scope="module")
def undisturbed(sandbox_server: Sandboxed, four_turns: str) -> JobRecord:
    """The same lesson, published in peace, after a first one for which the key column is made."""
    sandbox_server.publish(four_turns, "first", tenant="peace")
    return sandbox_server.publish(own_words(four_turns, "a-undisturbed"), "undisturbed", tenant="peace")


def test_these_are_all_the_requests_there_are(
    sandbox: Sandboxed, undisturbed: JobRecord, four_turns: str, assignment: str
) -> None:
    with sandbox.watched() as seen:
        record = sandbox.publish(own_words(four_turns, assignment), assignment, tenant=assignment)
    assert record.status == undisturbed.status == "succeeded"
    assert Counter(entry["vendor"] for entry in seen) == REQUESTS


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("vendor", "nth"), EVERY_REQUEST)
def test_a_publication_that_was_killed_is_completed_once(
    sandbox: Sandboxed,
    undisturbed: JobRecord,
    four_turns: str,
    assignment: str,
    vendor: str,
    nth: int,
    when: Literal["before", "after"],
) -> None:
    lesson = sandbox.write(own_words(four_turns, assignment), assignment)
    publish_and_die(sandbox, lesson, assignment, vendor=vendor, nth=nth, when=when)
    kept = stored_speech(sandbox)
    with sandbox.watched() as seen:
        record = sandbox.publish(lesson, assignment)
    assert record.status == "succeeded", record.model_dump_json(indent=2)
    assert_complete(sandbox, undisturbed, record, assignment)
    bought = [segment for segment in record.audio.segments if not segment.cached]
    assert sum(spoken(seen).values()) == len(bought)
    assert len(kept & stored_speech(sandbox)) == len(kept)


def own_words(lesson: str, assignment: str) -> str:
    """The lesson with a study text that no other test has bought."""
    mine = f"{assignment[2:8]} is ours."
    return re.sub(r"(?m)^((Nora|Felix): .*)$", rf"\1 {mine}", lesson)


def assert_complete(sandbox: Sandboxed, undisturbed: JobRecord, record: JobRecord, assignment: str) -> None:
    (page,) = sandbox.pages(f"school/{assignment}")
    tree = sandbox.tree(page["id"])
    assert len([block for block in flat(tree) if block.type == "audio"]) == 1
    peaceful = shape(sandbox.tree(undisturbed.page.id or ""))
    assert skeleton(shape(tree)) == skeleton(peaceful)
    assert record.audio.url is not None


def skeleton(read: list[Any]) -> list[Any]:
    """What a reader sees, but for the words that differ between tests."""
    return [(kind, text if len(text) < 60 else "", skeleton(inside)) for kind, text, inside in read]
