from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path

import pytest

from esl_pipeline.stages import inbox_folder, inbox_tick
from esl_pipeline.stages.asking import ManifestText
from esl_pipeline.stages.inbox_cursor import write_cursor
from esl_pipeline.stages.inbox_folder import FolderInbox
from esl_pipeline.stages.inbox_tick import Limits
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.memory_documents import MemoryDocuments
from esl_pipeline.stores.requests import RequestStore, key_of
from esl_pipeline_tests.stages.inboxes import Watched, put

MANIFEST = "schema_version: 2\nlesson: texts/lesson.md\n"


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(FolderInbox(tmp_path))


@pytest.fixture
def without_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is looked at but what is known to have changed, as long after everything else."""
    monkeypatch.setattr(inbox_tick, "OVERLAP_NS", 0)


def test_a_new_lesson_is_due_once(watched: Watched, tmp_path: Path) -> None:
    put(tmp_path / "school" / "a.md", "one")
    assert [watched.tick(), watched.tick()] == [["school/a"], []]


def test_equal_content_written_again_is_not_due(watched: Watched, tmp_path: Path) -> None:
    lesson = put(tmp_path / "school" / "a.md", "one")
    watched.tick()
    put(lesson, "one")
    assert watched.tick() == []


def test_a_change_that_the_times_do_not_show_is_due(watched: Watched, tmp_path: Path) -> None:
    lesson, asked = tmp_path / "school" / "a.md", 0
    for number in range(200):
        put(lesson, f"{number:03}")
        asked += len(watched.tick())
    assert asked == 200


def test_a_lesson_changed_back_is_due_again_under_a_new_run_key(watched: Watched, tmp_path: Path) -> None:
    for text in ("one", "two", "one"):
        put(tmp_path / "school" / "a.md", text)
        watched.tick()
    assert [key.split(":")[0] for key in watched.runs] == ["school/a"] * 3
    assert len(set(watched.runs)) == 3


@pytest.mark.parametrize("lesson", ["texts/lesson.md", "other.md", ".hidden/lesson.md"])
def test_a_lesson_that_lies_elsewhere_is_due_when_it_changes(watched: Watched, tmp_path: Path, lesson: str) -> None:
    put(tmp_path / "school" / "a.yaml", f"schema_version: 2\nlesson: {lesson}\n")
    put(tmp_path / "school" / lesson, "one")
    assert "school/a" in watched.tick()
    assert watched.tick() == []
    put(tmp_path / "school" / lesson, "two")
    assert "school/a" in watched.tick()
    assert watched.tick() == []


def test_a_lesson_that_comes_after_its_manifest_is_due(watched: Watched, tmp_path: Path) -> None:
    put(tmp_path / "school" / "a.yaml", MANIFEST)
    assert watched.tick() == ["school/a"]
    assert watched.tick() == []
    put(tmp_path / "school" / "texts" / "lesson.md", "one")
    assert watched.tick() == ["school/a"]


@pytest.mark.usefixtures("without_overlap")
def test_files_that_come_with_old_times_are_due(watched: Watched, tmp_path: Path) -> None:
    watched.limits = Limits(swept=0)
    put(tmp_path / "school" / "a.md", "one")
    put(tmp_path / "other" / "a.md", "one")
    watched.tick()
    old = put(tmp_path.parent / f"{tmp_path.name}-old" / "third" / "b.md", "two")
    os.utime(old, (1, 1))
    shutil.copy2(old, tmp_path / "school" / "copied.md")
    assert watched.tick() == ["school/copied"]
    old.rename(tmp_path / "other" / "moved.md")
    assert watched.tick() == ["other/moved"]
    os.utime(put(old), (1, 1))
    old.parent.rename(tmp_path / "third")
    assert watched.tick() == ["third/b"]


@pytest.mark.usefixtures("without_overlap")
def test_a_manifest_that_is_taken_away_leaves_the_lesson_due(watched: Watched, tmp_path: Path) -> None:
    put(tmp_path / "school" / "a.md", "one")
    manifest = put(tmp_path / "school" / "a.yaml", "schema_version: 2\n")
    watched.tick()
    manifest.unlink()
    assert watched.tick() == ["school/a"]


def test_what_is_deleted_and_put_back_is_due_only_if_it_is_another(watched: Watched, tmp_path: Path) -> None:
    lesson = put(tmp_path / "school" / "a.md", "one")
    watched.tick()
    lesson.unlink()
    assert watched.tick() == []
    put(lesson, "one")
    assert watched.tick() == []
    lesson.unlink()
    watched.tick()
    put(lesson, "two")
    assert watched.tick() == ["school/a"]


def test_bad_files_stop_nothing_and_are_told(watched: Watched, tmp_path: Path) -> None:
    put(tmp_path / "school" / "Not A Slug.md")
    put(tmp_path / "school" / "bytes.md").write_bytes(b"\xff\x00")
    (tmp_path / "school" / "broken.md").symlink_to(tmp_path / "none.md")
    put(tmp_path / "school" / "good.md")
    tick = watched.look()
    assert {due.key for due in tick.due} == {"school/good", "school/bytes"}
    assert len(tick.remarks) == 1
    assert "Not A Slug" in tick.remarks[0]


def test_one_tenants_thousands_do_not_keep_another_waiting(watched: Watched, tmp_path: Path) -> None:
    watched.limits = Limits(runs=10)
    for number in range(50):
        put(tmp_path / "big" / f"a{number}.md")
    put(tmp_path / "small" / "one.md")
    assert "small/one" in watched.tick()
    put(tmp_path / "small" / "two.md")
    assert "small/two" in watched.tick()
    assert sum(len(asked) for asked in watched.drain()) == 52 - 20
    assert len(set(watched.runs)) == 52


def test_more_tenants_than_one_tick_may_ask_for_have_their_turns(watched: Watched, tmp_path: Path) -> None:
    watched.limits = Limits(runs=5)
    for number in range(12):
        for lesson in ("a", "b"):
            put(tmp_path / f"t{number:02}" / f"{lesson}.md")
    first = [key.partition("/")[0] for _ in range(3) for key in watched.tick()]
    assert len(set(first)) == 12
    assert sum(len(asked) for asked in watched.drain()) == 24 - len(first)


def test_reading_ends_with_its_time_and_goes_on_in_the_next_tick(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_folder, "UNSETTLED_NS", 0)
    for number in range(20):
        put(tmp_path / f"t{number % 4}" / f"a{number}.md")
    watched.limits, time = Limits(seconds=3), count()
    watched.seconds = lambda: float(next(time))
    ticks = list(watched.drain())
    assert len(ticks) > 5
    assert len(watched.runs) == len(set(watched.runs)) == 20


def test_a_tick_that_dies_before_dagster_hears_of_it_is_decided_again(watched: Watched, tmp_path: Path) -> None:
    lesson = put(tmp_path / "school" / "a.md", "one")
    watched.tick()
    put(lesson, "two")
    assert len(watched.look().due) == 1
    put(lesson, "one")
    assert watched.tick() == [], "what was asked for last is in the inbox again"
    put(lesson, "two")
    assert watched.tick() == ["school/a"]


def test_a_tick_that_dies_after_its_runs_were_submitted_asks_for_none_again(watched: Watched, tmp_path: Path) -> None:
    lesson = put(tmp_path / "school" / "a.md", "one")
    watched.tick()
    put(lesson, "two")
    watched.submit(watched.look())
    assert watched.tick() == []
    watched.submit(watched.look())
    put(lesson, "one")
    assert watched.tick() == ["school/a"], "the run of the dead tick may have published the other text"


def test_a_cursor_that_was_taken_away_asks_for_nothing_again(watched: Watched, tmp_path: Path) -> None:
    put(tmp_path / "school" / "a.md", "one")
    watched.tick()
    watched.cursor = ""
    assert watched.tick() == []
    watched.cursor = '{"school/a": ["1:3", "0123", 1]}'
    assert watched.tick() == []


def test_two_looks_at_the_same_time_lose_nothing(watched: Watched, tmp_path: Path) -> None:
    put(tmp_path / "school" / "a.md", "one")
    tick = watched.look()
    assert len(watched.look().due) == 1, "as a test of the sensor in the UI does, while the tick's runs are submitted"
    watched.submit(tick)
    watched.cursor = write_cursor(tick.cursor)
    assert watched.tick() == []
    assert len(watched.runs) == 1


def test_a_stopped_tenant_is_passed_over_and_due_later(watched: Watched, tmp_path: Path) -> None:
    put(tmp_path / "school" / "a.md", "one")
    put(tmp_path / "other" / "a.md", "one")
    watched.stopped.add("school")
    tick = watched.look()
    assert [due.key for due in tick.due] == ["other/a"]
    assert tick.remarks == ["school may not publish now: esl tenants list says why."]
    assert watched.tick() == ["other/a"]
    watched.stopped.clear()
    assert watched.tick() == ["school/a"]


def test_every_tenant_is_looked_at_in_turn_whatever_the_times_say(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_tick, "OVERLAP_NS", -1)
    watched.limits = Limits(swept=4)
    for number in range(10):
        put(tmp_path / f"t{number}" / "a.md", "one")
    watched.stopped = {f"t{number}" for number in range(9)}
    watched.tick()
    watched.stopped.clear()
    asked = [watched.tick() for _ in range(3)]
    assert [len(keys) for keys in asked] == [4, 4, 1]


def test_the_cursor_does_not_grow_with_the_files(watched: Watched, tmp_path: Path) -> None:
    for number in range(300):
        put(tmp_path / "school" / f"a{number}.md")
    for _ in watched.drain():
        assert len(watched.cursor) < 300


def test_a_file_that_can_not_be_read_now_is_read_later(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "school" / "a.md")
    put(tmp_path / "school" / "b.md")

    def busy(inbox: FolderInbox, path: str) -> ManifestText:
        if path == "school/a.md":
            raise StoreUnavailableError("slow down")
        return read(inbox, path)

    read = FolderInbox.manifest
    with monkeypatch.context() as patched:
        patched.setattr(FolderInbox, "manifest", busy)
        assert watched.look().remarks == ["school/a.md could not be read now: slow down"]
        assert watched.tick() == ["school/b"]
    assert watched.tick() == ["school/a"]


def test_damaged_requests_of_one_tenant_stop_no_other(watched: Watched, tmp_path: Path) -> None:
    documents = MemoryDocuments()
    documents.put(key_of("school"), b"{", expected=None)
    watched.store = RequestStore(documents)
    put(tmp_path / "school" / "a.md")
    put(tmp_path / "other" / "a.md")
    tick = watched.look()
    assert [due.key for due in tick.due] == ["other/a"]
    assert "requests/school.json is damaged" in tick.remarks[0]


def test_another_inbox_is_looked_at_from_its_beginning(watched: Watched, tmp_path: Path) -> None:
    put(tmp_path / "second" / "school" / "b.md")
    put(tmp_path / "first" / "school" / "a.md")
    watched.inbox = FolderInbox(tmp_path / "first")
    assert watched.tick() == ["school/a"]
    watched.inbox = FolderInbox(tmp_path / "second")
    assert watched.tick() == ["school/b"]
