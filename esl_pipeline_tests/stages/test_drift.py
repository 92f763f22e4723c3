from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import pytest

from esl_pipeline.pages.fingerprint import plain_text
from esl_pipeline.sandbox.notion import HOMEWORK_DATA_SOURCE_ID
from esl_pipeline.stages.drift import Drift, look_for_drift
from esl_pipeline.stages.drift_check import DriftRound
from esl_pipeline.stages.drift_finding import Difference
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stages.tenants import resume, suspend
from esl_pipeline.stores.looks import Look, LookStore
from esl_pipeline.stores.publication import Publication
from esl_pipeline_tests.sandboxed import Sandboxed, Tree, flat, succeeded, writes
from esl_pipeline_tests.stages.prunable import LaterClock
from esl_pipeline_tests.stages.speech_stage import brief

pytestmark = pytest.mark.xdist_group("drift")
TENANT = "drift"


@dataclass
class Standing:
    """A page and its sound, which each test disturbs and puts in order again."""

    sandbox: Sandboxed
    page_id: str
    assignment: str = "lesson"

    @property
    def pipeline(self) -> Pipeline:
        """As a process some minutes later would make it."""
        return Pipeline(replace(self.sandbox.pipeline().providers, clock=LaterClock(0.01)))

    def look(self, last: Look | None = None) -> Drift:
        pipeline = self.pipeline
        job = pipeline.open_job(TENANT, self.assignment, options=JobOptions(dry_run=True))
        with self.sandbox.watched() as seen:
            drift = look_for_drift(job, pipeline.vendors(job), last)
        assert writes(seen) == []
        return drift

    def only(self) -> Difference:
        """The one thing that differs."""
        (found,) = self.look().differences
        return found

    def publication(self) -> Publication:
        found = self.pipeline.providers.publications.read(TENANT, self.assignment)
        assert found is not None
        return found

    def block(self, kind: str, text: str = "") -> Tree:
        return next(one for one in flat(self.sandbox.tree(self.page_id)) if one.type == kind and text in one.text)

    def mend(self) -> None:
        options = JobOptions(overrides=("notion.overwrite_edits=true",))
        succeeded(self.sandbox.pipeline().rerun_assignment(TENANT, self.assignment, options=options))


@pytest.fixture(scope="module")
def published_once(sandbox_server: Sandboxed, four_turns: str) -> Standing:
    """Published once for all tests here, each of which leaves it as it was."""
    record = succeeded(sandbox_server.publish(brief(four_turns, "a-drift-1"), "lesson", tenant=TENANT))
    return Standing(sandbox_server, record.page.id or "")


@pytest.fixture
def standing(published_once: Standing) -> Iterator[Standing]:
    yield published_once
    published_once.sandbox.quiet()


def test_what_stands_as_published_costs_few_requests_and_one_when_it_is_looked_at_again(standing: Standing) -> None:
    first = standing.look()
    assert first.differences == ()
    assert first.page_edited_at
    levels = sum(bool(one.children) for one in flat(standing.sandbox.tree(standing.page_id)))
    assert first.requests <= 2 + levels
    again = standing.look(Look(at=standing.pipeline.providers.clock.now(), page_edited_at=first.page_edited_at))
    assert (again.differences, again.requests) == ((), 1)
    edited = standing.look(Look(at=standing.pipeline.providers.clock.now(), page_edited_at="2026-01-01T00:00:00.000Z"))
    assert edited.requests == first.requests


def test_a_page_that_may_still_be_edited_in_its_minute_is_read_whole_next_time(standing: Standing) -> None:
    paragraph = standing.block("paragraph")
    standing.sandbox.edit(
        block_id=paragraph.id, body={"paragraph": {"rich_text": paragraph.block["paragraph"]["rich_text"]}}
    )
    pipeline = standing.sandbox.pipeline()
    job = pipeline.open_job(TENANT, "lesson", options=JobOptions(dry_run=True))
    drift = look_for_drift(job, pipeline.vendors(job), None)
    assert (drift.differences, drift.page_edited_at) == ((), "")


def test_a_block_that_a_person_edited_is_told_and_stays(standing: Standing) -> None:
    paragraph = standing.block("paragraph")
    standing.sandbox.edit(
        block_id=paragraph.id, body={"paragraph": {"rich_text": [{"text": {"content": "I think so."}}]}}
    )
    found = standing.only()
    assert (found.subject, found.seen, found.stays) == ("block", "Paragraph “I think so.” was edited.", True)
    assert standing.look().page_edited_at == ""
    standing.mend()
    assert standing.look().differences == ()


def test_an_answer_that_a_person_added_is_counted_and_no_difference(standing: Standing) -> None:
    words = {"type": "paragraph", "paragraph": {"rich_text": [{"type": "text", "text": {"content": "My answer"}}]}}
    made = standing.sandbox.edit(parent_id=standing.page_id, children=[words])["results"]
    assert (standing.look().differences, standing.look().added) == ((), 1)
    standing.sandbox.edit(delete=made[-1]["id"])


