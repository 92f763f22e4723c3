from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.manifests import AskingError
from esl_pipeline.stages.adopt_page import Adoption, AdoptionAnswer, adopt_page
from esl_pipeline.stages.audit_writing import AuditUnavailableError
from esl_pipeline.stages.tenants import resume, suspend
from esl_pipeline.stages.tenants_gate import TenantSuspendedError
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline_tests.page_stage import (
    Teacher,
    changes,
    child_pages,
    lesson,
    make_database,
    make_page,
    make_top_page,
    source_of,
    text_value,
)
from esl_pipeline_tests.predecessor import AUDIO_URL, OldPage, import_as_the_predecessor
from esl_pipeline_tests.sandboxed import Sandboxed, Tree, flat

LESSON = lesson(extra="Phrases.\n\n- on time\n- on foot\n\n> First line\n> Second line")
NEXT = LESSON.replace("- on foot", "- on foot\n- on board").replace("First line", "Another first line")


@dataclass(frozen=True)
class Move:
    """A teacher who comes from the predecessor."""

    teacher: Teacher
    source_id: str
    old: OldPage

    def adopt(self, page_id: str = "", *settings: str, dry_run: bool = False, **how: Any) -> AdoptionAnswer:
        adoption = Adoption(page_id or self.old.id, **how)
        overrides = (*self.teacher.settings, *settings)
        return adopt_page(
            self.teacher.pipeline, "school", self.teacher.assignment, adoption, overrides=overrides, dry_run=dry_run
        )

    def refused(self, page_id: str = "", *settings: str) -> RejectedError:
        with pytest.raises(RejectedError) as caught:
            self.adopt(page_id, *settings)
        assert caught.value.fix
        return caught.value

    @property
    def rows(self) -> list[str]:
        query = f"data_sources/{self.source_id}/query"
        return [page["id"] for page in self.teacher.sandbox.notion("POST", query, {})["results"]]

    @property
    def page(self) -> list[Tree]:
        return list(flat(self.teacher.sandbox.tree(self.old.id)))


@pytest.fixture
def move(sandbox: Sandboxed, assignment: str) -> Move:
    database = make_database(sandbox, f"Homework {assignment}")
    old = import_as_the_predecessor(sandbox, LESSON, source_of(database))
    teacher = Teacher(sandbox, assignment, (f"notion.data_source_id={source_of(database)}",))
    return Move(teacher, source_of(database), old)


def test_a_page_of_the_predecessor_is_continued_with_all_its_blocks(move: Move) -> None:
    before = move.old.ids
    answer = move.adopt(audio_url=AUDIO_URL, by_predecessor=True)
    assert (answer.status, answer.page.id, answer.blocks) == ("adopted", move.old.id, len(before))
    assert answer.audio_block_id == next(tree.id for tree in move.page if tree.type == "audio")
    move.teacher.publish(LESSON)
    assert move.old.ids == before
    assert move.rows == [move.old.id]
    page = move.teacher.sandbox.notion("GET", f"pages/{move.old.id}")
    assert page["properties"]["ESL Key"]["rich_text"][0]["plain_text"] == move.teacher.key
    assert move.teacher.publish(LESSON).status == "skipped"


def test_the_first_publication_may_bring_another_lesson(move: Move) -> None:
    before = move.old.ids
    move.adopt(audio_url=AUDIO_URL, by_predecessor=True)
    move.teacher.publish(NEXT)
    texts = [tree.text for tree in move.page]
    assert texts.count("on board") == 1
    assert "Another first line\nSecond line" in texts
    assert "First line\nSecond line" not in texts
    assert len(set(before) - set(move.old.ids)) == 0


def test_its_audio_block_gets_the_new_track_and_is_not_doubled(sandbox: Sandboxed, move: Move) -> None:
    audio_id = move.adopt(audio_url=AUDIO_URL, by_predecessor=True).audio_block_id
    record = sandbox.publish(LESSON, move.teacher.assignment, overrides=move.teacher.settings)
    assert record.status == "succeeded", record.model_dump_json(indent=2)
    (audio,) = [tree for tree in move.page if tree.type == "audio"]
    assert audio.id == audio_id
    assert audio.block["audio"]["external"]["url"] == record.audio.url


