from __future__ import annotations

from pathlib import Path

from esl_pipeline.stages.inbox import InboxEntry, Misplaced, read_content, scan_inbox


def put(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_a_missing_inbox_is_empty(tmp_path: Path) -> None:
    assert list(scan_inbox(tmp_path / "none")) == []


def test_a_lesson_beside_a_manifest_of_its_name_is_the_manifests(tmp_path: Path) -> None:
    put(tmp_path / "school" / "week-1.md")
    manifest = put(tmp_path / "school" / "week-1.yaml")
    (entry,) = scan_inbox(tmp_path)
    assert isinstance(entry, InboxEntry)
    assert (entry.tenant, entry.assignment, entry.path) == ("school", "week-1", manifest)


def test_names_that_are_no_slugs_are_told_and_not_taken(tmp_path: Path) -> None:
    put(tmp_path / "school" / "Week 1.md")
    put(tmp_path / "My School" / "week-1.md")
    found = list(scan_inbox(tmp_path))
    assert len(found) == 2
    assert all(isinstance(entry, Misplaced) for entry in found)


def test_hidden_and_other_files_ask_for_nothing(tmp_path: Path) -> None:
    put(tmp_path / "school" / ".week-1.md.swp")
    put(tmp_path / "school" / ".draft.md")
    put(tmp_path / "school" / "notes.txt")
    put(tmp_path / ".git" / "week-1.md")
    assert list(scan_inbox(tmp_path)) == []


def test_the_hash_covers_the_lesson_of_a_manifest(tmp_path: Path) -> None:
    put(tmp_path / "school" / "week-1.yaml", "schema_version: 2\nlesson: week-1.md\n")
    lesson = put(tmp_path / "school" / "week-1.md", "one")
    (entry,) = scan_inbox(tmp_path)
    assert isinstance(entry, InboxEntry)
    before = read_content(entry)
    assert not before.lesson_elsewhere
    put(lesson, "two")
    assert read_content(entry) != before
    put(lesson, "one")
    assert read_content(entry) == before


def test_an_unreadable_file_has_a_hash_too_so_that_a_run_can_say_what_is_wrong(tmp_path: Path) -> None:
    path = put(tmp_path / "school" / "week-1.md")
    path.write_bytes(b"\xff\xfe\x00")
    (entry,) = scan_inbox(tmp_path)
    assert isinstance(entry, InboxEntry)
    assert len(read_content(entry).sha256) == 64


def test_a_lesson_that_the_stamp_does_not_cover_is_told(tmp_path: Path) -> None:
    put(tmp_path / "school" / "week-1.yaml", "schema_version: 2\nlesson: shared/lesson.md\n")
    put(tmp_path / "school" / "shared" / "lesson.md", "one")
    (entry,) = scan_inbox(tmp_path)
    assert isinstance(entry, InboxEntry)
    assert read_content(entry).lesson_elsewhere
