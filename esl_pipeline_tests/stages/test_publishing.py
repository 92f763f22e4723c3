from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from esl_pipeline.stages.job_record import JobRecord
from esl_pipeline.stages.stage import Stage
from esl_pipeline_tests.sandboxed import EDIT, Sandboxed, Tree, flat, shape, succeeded, writes

QUOTA = {
    "vendor": "elevenlabs",
    "path": "text-to-speech",
    "every": 1,
    "status": 401,
    "body": {"detail": {"status": "quota_exceeded", "message": "This request exceeds your quota."}},
}


def audio_above_study_text(page: list[Tree]) -> list[Tree]:
    """The audio blocks that stand directly above a study text."""
    return [
        above
        for level in [page, *(tree.children for tree in flat(page))]
        for above, below in pairwise(level)
        if above.type == "audio" and below.type == "toggle" and below.text == "study-text"
    ]


def test_a_lesson_becomes_a_page_with_its_speech_above_the_study_text(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    record = succeeded(sandbox.publish(four_turns, assignment, tenant=assignment))
    (page,) = sandbox.pages(f"{assignment}/{assignment}")
    assert page["id"] == record.page.id
    (audio,) = audio_above_study_text(sandbox.tree(page["id"]))
    assert audio.block["audio"]["external"]["url"] == record.audio.url
    assert [segment.speaker for segment in record.audio.segments] == ["Nora", "Felix", "Nora", "Felix"]
    assert record.audio.characters_billed == sum(len(segment.text) for segment in record.audio.segments)
    assert record.audio.path is not None
    assert Path(record.audio.path).stat().st_size > 10_000


def at(minute: int) -> datetime:
    return datetime(2026, 11, 25, 8, minute, tzinfo=UTC)


def test_a_request_that_was_overtaken_changes_nothing(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    newer = four_turns.replace("I have packed", "At eight I have packed")
    succeeded(sandbox.publish(newer, assignment, asked_at=at(8), overrides=["audio.album=Eight"]))
    with sandbox.watched() as seen:
        older = succeeded(sandbox.publish(four_turns, assignment, asked_at=at(3), overrides=["audio.album=Three"]))
    assert writes(seen) == []
    assert "At eight I have packed" in {segment.text[:22] for segment in older.audio.segments}
    assert {(stage.status, stage.reason) for stage in older.stages} == {
        ("skipped", "a newer request was taken, of 2026-11-25T08:08:00+00:00")
    }


def test_the_same_again_is_remembered_as_asked_for_later(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    newer = four_turns.replace("I have packed", "At eight I have packed")
    for minute, lesson in ((1, newer), (2, four_turns), (8, newer), (9, newer)):
        succeeded(sandbox.publish(lesson, assignment, asked_at=at(minute)))
    with sandbox.watched() as seen:
        succeeded(sandbox.publish(four_turns, assignment, asked_at=at(8)))
    assert writes(seen) == []


def test_an_older_request_is_taken_where_it_is_forced_or_has_no_time(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    newer = four_turns.replace("I have packed", "At eight I have packed")
    for asked_at, force in ((at(3), {Stage.MANIFEST}), (None, set[Stage]())):
        succeeded(sandbox.publish(newer, assignment, asked_at=at(8)))
        taken = succeeded(sandbox.publish(four_turns, assignment, asked_at=asked_at, force=frozenset(force)))
        assert taken.audio.segments[0].text.startswith("I have packed")
    with sandbox.watched() as seen:
        succeeded(sandbox.publish(newer, assignment, asked_at=at(7)))
    assert writes(seen) == []


def test_publishing_again_writes_nothing_buys_nothing_and_leaves_one_page_with_one_audio_block(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    first = succeeded(sandbox.publish(four_turns, assignment))
    with sandbox.watched() as seen:
        second = succeeded(sandbox.publish(four_turns, assignment))
    assert writes(seen) == []
    assert second.audio.characters_billed == 0
    assert all(segment.cached for segment in second.audio.segments)
    assert (second.page.id, second.audio.sha256) == (first.page.id, first.audio.sha256)
    assert {stage.status for stage in second.stages} == {"skipped"}
    assert all(stage.reason for stage in second.stages)
    assert len(sandbox.pages(f"school/{assignment}")) == 1
    assert len([block for block in flat(sandbox.tree(first.page.id or "")) if block.type == "audio"]) == 1


def test_an_edited_line_buys_that_line_and_keeps_the_other_blocks(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    first = succeeded(sandbox.publish(four_turns, assignment, tenant=assignment))
    before = [tree.id for tree in flat(sandbox.tree(first.page.id or ""))]
    second = succeeded(sandbox.publish(four_turns.replace(*EDIT), assignment, tenant=assignment))
    after = sandbox.tree(first.page.id or "")
    assert second.page.id == first.page.id
    assert [segment.cached for segment in second.audio.segments].count(False) == 1
    assert second.audio.characters_billed == sum(len(s.text) for s in second.audio.segments if not s.cached)
    assert len(set(before) & {tree.id for tree in flat(after)}) >= len(before) - 1
    (audio,) = audio_above_study_text(after)
    assert audio.block["audio"]["external"]["url"] == second.audio.url != first.audio.url


def test_a_dry_run_changes_nothing_anywhere_and_says_what_it_would_do(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    with sandbox.watched() as seen:
        record = sandbox.publish(four_turns, assignment, dry_run=True)
    assert record.status == "planned"
    assert writes(seen) == []
    assert sandbox.pipeline().assignment_status("school", assignment).state == "unknown"
    assert "would create a page" in next(stage.reason for stage in record.stages if stage.stage == Stage.PAGE)


def test_a_deleted_audio_block_comes_back_once(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    first = succeeded(sandbox.publish(four_turns, assignment))
    (audio,) = audio_above_study_text(sandbox.tree(first.page.id or ""))
    sandbox.edit(delete=audio.id)
    second = succeeded(sandbox.publish(four_turns, assignment))
    assert len(audio_above_study_text(sandbox.tree(second.page.id or ""))) == 1


def test_a_page_in_the_trash_is_made_anew(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    first = succeeded(sandbox.publish(four_turns, assignment))
    sandbox.notion("PATCH", f"pages/{first.page.id}", {"in_trash": True})
    second = succeeded(sandbox.publish(four_turns, assignment))
    assert second.page.id != first.page.id
    assert second.audio.characters_billed == 0
    assert len(audio_above_study_text(sandbox.tree(second.page.id or ""))) == 1


def test_a_page_whose_publication_was_lost_is_found_by_its_key(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    first = succeeded(sandbox.publish(four_turns, assignment))
    (sandbox.environment.state / "publications" / "school" / f"{assignment}.json").unlink()
    second = succeeded(sandbox.publish(four_turns, assignment))
    assert second.page.id == first.page.id
    assert second.audio.characters_billed == 0
    page = sandbox.tree(first.page.id or "")
    assert len([block for block in flat(page) if block.type == "audio"]) == 1


def test_headings_have_the_colours_of_the_preset(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    first = succeeded(sandbox.publish(four_turns, assignment))
    page = sandbox.tree(first.page.id or "")
    assert {t.block["heading_2"]["color"] for t in page if t.type == "heading_2"} == {"yellow_background"}


def test_a_failure_of_one_branch_leaves_the_other_done_and_a_rerun_completes_it(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    lesson = four_turns.replace("I have packed", "Well, well, I have packed")
    with sandbox.faults(QUOTA):
        first = sandbox.publish(lesson, assignment)
    done = {stage.stage: stage.status for stage in first.stages}
    assert first.status == "rejected"
    assert (done["notion_page"], done["audio_segments"]) == ("succeeded", "failed")
    assert "merged_mp3" not in done
    error = next(stage.error for stage in first.stages if stage.error)
    assert error["code"] == "quota_exceeded"
    second = succeeded(sandbox.pipeline().rerun_assignment("school", assignment))
    assert second.page.id == first.page.id


def test_two_study_texts_are_one_track(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    more = ":::study-text Part two\nNora: Good night, old kitchen.\n:::\n\n## 4."
    record = succeeded(sandbox.publish(four_turns.replace("## 4.", more, 1), assignment))
    assert record.audio.segments[-1].text == "Good night, old kitchen."


def test_the_page_reads_back_as_the_lesson_says(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    record = succeeded(sandbox.publish(four_turns, assignment))
    read = shape(sandbox.tree(record.page.id or ""))
    headings = [text for kind, text, _ in read if kind == "heading_2"]
    assert len(headings) == 9
    assert headings[2] == "3. Input Material: The Last Evening"


@pytest.mark.parametrize("tenant", ["Not A Slug", "../evil", ""])
def test_a_tenant_that_is_no_slug_is_refused_before_anything_is_sent(
    sandbox: Sandboxed, four_turns: str, tenant: str
) -> None:
    with sandbox.watched() as seen, pytest.raises(ValueError, match="can't be the tenant"):
        sandbox.publish(four_turns, "lesson", tenant=tenant)
    assert seen == []


def test_a_study_text_that_moves_into_a_toggle_takes_its_audio_along(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    first = succeeded(sandbox.publish(four_turns, assignment))
    start, end = four_turns.index(":::study-text"), four_turns.index(":::\n\n## 4.") + 4
    moved = f"{four_turns[:start]}:::toggle-heading Listen here\n{four_turns[start:end]}:::\n{four_turns[end:]}"
    second = succeeded(sandbox.publish(moved, assignment))
    page = sandbox.tree(first.page.id or "")
    (audio,) = audio_above_study_text(page)
    assert [block.id for block in flat(page) if block.type == "audio"] == [audio.id]
    toggle = next(block for block in page if block.text == "Listen here")
    assert audio.id in [block.id for block in toggle.children]
    assert second.audio.characters_billed == 0


def test_a_student_who_is_not_found_is_no_longer_linked_to_the_one_before(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    known = four_turns.replace("student: Ada", "student: Amira")
    first = succeeded(sandbox.publish(known, assignment))
    assert linked_students(sandbox, first) == 1
    second = succeeded(sandbox.publish(known.replace("student: Amira", "student: Nobody Known"), assignment))
    assert linked_students(sandbox, second) == 0
    assert "P-STUDENT" in [problem.rule for problem in second.problems]


def linked_students(sandbox: Sandboxed, record: JobRecord) -> int:
    return len(sandbox.notion("GET", f"pages/{record.page.id}")["properties"]["Student"]["relation"])


def test_what_a_failed_stage_bought_is_told(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    one_at_a_time = ("speech.max_concurrent_requests=1",)
    with sandbox.faults({**QUOTA, "every": None, "nth": 3}):
        first = sandbox.publish(four_turns, assignment, tenant=assignment, overrides=one_at_a_time)
    assert first.status == "rejected"
    assert first.audio.characters_billed > 0
    second = succeeded(sandbox.publish(four_turns, assignment, tenant=assignment))
    total = sum(len(segment.text) for segment in second.audio.segments)
    assert first.audio.characters_billed + second.audio.characters_billed == total


def test_a_dry_run_of_another_voice_says_that_track_and_player_would_change(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    succeeded(sandbox.publish(four_turns, assignment))
    dry = sandbox.publish(four_turns, assignment, dry_run=True, overrides=("speech.voice_settings.speed=0.9",))
    reasons = {stage.stage: stage.reason for stage in dry.stages}
    assert all("would" in reasons[name] for name in ("audio_segments", "merged_mp3", "audio_upload", "notion_audio"))


def test_several_assignments_at_once_share_the_vendors_places(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    texts = [four_turns.replace("Nora: ", f"Nora: Number {word}. ") for word in ("one", "two", "three", "four")]
    with ThreadPoolExecutor(4) as pool:
        done = pool.map(lambda pair: sandbox.publish(pair[1], f"{assignment}-{pair[0]}"), enumerate(texts))
    assert [record.status for record in done] == ["succeeded"] * 4


def test_a_synced_block_that_is_not_there_is_a_problem_of_its_line_and_nothing_is_written(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    reference = ":::synced-block 5f0c1d2e-3a4b-4c5d-8e6f-7a8b9c0d1e2f\n\n## 4."
    lesson = four_turns.replace("## 4.", reference, 1)
    with sandbox.watched("notion") as seen:
        record = sandbox.publish(lesson, assignment)
    assert record.status == "rejected"
    assert [(problem.rule, problem.line) for problem in record.problems if problem.severity == "error"] == [
        ("P-SYNCED", lesson.splitlines().index(":::synced-block 5f0c1d2e-3a4b-4c5d-8e6f-7a8b9c0d1e2f") + 1)
    ]
    assert sandbox.pages(f"school/{assignment}") == []
    assert not [request for request in writes(seen) if "pages" in request]
