from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from esl_pipeline.definitions import defs
from esl_pipeline.defs.partitions import add_assignments
from esl_pipeline.stores.publication import Publication
from esl_pipeline_tests.defs.pinned import ASSET_JOBS
from esl_pipeline_tests.sandboxed import Sandboxed, Tree, flat, writes
from esl_pipeline_tests.stages.speech_stage import brief

pytestmark = pytest.mark.xdist_group("jobs")

HEADINGS = ("heading_2", "heading_3")
B1, A1 = "yellow_background", "orange_background"


@dataclass(frozen=True)
class Published:
    """An assignment ``lesson`` of a tenant of its own, and an instance of Dagster that knows it."""

    sandbox: Sandboxed
    instance: dg.DagsterInstance
    tenant: str
    file: Path

    def run(self, job: str, **asking: Any) -> dg.ExecuteInProcessResult:
        """Runs a job for the assignment; with its own configuration where nothing is asked."""
        key = f"{self.tenant}/lesson"
        add_assignments(self.instance, [key])
        return defs.resolve_job_def(job).execute_in_process(
            instance=self.instance,
            partition_key=key,
            run_config={"resources": {"asking": {"config": asking}}} if asking else None,
            raise_on_error=False,
        )

    def settings(self, yaml: str) -> None:
        """Gives the tenant a document."""
        folder = self.sandbox.home / "tenants"
        folder.mkdir(exist_ok=True)
        (folder / f"{self.tenant}.yaml").write_text(f"schema_version: 2\nsettings:\n{yaml}", "utf-8")

    def publication(self) -> Publication:
        """What is recorded."""
        found = self.sandbox.pipeline().providers.publications.read(self.tenant, "lesson")
        assert found is not None
        return found

    def tree(self) -> list[Tree]:
        """The page."""
        page = self.publication().page
        assert page is not None
        return self.sandbox.tree(page.id or "")

    def headings(self) -> set[str]:
        """The colours of the headings of level 2."""
        return {one.block[one.type]["color"] for one in flat(self.tree()) if one.type == "heading_2"}


@pytest.fixture(scope="module")
def published_once(sandbox_server: Sandboxed, four_turns: str) -> Iterator[Published]:
    """Published once for all tests here, which leave page, player and files as they were."""
    sandbox, tenant = sandbox_server, "a-jobs-of-one-lesson"
    file = sandbox.write(brief(four_turns, tenant), tenant)
    with dg.DagsterInstance.ephemeral() as instance, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ESL_HOME", str(sandbox.home))
        patch.setenv("ESL_SANDBOX_PORT", str(sandbox.at.base_port))
        made = Published(sandbox, instance, tenant, file)
        assert made.run("publish_lesson", manifest_path=str(file)).success
        yield made


@pytest.fixture
def published(published_once: Published) -> Iterator[Published]:
    """The publication with the colours of the default."""
    if published_once.publication().chosen_preset:
        published_once.run("recolour", preset="as-settings")
    yield published_once
    published_once.settings("  {}\n")


def told(done: dg.ExecuteInProcessResult, name: str) -> dict[str, Any]:
    """A field of the metadata, by asset."""
    events = done.get_asset_materialization_events()
    values = {e.asset_key.to_user_string() if e.asset_key else "": e.materialization.metadata for e in events}
    return {asset: metadata[name].value for asset, metadata in values.items() if name in metadata}


def bought(seen: list[dict[str, Any]]) -> list[str]:
    """The requests for speech."""
    return [entry["path"] for entry in seen if "text-to-speech" in entry["path"]]


@pytest.mark.slow
def test_each_job_skips_what_is_unchanged_says_why_and_writes_nothing(published: Published) -> None:
    for job in ("republish_text", "recolour", "reupload", "reattach", "revoice"):
        with published.sandbox.watched() as seen:
            done = published.run(job)
        assert done.success
        assert (writes(seen), bought(seen)) == ([], []), job
        forced = {"audio_segments"} if job == "revoice" else {"validated_manifest"}
        expected = {asset for asset in ASSET_JOBS[job] if asset not in forced}
        assert {asset for asset, status in told(done, "stage/status").items() if status == "skipped"} >= expected, job
        assert told(done, "stage/reason").keys() >= expected, job
        assert told(done, "stage/status").keys() == {*ASSET_JOBS[job]}


@pytest.mark.slow
def test_a_recolour_changes_the_headings_alone_and_stays(published: Published) -> None:
    assert published.headings() == {B1}
    paragraph = next(block for block in flat(published.tree()) if block.type == "paragraph")
    edited = {"paragraph": {"rich_text": [{"text": {"content": "My answer"}}]}}
    published.sandbox.edit(block_id=paragraph.id, body=edited)
    with published.sandbox.watched() as seen:
        done = published.run("recolour", preset="a1-default")
    assert done.success
    assert {entry["vendor"] for entry in seen} == {"notion"}
    blocks = {block.id: block.type for block in flat(published.tree())}
    changed = [write.rpartition("/")[2] for write in writes(seen)]
    assert {blocks[block_id] for block_id in changed} <= {*HEADINGS, "toggle"}
    assert published.headings() == {A1}
    assert "My answer" in {block.text for block in flat(published.tree())}
    assert told(done, "notion/preset") == {"notion_page": "a1-default"}
    for job in ("publish_lesson", "recolour"):
        with published.sandbox.watched() as seen:
            again = published.run(job)
        assert writes(seen) == []
        assert told(again, "notion/preset") == {"notion_page": "a1-default"}