def test_a_block_that_is_missing_is_named_with_its_line_and_a_job_that_mends_it(standing: Standing) -> None:
    item = standing.block("bulleted_list_item")
    standing.sandbox.edit(delete=item.id)
    found = standing.only()
    words = plain_text(item.block["bulleted_list_item"])[:30]
    assert found.seen.startswith("Line 2")
    assert words in found.seen
    assert found.seen.endswith(" is missing.")
    assert "republish_text" in found.mend
    standing.mend()


@pytest.mark.parametrize("kind", ["trash", "moved", "gone"])
def test_a_page_that_is_not_where_it_was_is_told_alone(standing: Standing, kind: str) -> None:
    if kind == "trash":
        standing.sandbox.edit(page_id=standing.page_id, body={"in_trash": True})
        found = standing.only()
        standing.sandbox.edit(page_id=standing.page_id, body={"in_trash": False})
    elif kind == "gone":
        with standing.sandbox.faults({"vendor": "notion", "path": "/v1/pages/", "every": 1, "kind": "404"}):
            found = standing.only()
    else:
        page = standing.publication().page
        assert page is not None
        elsewhere = page.model_copy(update={"data_source_id": "", "parent_page_id": HOMEWORK_DATA_SOURCE_ID})
        change(standing, lambda known: setattr(known, "page", elsewhere))
        found = standing.only()
        change(standing, lambda known: setattr(known, "page", page))
    said = {"trash": "is in the trash", "moved": "was moved to another place", "gone": "was deleted"}
    assert said[kind] in found.seen
    assert found.mend


def change(standing: Standing, how: Callable[[Publication], None]) -> None:
    standing.pipeline.providers.publications.update(TENANT, "lesson", how)


def fill(source: Publication, target: Publication) -> None:
    """Makes a publication as another one is."""
    for name in type(source).model_fields:
        setattr(target, name, getattr(source, name))


def test_columns_icon_and_key_that_changed_are_told(standing: Standing) -> None:
    page = standing.sandbox.notion("GET", f"pages/{standing.page_id}")
    titles = [name for name, column in page["properties"].items() if column["type"] == "title"]
    keys = page["properties"]["ESL Key"]["rich_text"]
    changed = {titles[0]: {"title": [{"text": {"content": "Another title"}}]}, "ESL Key": {"rich_text": []}}
    standing.sandbox.edit(page_id=standing.page_id, body={"properties": changed})
    found = {one.seen: one for one in standing.look().differences}
    assert f"“{titles[0]}” was changed. It is “Another title” now." in found
    assert found["The key in “ESL Key” was changed or removed."].stays is False
    back = {titles[0]: {"title": [{"text": {"content": standing.publication().title}}]}}
    back["ESL Key"] = {"rich_text": [{"text": {"content": keys[0]["plain_text"]}}]}
    standing.sandbox.edit(page_id=standing.page_id, body={"properties": back})
    assert standing.look().differences == ()


def test_a_player_that_was_moved_into_what_people_wrote_is_told(standing: Standing) -> None:
    toggle = {"type": "toggle", "toggle": {"rich_text": [{"type": "text", "text": {"content": "Mine"}}]}}
    (made,) = standing.sandbox.edit(parent_id=standing.page_id, children=[toggle])["results"]
    words = {"type": "paragraph", "paragraph": {"rich_text": []}}
    (inside,) = standing.sandbox.edit(parent_id=made["id"], children=[words])["results"]
    attachment = standing.publication().attachment
    assert attachment is not None
    moved = attachment.model_copy(update={"block_id": inside["id"]})
    change(standing, lambda known: setattr(known, "attachment", moved))
    assert "The audio player was moved to another place." in {one.seen for one in standing.look().differences}
    change(standing, lambda known: setattr(known, "attachment", attachment))
    standing.sandbox.edit(delete=made["id"])


@pytest.mark.slow
def test_a_player_that_was_deleted_or_given_other_links_is_told(standing: Standing) -> None:
    audio = standing.block("audio")
    caption = audio.block["audio"]["caption"]
    standing.sandbox.edit(block_id=audio.id, body={"audio": {"caption": [caption[0]]}})
    assert "links below the player" in standing.only().seen
    standing.sandbox.edit(block_id=audio.id, body={"audio": {"caption": [{"text": {"content": "Listen!"}}]}})
    assert (standing.only().stays, standing.only().seen) == (True, "A person wrote another caption below the player.")
    other = {"audio": {"external": {"url": "https://example.com/other.mp3"}}}
    standing.sandbox.edit(block_id=audio.id, body=other)
    assert "plays another file" in standing.only().seen
    standing.sandbox.edit(delete=audio.id)
    assert (standing.only().seen, standing.only().mend) == ("The audio player was deleted.", "Run reattach.")
    standing.mend()
    assert standing.look().differences == ()


