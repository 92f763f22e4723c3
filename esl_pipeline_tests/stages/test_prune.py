from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from esl_pipeline.manifests import SlugError
from esl_pipeline.stages.prune_artifacts import prune_artifacts
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.publication import Publication
from esl_pipeline.stores.usage import Kind, UsageEntry
from esl_pipeline_tests.sandboxed import EDIT, Sandboxed, succeeded, writes
from esl_pipeline_tests.stages.prunable import LaterClock, Prunable, counts, sha256_of

AN_EDIT_LEAVES = {"segments": 2, "tracks": 1, "texts": 3, "snapshots": 1, "uploads": 4}


@pytest.fixture
def prunable(sandbox: Sandboxed, tmp_path: Path, assignment: str) -> Prunable:
    """A tenant of which nothing is published yet."""
    return Prunable(sandbox, tmp_path, assignment)


@pytest.fixture
def edited(prunable: Prunable) -> Prunable:
    """A tenant with one publication, one of whose turns was edited."""
    prunable.publish("Hello.", "How are you?")
    prunable.publish("Hello.", "How is Ada?")
    return prunable


def test_what_an_edit_left_behind_goes_and_what_is_published_stays(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    lesson = four_turns.replace(*EDIT)
    for text in (four_turns, lesson):
        succeeded(sandbox.publish(text, "lesson", tenant=assignment))
    told, pruned = (
        prune_artifacts(sandbox.pipeline(clock=LaterClock(40)), assignment, dry_run=dry_run)
        for dry_run in (True, False)
    )
    assert counts(pruned) == AN_EDIT_LEAVES
    assert (pruned.tenants, pruned.total()) == (told.tenants, told.total())
    assert pruned.total().bytes > 10_000
    with sandbox.watched() as seen:
        again = succeeded(sandbox.publish(lesson, "lesson", tenant=assignment))
    assert writes(seen) == []
    assert {stage.status for stage in again.stages} == {"skipped"}
    publication = sandbox.pipeline().providers.publications.read(assignment, "lesson")
    assert publication is not None
    assert publication.upload is not None
    for url in (publication.upload.url, publication.upload.captions_url, *(f.url for f in publication.upload.files)):
        assert requests.get(url, timeout=10).ok


def test_a_dry_run_removes_nothing_and_says_the_same(edited: Prunable) -> None:
    before = edited.everything()
    told = edited.prune(dry_run=True)
    assert edited.everything() == before
    assert counts(told) == AN_EDIT_LEAVES
    assert edited.prune().tenants == told.tenants
    assert counts(edited.prune()) == {}


def test_what_was_used_within_the_retention_stays(edited: Prunable) -> None:
    assert counts(edited.prune(days=29)) == {}
    assert counts(edited.prune(days=31)) == AN_EDIT_LEAVES


def test_nothing_is_removed_within_a_day_so_that_a_run_under_way_is_safe(edited: Prunable) -> None:
    with_retention(edited, "artifacts_days: 1")
    assert counts(edited.prune(days=0.9)) == {}
    assert counts(edited.prune(days=1.1)) == AN_EDIT_LEAVES


def with_retention(prunable: Prunable, setting: str) -> None:
    folder = prunable.sandbox.environment.tenants
    folder.mkdir(exist_ok=True)
    (folder / f"{prunable.tenant}.yaml").write_text(
        f"schema_version: 2\nsettings:\n  retention:\n    {setting}\n", "utf-8"
    )


def test_old_speech_that_a_run_has_just_looked_at_stays(edited: Prunable) -> None:
    edited.age(60)
    assert edited.providers.artifacts.has(edited.tenant, sha256_of("How are you?"), ".wav")
    removed = counts(edited.prune(days=0))
    assert removed == {"segments": 1, "tracks": 1, "texts": 3, "snapshots": 1}
    assert edited.providers.artifacts.has(edited.tenant, sha256_of("How are you?"), ".wav")


def test_speech_that_two_assignments_share_stays_while_one_needs_it(edited: Prunable) -> None:
    edited.publish("How are you?", assignment="second")
    assert counts(edited.prune()) == {kind: count for kind, count in AN_EDIT_LEAVES.items() if kind != "segments"}


def test_the_files_of_other_tenants_are_not_touched(edited: Prunable) -> None:
    other = f"{edited.tenant}-2"
    for turn in ("Hello.", "Hi."):
        edited.publish(turn, tenant=other)
    before = edited.everything(other)
    assert counts(edited.prune()) == AN_EDIT_LEAVES
    assert edited.everything(other) == before


def test_a_tenant_that_is_no_slug_is_refused(edited: Prunable) -> None:
    with pytest.raises(SlugError):
        edited.prune("../evil")


def test_an_unreadable_publication_keeps_all_of_its_tenant_and_the_next_tenant_is_cleaned(edited: Prunable) -> None:
    good = f"{edited.tenant}-2"
    for turn in ("Hello.", "Hi."):
        edited.publish(turn, tenant=good)
    (edited.state / "publications" / edited.tenant / "damaged.json").write_text("{")
    before = edited.everything()
    pruned = prune_artifacts(edited.pipeline())
    assert edited.everything() == before
    assert [(one.tenant, bool(one.removed)) for one in pruned.tenants] == [(edited.tenant, False), (good, True)]
    (problem,) = pruned.problems
    assert "damaged.json is damaged" in problem


def test_a_store_that_does_not_answer_for_one_tenant_does_not_stop_the_next(
    edited: Prunable, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = f"{edited.tenant}-2"
    for turn in ("Hello.", "Hi."):
        edited.publish(turn, tenant=good)
    pipeline = edited.pipeline()
    read = pipeline.providers.publications.list

    def broken(tenant: str) -> Iterator[Publication]:
        if tenant == edited.tenant:
            raise StoreUnavailableError("S3 did not answer.")
        return read(tenant)

    monkeypatch.setattr(pipeline.providers.publications, "list", broken)
    pruned = prune_artifacts(pipeline)
    assert pruned.problems == (f"{edited.tenant}: S3 did not answer.",)
    assert [(one.tenant, bool(one.removed)) for one in pruned.tenants] == [(edited.tenant, False), (good, True)]


@pytest.mark.parametrize(
    ("kind", "stays"), [("reserved", True), ("asked", True), ("bought", False), ("released", False)]
)
def test_speech_whose_purchase_is_not_settled_stays(edited: Prunable, kind: Kind, stays: bool) -> None:
    line = UsageEntry(
        kind=kind,
        at=datetime.now(UTC),
        run_id="r",
        assignment="lesson",
        sha256=sha256_of("How are you?"),
        engine="elevenlabs",
        model="m",
        voice_id="v",
        voice_name="v",
        characters=1,
        credits=1,
        estimated_credits=1,
        usd=0.1,
    )

    def write(_: Sequence[UsageEntry]) -> list[UsageEntry]:
        return [line]

    edited.providers.usage.add(edited.tenant, "2025-01", write)
    assert ("segments" not in counts(edited.prune())) == stays


@pytest.mark.parametrize("behind", ["failed", "older", "intended", "another", "missing"])
def test_uploads_stay_while_the_page_may_still_link_to_older_ones(edited: Prunable, behind: str) -> None:
    def change(publication: Publication) -> None:
        attached, attachment = publication.stages["notion_audio"], publication.attachment
        assert attachment is not None
        if behind == "failed":
            publication.stages["notion_audio"] = attached.model_copy(update={"status": "failed"})
        elif behind == "older":
            earlier = attached.started_at.replace(year=2001)
            publication.stages["notion_audio"] = attached.model_copy(update={"started_at": earlier})
        elif behind == "intended":
            attachment.intended_url = attachment.url
        elif behind == "another":
            attachment.url = "https://s3/older.mp3"
        else:
            publication.attachment = None

    edited.providers.publications.update(edited.tenant, "lesson", change)
    assert "uploads" not in counts(edited.prune())


def test_uploads_of_an_assignment_that_a_run_works_on_stay(edited: Prunable) -> None:
    with edited.providers.publications.lease(edited.tenant, "lesson"):
        assert "uploads" not in counts(edited.prune())
    assert counts(edited.prune()) == {"uploads": 4}


def test_objects_that_the_pipeline_did_not_name_stay(edited: Prunable) -> None:
    content, tenant = b"a song", edited.tenant
    theirs = {
        f"{tenant}/song.mp3",
        f"{tenant}/lesson/song.mp3",
        f"{tenant}/lesson/{'0' * 32}.wav",
        f"{tenant}/lesson/deeper/{'0' * 32}.mp3",
        f"{tenant}0/lesson/{'0' * 32}.mp3",
    }
    for key in theirs:
        sha256 = hashlib.sha256(content).hexdigest()
        edited.objects().put(key, io.BytesIO(content), content_type="audio/mpeg", sha256=sha256)
    assert counts(edited.prune())["uploads"] == 4
    assert theirs <= {one.key for one in edited.objects().list(tenant)}


def test_artifacts_of_kinds_that_the_clean_up_does_not_know_stay(edited: Prunable) -> None:
    edited.providers.artifacts.put(edited.tenant, "0" * 64, ".voice.onnx", b"")
    assert counts(edited.prune()) == AN_EDIT_LEAVES
    assert edited.providers.artifacts.has(edited.tenant, "0" * 64, ".voice.onnx")


def test_uploads_stay_where_all_publications_are_gone(edited: Prunable) -> None:
    (edited.state / "publications" / edited.tenant / "lesson.json").unlink()
    assert "uploads" not in counts(edited.prune())


def test_uploads_of_an_assignment_whose_publication_is_gone_go(edited: Prunable) -> None:
    edited.publish("Bye.", assignment="gone")
    (edited.state / "publications" / edited.tenant / "gone.json").unlink()
    assert counts(edited.prune())["uploads"] == 8
    assert not list(edited.objects().list(f"{edited.tenant}/gone/"))


def test_the_scratch_of_a_killed_run_goes_after_an_hour(edited: Prunable) -> None:
    scratch = next((edited.state / "artifacts" / edited.tenant).glob("??")) / ".new-x"
    scratch.write_bytes(b"half")
    assert counts(edited.prune(days=0)) == {}
    assert counts(edited.prune(days=0.1)) == {"scratch": 1}
    assert not scratch.exists()


@pytest.mark.parametrize("setting", ["artifacts_days: soon", "artifact_days: 3"])
def test_a_tenant_whose_settings_are_wrong_is_left_alone_and_told(edited: Prunable, setting: str) -> None:
    before = edited.everything()
    with_retention(edited, setting)
    (problem,) = edited.prune().problems
    assert "retention" in problem
    assert edited.everything() == before


def test_a_bucket_that_refuses_is_told_and_the_rest_is_done_the_next_time(edited: Prunable) -> None:
    refused = {"vendor": "s3", "method": "DELETE", "every": 1, "kind": "403", "code": "AccessDenied"}
    with edited.sandbox.faults(refused):
        (one,) = edited.prune().tenants
    assert "s3:DeleteObject" in one.problem
    assert one.removed["tracks"].count == 1
    assert "uploads" not in one.removed
    assert counts(edited.prune()) == {"uploads": 4}