def test_what_people_wrote_and_edited_on_it_stays(sandbox: Sandboxed, move: Move) -> None:
    answered = move.old.block("on foot")
    mine = {"paragraph": {"rich_text": text_value("My answer")}}
    written = sandbox.edit(parent_id=move.old.id, children=[mine])["results"][0]["id"]
    body = {"bulleted_list_item": {"rich_text": text_value("on foot every day")}}
    sandbox.edit(block_id=answered, body=body)
    move.adopt(audio_url=AUDIO_URL, by_predecessor=True)
    outcome = move.teacher.publish(NEXT)
    now = {tree.id: tree.text for tree in move.page}
    assert now[written] == "My answer"
    assert now[answered] == "on foot every day"
    assert [text for text in now.values() if text == "on foot"] == []
    assert any(answered in edit or "on foot every day" in edit for edit in outcome.metrics["notion/kept_edits"])


def test_a_page_that_a_person_made_keeps_every_block(sandbox: Sandboxed, move: Move) -> None:
    page = make_page(sandbox, "By hand", {"data_source_id": move.source_id})["id"]
    mine = [{"paragraph": {"rich_text": text_value(words)}} for words in ("Phrases.", "Notes of mine")]
    kept = [block["id"] for block in sandbox.edit(parent_id=page, children=mine)["results"]]
    assert move.adopt(page).blocks == 0
    move.teacher.publish(LESSON)
    tree = list(flat(sandbox.tree(page)))
    assert set(kept) <= {block.id for block in tree}
    assert [block.text for block in tree].count("Phrases.") == 1
    assert sandbox.notion("GET", f"pages/{page}")["properties"]["Name"]["title"][0]["plain_text"] == "At the Station"


def test_adopting_twice_changes_nothing(sandbox: Sandboxed, move: Move) -> None:
    move.adopt(audio_url=AUDIO_URL, by_predecessor=True)
    before = move.teacher.page
    with sandbox.watched("notion") as seen:
        assert move.adopt(audio_url=AUDIO_URL, by_predecessor=True).status == "unchanged"
    assert not any(changes(entry) for entry in seen)
    assert move.teacher.page == before


def test_a_dry_run_says_what_it_would_take_over_and_records_nothing(sandbox: Sandboxed, move: Move) -> None:
    with sandbox.watched("notion") as seen:
        answer = move.adopt(dry_run=True, audio_url=AUDIO_URL, by_predecessor=True)
    assert not any(changes(entry) for entry in seen)
    assert answer.page.requests == len(seen)
    assert (answer.status, answer.blocks) == ("planned", len(move.old.ids))
    assert sandbox.pipeline().providers.publications.read("school", move.teacher.assignment) is None


def test_a_page_of_another_assignment_is_refused(sandbox: Sandboxed, move: Move) -> None:
    sandbox.notion("PATCH", f"data_sources/{move.source_id}", {"properties": {"ESL Key": {"rich_text": {}}}})
    body = {"properties": {"ESL Key": {"rich_text": text_value("school/other")}}}
    sandbox.notion("PATCH", f"pages/{move.old.id}", body)
    error = move.refused()
    assert (error.code, "belongs to school/other" in error.message) == ("other_key", True)
    body["properties"]["ESL Key"]["rich_text"] = text_value(move.teacher.key)
    sandbox.notion("PATCH", f"pages/{move.old.id}", body)
    assert move.adopt().status == "adopted"


def test_of_two_assignments_that_adopted_one_page_the_first_to_publish_has_it(sandbox: Sandboxed, move: Move) -> None:
    other = Teacher(sandbox, f"{move.teacher.assignment}-b", move.teacher.settings)
    move.adopt(by_predecessor=True)
    Move(other, move.source_id, move.old).adopt(by_predecessor=True)
    move.teacher.publish(LESSON)
    assert other.refused(LESSON).code == "other_key"


def test_settings_of_the_tenant_that_are_wrong_are_told_before_anything_is_read(sandbox: Sandboxed, move: Move) -> None:
    with sandbox.watched("notion") as seen, pytest.raises(AskingError, match="S-UNKNOWN"):
        move.adopt("", "notion.data_sauce_id=x")
    assert seen == []


def test_a_page_beside_one_that_has_the_key_already_is_refused(sandbox: Sandboxed, move: Move) -> None:
    sandbox.notion("PATCH", f"data_sources/{move.source_id}", {"properties": {"ESL Key": {"rich_text": {}}}})
    other = make_page(sandbox, "Other", {"data_source_id": move.source_id})["id"]
    body = {"properties": {"ESL Key": {"rich_text": text_value(move.teacher.key)}}}
    sandbox.notion("PATCH", f"pages/{other}", body)
    error = move.refused()
    assert (error.code, other in error.message) == ("several_pages", True)