@pytest.mark.slow
def test_files_that_are_missing_or_are_not_what_was_uploaded_are_told(standing: Standing) -> None:
    upload = standing.publication().upload
    assert upload is not None
    pipeline = standing.pipeline
    objects = pipeline.vendors(pipeline.open_job(TENANT, "lesson")).objects
    objects.delete(upload.captions_key)
    found = standing.only()
    assert (found.subject, found.mend) == ("file", "Run reupload.")
    assert found.seen == f"The file “captions” is gone from the bucket: {upload.captions_key}."
    standing.mend()
    objects.delete(upload.key)
    put(standing, upload.key, b"another sound")
    assert "is not what was uploaded, but another of 13 bytes" in standing.only().seen
    objects.delete(upload.key)
    standing.mend()
    assert standing.look().differences == ()


def put(standing: Standing, key: str, content: bytes) -> None:
    """Writes an object as a person with rights to the bucket would."""
    pipeline = standing.pipeline
    objects = pipeline.vendors(pipeline.open_job(TENANT, "lesson")).objects
    objects.put(key, io.BytesIO(content), content_type="audio/mpeg", sha256=hashlib.sha256(content).hexdigest())


def test_a_bucket_that_may_not_be_looked_at_is_told(standing: Standing) -> None:
    with standing.sandbox.faults({"vendor": "s3", "method": "HEAD", "every": 1, "kind": "403"}):
        found = standing.look().differences
    assert {one.subject for one in found} == {"file"}
    assert all("can't be looked at" in one.seen for one in found)


def test_a_round_looks_first_at_what_was_looked_at_longest_ago_and_is_bounded(standing: Standing) -> None:
    publications = standing.pipeline.providers.publications
    keys = [f"{TENANT}/{name}" for name in ("lesson", "copy-1", "copy-2", "not-published")]
    for name in ("copy-1", "copy-2"):
        copied = standing.publication().model_copy(update={"assignment": name})
        publications.update(TENANT, name, partial(fill, copied))
    LookStore(standing.pipeline.providers.documents).delete(TENANT)
    seen = []
    for _ in range(4):
        going = DriftRound(standing.pipeline, most=2)
        seen.append([one.key.partition("/")[2] for one in going.look([*keys, "not a key"])])
        assert going.problems == []
    assert seen == [["copy-1", "copy-2"], ["lesson"], ["copy-1", "copy-2"], ["lesson"]]
    looks = LookStore(standing.pipeline.providers.documents)
    before = looks.read(TENANT)
    assert [one.key for one in DriftRound(standing.pipeline).look(keys, [f"{TENANT}/copy-2"])] == [f"{TENANT}/copy-2"]
    assert [name for name, look in looks.read(TENANT).items() if look != before[name]] == ["copy-2"]
    assert looks.read(TENANT).keys() == before.keys() == {key.partition("/")[2] for key in keys}
    for name in ("copy-1", "copy-2"):
        publications.delete(TENANT, name)


def test_a_tenant_whose_vendor_is_out_of_reach_is_told_once_and_stops_no_other(standing: Standing) -> None:
    LookStore(standing.pipeline.providers.documents).delete(TENANT)
    with standing.sandbox.faults({"vendor": "notion", "every": 1, "kind": "401"}):
        going = DriftRound(standing.pipeline)
        assert list(going.look([f"{TENANT}/lesson"])) == []
    (problem,) = going.problems
    assert problem.startswith(f"{TENANT}/lesson: ")
    assert LookStore(standing.pipeline.providers.documents).read(TENANT) == {}
    (looked,) = DriftRound(standing.pipeline).look([f"{TENANT}/lesson"])
    assert looked.drift.differences == ()


def test_what_is_wrong_with_a_tenants_settings_is_told_once_for_all_its_assignments(standing: Standing) -> None:
    publications, names = standing.pipeline.providers.publications, ("lesson", "copy-1", "copy-2")
    for name in names[1:]:
        copied = standing.publication().model_copy(update={"assignment": name})
        publications.update(TENANT, name, partial(fill, copied))
    document = standing.sandbox.environment.tenants / f"{TENANT}.yaml"
    document.parent.mkdir(exist_ok=True)
    document.write_text("schema_version: 2\nsettings: {notify: {template: $nothing}}\n", "utf-8")
    LookStore(standing.pipeline.providers.documents).delete(TENANT)
    going = DriftRound(standing.pipeline)
    assert list(going.look([f"{TENANT}/{name}" for name in names])) == []
    document.unlink()
    (problem,) = going.problems
    assert f" and 2 more of {TENANT}: {document.name}:2:" in problem
    for name in names[1:]:
        publications.delete(TENANT, name)


def test_a_suspended_tenant_is_passed_over(standing: Standing) -> None:
    suspend(standing.pipeline.providers, TENANT, "operator:ann", "has not paid")
    going = DriftRound(standing.pipeline)
    with standing.sandbox.watched() as seen:
        assert list(going.look([f"{TENANT}/lesson"])) == []
    assert (seen, going.passed_over, going.problems) == ([], {TENANT}, [])
    resume(standing.pipeline.providers, TENANT, "operator:ann")