def test_a_recolour_is_told_in_the_audit_log_and_can_be_taken_back(published: Published) -> None:
    published.run("recolour", preset="a1-default")
    entries = list(published.sandbox.pipeline().providers.audit.entries(published.tenant))
    assert entries[-1].details["stands"]["chosen_preset"] == "a1-default"
    assert published.run("recolour", preset="as-settings").success
    assert published.headings() == {B1}
    assert published.publication().chosen_preset is None


def test_a_manifest_that_names_other_colours_later_wins(published: Published) -> None:
    published.run("recolour", preset="a1-default")
    manifest = published.file.with_suffix(".yaml")
    lines = f"schema_version: 2\nlesson: {published.file.name}\nsettings:\n  notion:\n    preset: b1-default\n"
    manifest.write_text(lines, "utf-8")
    assert published.run("publish_lesson", manifest_path=str(manifest)).success
    assert published.headings() == {B1}
    assert published.run("recolour").success
    assert published.headings() == {B1}
    assert published.run("republish_text", manifest_path=str(published.file)).success


def test_after_the_tenants_colours_changed_a_recolour_takes_them_over(published: Published) -> None:
    published.settings("  notion:\n    preset: a1-default\n")
    with published.sandbox.watched() as seen:
        assert published.run("recolour").success
    assert published.headings() == {A1}
    assert {entry["vendor"] for entry in seen} == {"notion"}
    assert published.publication().chosen_preset is None
    published.settings("  {}\n")
    assert published.run("recolour").success


def test_colours_that_there_are_not_are_refused_before_anything_is_sent(published: Published) -> None:
    with published.sandbox.watched() as seen:
        done = published.run("recolour", preset="a1-defualt")
    (failure,) = [event.step_failure_data for event in done.all_events if event.is_step_failure]
    assert failure.user_failure_data is not None
    assert "Did you mean 'a1-default'" in (failure.user_failure_data.description or "")
    assert seen == []
    assert published.publication().chosen_preset is None


@pytest.mark.slow
def test_a_new_voice_buys_the_turns_of_its_speaker_once(published: Published) -> None:
    speech = published.publication().speech
    assert speech is not None
    felix, nora = ({one.voice_name for one in speech.segments if one.speaker == who} for who in ("Felix", "Nora"))
    voices = published.sandbox.pipeline().vendors(published.sandbox.pipeline().open_job(published.tenant, "lesson"))
    other = next(voice["name"] for voice in voices.speech.list_voices() if voice["name"] not in felix | nora)
    published.settings(f"  speech:\n    voices: {{Felix: {other!r}}}\n")
    with published.sandbox.watched() as seen:
        done = published.run("revoice")
    assert done.success
    assert len(bought(seen)) == 2
    assert set(told(done, "stage/status").values()) == {"succeeded"}
    now = published.publication().speech
    assert now is not None
    assert {one.voice_name for one in now.segments if one.speaker == "Felix"} == {other}
    assert {one.voice_name for one in now.segments if one.speaker == "Nora"} == nora
    published.settings("  speech: {}\n")
    with published.sandbox.watched() as seen:
        assert published.run("revoice").success
    assert bought(seen) == []


def test_an_upload_that_is_gone_is_sent_again_and_the_page_is_left_alone(published: Published) -> None:
    upload = published.publication().upload
    assert upload is not None
    pipeline = published.sandbox.pipeline()
    pipeline.vendors(pipeline.open_job(published.tenant, "lesson")).objects.delete(upload.captions_key)
    with published.sandbox.watched() as seen:
        done = published.run("reupload")
    assert writes(seen) == [f"PUT /{upload.bucket}/{upload.captions_key}"]
    assert told(done, "stage/status") == {"audio_upload": "succeeded", "notion_audio": "skipped"}


def test_a_player_that_was_deleted_comes_back(published: Published) -> None:
    (audio,) = [block for block in flat(published.tree()) if block.type == "audio"]
    published.sandbox.edit(delete=audio.id)
    done = published.run("reattach")
    assert told(done, "stage/reason") == {"notion_audio": "the audio block had been deleted"}
    assert [block.type for block in flat(published.tree())].count("audio") == 1


def test_the_text_alone_is_republished(published: Published) -> None:
    words = published.file.read_text("utf-8").replace("listen once, answer part B", "listen once and answer part B")
    published.file.write_text(words, "utf-8")
    with published.sandbox.watched() as seen:
        done = published.run("republish_text", manifest_path=str(published.file))
    assert done.success
    assert {entry["vendor"] for entry in seen} == {"notion"}
    assert len(writes(seen)) == 1


def test_what_can_not_be_forced_is_refused_by_the_launchpad(published: Published) -> None:
    with pytest.raises(dg.DagsterInvalidConfigError, match="notion_pages"):
        published.run("republish_text", force=["notion_pages"])
    with published.sandbox.watched("notion") as seen:
        done = published.run("republish_text", force=["notion_page"])
    assert len(seen) > 3
    assert told(done, "stage/status")["notion_page"] in ("succeeded", "skipped")
