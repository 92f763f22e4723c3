from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from esl_pipeline.stages.asking import AskingError
from esl_pipeline.stages.environment import ConfigurationError, read_environment
from esl_pipeline.stages.inbox import Inbox, InboxEntry, Misplaced, TenantFiles, entries_of, read_content
from esl_pipeline.stages.inbox_folder import FolderInbox
from esl_pipeline.stages.inbox_place import manifest_at, manifest_in, open_inbox
from esl_pipeline.stages.inbox_s3 import S3Inbox
from esl_pipeline.stores.s3_asking import StoreRefusedError
from esl_pipeline_tests.stages.inboxes import entries_in, put

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MANIFEST = "schema_version: 2\nlesson: week-1.md\n"


class Filled:
    """A folder or a part of a bucket, into which texts are put."""

    def __init__(self, inbox: Inbox, root: Path | None, s3: S3Client | None, bucket: str = "") -> None:
        self.inbox, self._root, self._s3, self._bucket = inbox, root, s3, bucket

    def put(self, path: str, text: str | bytes = "x") -> None:
        content = text if isinstance(text, bytes) else text.encode()
        if self._root:
            put(self._root / path).write_bytes(content)
        elif self._s3:
            self._s3.put_object(Bucket=self._bucket, Key=f"in/box/{path}", Body=content)

    def only_entry(self) -> InboxEntry:
        (entry,) = entries_in(self.inbox)
        assert isinstance(entry, InboxEntry)
        return entry


@pytest.fixture(params=["folder", "S3"])
def filled(request: pytest.FixtureRequest, tmp_path: Path, assignment: str) -> Filled:
    if request.param == "folder":
        return Filled(FolderInbox(tmp_path), tmp_path, None)
    request.getfixturevalue("aws")
    from esl_pipeline.clients import s3_client

    s3 = s3_client()
    s3.create_bucket(Bucket=assignment)
    return Filled(S3Inbox(s3, assignment, "in/box/"), None, s3, assignment)


def test_a_missing_folder_is_empty(tmp_path: Path) -> None:
    assert entries_in(FolderInbox(tmp_path / "none")) == []


@pytest.mark.usefixtures("aws")
def test_a_missing_bucket_is_told() -> None:
    inbox = open_inbox(read_environment({"ESL_INBOX": "s3://no-such-bucket/in"}))
    with pytest.raises(StoreRefusedError, match="s3://no-such-bucket/in/"):
        entries_in(inbox)


def test_a_lesson_beside_a_manifest_of_its_name_is_the_manifests(filled: Filled) -> None:
    filled.put("school/week-1.md")
    filled.put("school/week-1.yaml", MANIFEST)
    entry = filled.only_entry()
    assert (entry.tenant, entry.assignment, entry.path) == ("school", "week-1", "school/week-1.yaml")
    assert read_content(filled.inbox, entry).lesson == "week-1.md"
    assert filled.inbox.find("school", "week-1") == "school/week-1.yaml"
    asked = manifest_in(filled.inbox, "school", "week-1")
    assert asked is not None
    assert asked.read().lesson_text == "x"


def test_what_is_not_there_is_not_found(filled: Filled) -> None:
    filled.put("school/week-10.md")
    filled.put("school-2/week-1.md")
    assert filled.inbox.find("school", "week-1") is None
    assert manifest_in(filled.inbox, "school", "week-1") is None
    assert [filled.inbox.holds(name) for name in ("school", "school-2", "scho")] == [True, True, False]


def test_names_and_places_that_ask_for_nothing_are_told(filled: Filled) -> None:
    filled.put("school/Week 1.md")
    filled.put("My School/week-1.md")
    filled.put("week-1.md")
    filled.put("school/below/week-1.yaml")
    found = entries_in(filled.inbox)
    assert all(isinstance(entry, Misplaced) for entry in found)
    paths = sorted(entry.path for entry in found if isinstance(entry, Misplaced))
    assert paths == ["My School", "school/Week 1.md", "school/below/week-1.yaml", "week-1.md"]