def test_an_assignment_that_has_a_page_keeps_it_until_that_is_in_the_trash(sandbox: Sandboxed, move: Move) -> None:
    move.teacher.publish(LESSON)
    first = move.teacher.page.id or ""
    error = move.refused()
    assert (error.code, first in error.message) == ("has_page", True)
    sandbox.notion("PATCH", f"pages/{first}", {"in_trash": True})
    assert move.adopt().status == "adopted"


def test_a_page_in_the_trash_is_refused(sandbox: Sandboxed, move: Move) -> None:
    sandbox.notion("PATCH", f"pages/{move.old.id}", {"in_trash": True})
    assert move.refused().code == "page_in_trash"


def test_a_page_elsewhere_is_refused_with_the_setting_that_would_take_it(sandbox: Sandboxed, move: Move) -> None:
    above = make_top_page(sandbox, move.teacher.assignment)
    page = make_page(sandbox, "Elsewhere", {"page_id": above})["id"]
    error = move.refused(page)
    assert error.code == "outside_target"
    assert f"notion.parent_page_id={above}" in error.fix


@pytest.mark.parametrize("what", ["database", "nothing"])
def test_an_id_of_no_page_is_refused(move: Move, what: str) -> None:
    wrong = move.source_id if what == "database" else "00000000-0000-4000-8000-00000000dead"
    assert move.refused(wrong).code == ("wrong_kind" if what == "database" else "object_not_found")


def test_a_page_below_another_page_is_adopted_there(sandbox: Sandboxed, assignment: str) -> None:
    above = make_top_page(sandbox, assignment)
    page = make_page(sandbox, "Older title", {"page_id": above})["id"]
    teacher = Teacher(sandbox, assignment, (f"notion.parent_page_id={above}",))
    answer = adopt_page(teacher.pipeline, "school", assignment, Adoption(page), overrides=teacher.settings)
    assert answer.status == "adopted"
    teacher.publish(LESSON)
    (child,) = child_pages(sandbox, above)
    assert (child["id"], child["child_page"]["title"]) == (page, "At the Station")


def test_an_adoption_is_told_with_who_did_it_and_a_second_one_and_a_dry_run_are_not(
    sandbox: Sandboxed, assignment: str
) -> None:
    page = make_page(sandbox, "Older title", {"page_id": make_top_page(sandbox, assignment)})
    pipeline, place = sandbox.pipeline(), (f"notion.parent_page_id={page['parent']['page_id']}",)
    for dry_run in (True, False, False):
        adopt_page(
            pipeline, assignment, "lesson", Adoption(page["id"]), dry_run=dry_run, actor="operator:ann", overrides=place
        )
    (entry,) = pipeline.providers.audit.entries(assignment)
    assert (entry.action, entry.actor, entry.assignment, entry.outcome) == ("adopt", "operator:ann", "lesson", "done")
    assert entry.details["stands"] == {"page_id": page["id"], "page_url": page["url"], "block_id": None}


def test_a_suspended_tenant_takes_no_page_over_and_nothing_is_sent(sandbox: Sandboxed, assignment: str) -> None:
    page = make_page(sandbox, "Older title", {"page_id": make_top_page(sandbox, assignment)})
    pipeline, place = sandbox.pipeline(), (f"notion.parent_page_id={page['parent']['page_id']}",)
    suspend(pipeline.providers, assignment, "operator:ann", "not paid")
    with sandbox.watched() as seen, pytest.raises(TenantSuspendedError, match="not paid"):
        adopt_page(pipeline, assignment, "lesson", Adoption(page["id"]), overrides=place)
    assert seen == []
    resume(pipeline.providers, assignment, "operator:ann")
    assert adopt_page(pipeline, assignment, "lesson", Adoption(page["id"]), overrides=place).status == "adopted"


def test_an_adoption_that_can_not_be_told_is_not_recorded_and_is_told_when_it_is_asked_for_again(
    sandbox: Sandboxed, assignment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make_page(sandbox, "Older title", {"page_id": make_top_page(sandbox, assignment)})
    pipeline, place = sandbox.pipeline(), (f"notion.parent_page_id={page['parent']['page_id']}",)

    def down(_entry: object) -> None:
        raise StoreUnavailableError("The log is away.")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.providers.audit, "append", down)
        patch.setattr(pipeline.providers.clock, "sleep", lambda _: None)
        with pytest.raises(AuditUnavailableError, match="The log is away"):
            adopt_page(pipeline, assignment, "lesson", Adoption(page["id"]), overrides=place)
    assert pipeline.providers.publications.read(assignment, "lesson") is None
    assert adopt_page(pipeline, assignment, "lesson", Adoption(page["id"]), overrides=place).status == "adopted"
    assert [entry.action for entry in pipeline.providers.audit.entries(assignment)] == ["adopt"]