def test_hidden_and_other_files_ask_for_nothing(filled: Filled) -> None:
    for name in ("school/.week-1.md.swp", "school/.draft.md", "school/notes.txt", ".git/week-1.md", "school/.x/a.yaml"):
        filled.put(name)
    assert entries_in(filled.inbox) == []


def test_tenants_whose_names_begin_alike_are_kept_apart(filled: Filled) -> None:
    for tenant in ("school", "school-a", "school-a0", "sch"):
        filled.put(f"{tenant}/one.md", tenant)
    found = [entry for entry in entries_in(filled.inbox) if isinstance(entry, InboxEntry)]
    assert sorted(entry.tenant for entry in found) == ["sch", "school", "school-a", "school-a0"]
    assert len({read_content(filled.inbox, entry).sha256 for entry in found}) == 4


def test_the_hash_covers_the_lesson_of_a_manifest(filled: Filled) -> None:
    filled.put("school/week-1.yaml", MANIFEST)
    filled.put("school/week-1.md", "one")
    entry = filled.only_entry()
    before = read_content(filled.inbox, entry)
    filled.put("school/week-1.md", "two")
    assert read_content(filled.inbox, entry) != before
    filled.put("school/week-1.md", "one")
    assert read_content(filled.inbox, entry) == before


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * 1_000_001])
def test_an_unreadable_file_has_a_hash_too_so_that_a_run_can_say_what_is_wrong(filled: Filled, content: bytes) -> None:
    filled.put("school/week-1.md", content)
    assert len(read_content(filled.inbox, filled.only_entry()).sha256) == 64
    with pytest.raises(AskingError, match=r"week-1\.md"):
        manifest_in(filled.inbox, "school", "week-1")


def test_a_lesson_in_a_folder_below_belongs_to_its_manifest(filled: Filled) -> None:
    filled.put("school/week-1.yaml", "schema_version: 2\nlesson: shared/lesson.md\n")
    filled.put("school/shared/lesson.md", "one")
    content = read_content(filled.inbox, filled.only_entry())
    assert (content.lesson, content.is_lesson_read) == ("shared/lesson.md", True)


def test_a_run_is_given_any_file_of_the_inbox_by_its_path(
    filled: Filled, tmp_path_factory: pytest.TempPathFactory
) -> None:
    filled.put("school/drafts/week-1.yaml", "schema_version: 2\nlesson: week-1.md\n")
    filled.put("school/drafts/week-1.md", "draft")
    assert manifest_at(filled.inbox, "school", "week-1", "school/drafts/week-1.yaml").read().lesson_text == "draft"
    elsewhere = put(tmp_path_factory.mktemp("elsewhere") / "x.md", "elsewhere")
    assert manifest_at(filled.inbox, "school", "week-1", str(elsewhere)).content == "elsewhere"
    with pytest.raises(AskingError):
        manifest_at(filled.inbox, "school", "week-1", "school/week-1.yaml")


def test_no_path_leads_out_of_a_folder(tmp_path: Path) -> None:
    put(tmp_path / "secret.md")
    (tmp_path / "inbox").mkdir()
    with pytest.raises(AskingError, match="outside"):
        FolderInbox(tmp_path / "inbox").manifest("../secret.md")


def test_a_run_is_not_given_the_manifest_of_another_assignment(filled: Filled) -> None:
    filled.put("school/week-2.md", "another student's")
    with pytest.raises(AskingError, match=r"manifest of school/week-2, and the run is for school/week-1\."):
        manifest_at(filled.inbox, "school", "week-1", "school/week-2.md")
    assert manifest_at(filled.inbox, "school", "week-2", "school/week-2.md").content == "another student's"


def test_a_run_is_given_no_file_of_another_tenant(filled: Filled) -> None:
    filled.put("other/week-1.md", "theirs")
    for path in ("other/week-1.md", "school/../other/week-1.md", "week-1.md", ""):
        with pytest.raises(AskingError, match=r"Give the path of a file of school, such as school/week-1\.yaml"):
            manifest_at(filled.inbox, "school", "week-1", path)


def test_a_run_is_given_no_file_of_another_tenant_by_its_absolute_path(tmp_path: Path) -> None:
    inbox = FolderInbox(tmp_path / "inbox")
    put(tmp_path / "inbox" / "other" / "week-1.md", "theirs")
    (tmp_path / "link.md").symlink_to(tmp_path / "inbox" / "other" / "week-1.md")
    for path in (tmp_path / "inbox" / "other" / "week-1.md", tmp_path / "link.md"):
        with pytest.raises(AskingError, match="no file of school in the inbox"):
            manifest_at(inbox, "school", "week-1", str(path))
    assert manifest_at(inbox, "other", "week-1", str(tmp_path / "link.md")).content == "theirs"


def test_of_two_manifests_of_one_assignment_the_first_counts_and_the_other_is_told(filled: Filled) -> None:
    for name in ("two.yaml", "two.yml", "two.json", "two.md"):
        filled.put(f"school/{name}", MANIFEST)
    found = entries_in(filled.inbox)
    assert [one.path for one in found if isinstance(one, InboxEntry)] == ["school/two.yaml"]
    told = {one.path: one.reason for one in found if isinstance(one, Misplaced)}
    assert set(told) == {"school/two.yml", "school/two.json"}
    assert told["school/two.json"] == "two.yaml counts. Take one of them away."


def test_a_link_to_another_tenants_folder_asks_for_nothing(tmp_path: Path) -> None:
    put(tmp_path / "inbox" / "other" / "week-1.md", "theirs")
    put(tmp_path / "drive" / "week-2.md", "ours")
    (tmp_path / "inbox" / "linked").symlink_to("other")
    (tmp_path / "inbox" / "school").symlink_to(tmp_path / "drive")
    found = entries_in(FolderInbox(tmp_path / "inbox"))
    assert [one.path for one in found if isinstance(one, InboxEntry)] == ["other/week-1.md", "school/week-2.md"]
    assert [one.path for one in found if isinstance(one, Misplaced)] == ["linked"]


def test_what_is_named_like_a_manifest_but_is_no_file_asks_and_says_so_when_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "school" / "week-1.yaml").mkdir(parents=True)
    os.mkfifo(tmp_path / "school" / "week-2.md")
    inbox = FolderInbox(tmp_path)
    (found,) = inbox.tenants()
    assert isinstance(found, TenantFiles)
    entries = [entry for entry in entries_of(found) if isinstance(entry, InboxEntry)]
    assert sorted(entry.assignment for entry in entries) == ["week-1", "week-2"]
    for entry in entries:
        assert not read_content(inbox, entry).is_lesson_read
        assert inbox.find("school", entry.assignment) == entry.path
        with pytest.raises(AskingError, match="It is no ordinary file"):
            inbox.manifest(entry.path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_told_and_stops_nothing(tmp_path: Path) -> None:
    put(tmp_path / "school" / "week-1.md")
    put(tmp_path / "other" / "week-1.md")
    (tmp_path / "other").chmod(0)
    found = entries_in(FolderInbox(tmp_path))
    (tmp_path / "other").chmod(0o700)
    assert [type(entry) for entry in found] == [Misplaced, InboxEntry]


@pytest.mark.parametrize("address", ["s3://", "s3:///prefix", "s3://bucket/x?y", "ftp://host/in"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="ESL_INBOX"):
        open_inbox(read_environment({"ESL_INBOX": address}))


def test_the_place_of_the_inbox_is_as_it_was_given(tmp_path: Path) -> None:
    assert open_inbox(read_environment({"ESL_INBOX": "s3://lessons/in/"})).place == "s3://lessons/in/"
    assert open_inbox(read_environment({"ESL_INBOX": "s3://lessons"})).place == "s3://lessons/"
    assert open_inbox(read_environment({"ESL_INBOX": str(tmp_path)})).place == str(tmp_path)
    assert open_inbox(read_environment({"ESL_HOME": str(tmp_path)})).place == str(tmp_path / "inbox")
