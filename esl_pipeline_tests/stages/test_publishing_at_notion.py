"""The track as a file at Notion: uploaded once, attached once, whatever happens on the way."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal, cast
from urllib.parse import urlsplit

import pytest
import requests

from esl_pipeline.clients import NotionClient
from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.no_bucket import NoBucket
from esl_pipeline.manifests.settings import Settings, SpeechSettings, StorageSettings
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.checks import audio_is_attached
from esl_pipeline.stages.context import create_context
from esl_pipeline.stages.default_vendors import DefaultVendors
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stages.job_record import JobRecord
from esl_pipeline.stages.notion_api import NotionApi
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stages.upload_to_notion import MIB, upload_to_notion
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.memory import MemoryArtifactStore, MemoryPublicationStore
from esl_pipeline.stores.publication import AudioPublication, Publication
from esl_pipeline_tests.killing import publish_and_die
from esl_pipeline_tests.sandboxed import Sandboxed, writes
from esl_pipeline_tests.stages.publishing import TENANT, Later, content, player, players, publication, publish
from esl_pipeline_tests.stages.speech_stage import short

UPLOADS = "/v1/file_uploads"
SETTINGS = "schema_version: 2\nsettings:\n  storage:\n    publishing: notion\n"


@pytest.fixture
def at_notion(sandbox: Sandboxed) -> Iterator[Sandboxed]:
    """A sandbox whose tenant keeps its sound at Notion."""
    tenants = sandbox.environment.tenants
    tenants.mkdir(exist_ok=True)
    (tenants / f"{TENANT}.yaml").write_text(SETTINGS)
    yield sandbox
    (tenants / f"{TENANT}.yaml").unlink()


def uploads(seen: list[dict[str, Any]]) -> list[str]:
    return [write for write in writes(seen) if UPLOADS in write]


def test_the_page_plays_the_track_and_s3_is_never_asked(at_notion: Sandboxed, four_turns: str, assignment: str) -> None:
    with at_notion.watched() as seen:
        record = publish(at_notion, four_turns, assignment)
    assert Counter(entry["vendor"] for entry in seen)["s3"] == 0
    there = content(at_notion, record)
    assert (there["type"], there["caption"]) == ("file", [])
    played = requests.get(there["file"]["url"], timeout=10)
    known = publication(at_notion, assignment)
    artifacts = at_notion.pipeline().providers.artifacts
    assert known.audio is not None
    assert played.content == artifacts.get(TENANT, known.audio.sha256, ".mp3")
    assert requests.get(there["file"]["url"], headers={"Range": "bytes=0-9"}, timeout=10).status_code == 206
    assert record.audio.url is None
    assert there["file"]["url"] not in known.model_dump_json()
    job = at_notion.pipeline().open_job(TENANT, assignment)
    assert audio_is_attached(at_notion.pipeline(), job).passed


def test_an_unchanged_track_is_not_uploaded_again_and_a_new_one_takes_its_place(
    at_notion: Sandboxed, four_turns: str, assignment: str
) -> None:
    record = publish(at_notion, four_turns, assignment)
    block = player(at_notion, record).id
    with at_notion.watched() as seen:
        publish(at_notion, four_turns, assignment, ahead=timedelta(days=30))
    assert writes(seen) == []
    with at_notion.watched() as seen:
        publish(at_notion, four_turns, assignment, "audio.pause_ms=900")
    assert [write.rpartition("/")[2] for write in uploads(seen)] == ["file_uploads", "send"]
    assert player(at_notion, record).id == block


@pytest.mark.parametrize(
    ("ahead", "sent"), [(timedelta(), 0), (timedelta(minutes=45), 0), (timedelta(minutes=55), 1), (timedelta(2), 1)]
)
def test_an_upload_that_was_not_attached_in_time_is_made_again(
    at_notion: Sandboxed, four_turns: str, assignment: str, ahead: timedelta, sent: int
) -> None:
    publish_without_player(at_notion, four_turns, assignment)
    later = at_notion.pipeline(clock=Later(ahead))
    with at_notion.watched() as seen:
        record = later.rerun_assignment(TENANT, assignment, [Stage.ATTACH])
    assert record.status == "succeeded", record.model_dump_json(indent=2)
    assert len(uploads(seen)) == 2 * sent
    assert content(at_notion, record)["type"] == "file"


def publish_without_player(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    """Publishes all but the player."""
    pipeline = sandbox.pipeline()
    asked = manifest_file(sandbox.write(short(lesson, assignment), assignment))
    job = pipeline.open_job(TENANT, assignment, asked)
    for stage in list(Stage)[:-1]:
        pipeline.run_stage(stage, job)


def test_a_persons_own_file_in_the_player_stays(at_notion: Sandboxed, four_turns: str, assignment: str) -> None:
    record = publish(at_notion, four_turns, assignment)
    own = publish(at_notion, four_turns, f"{assignment}-own")
    known = publication(at_notion, f"{assignment}-own").upload
    assert known is not None
    mine = {"audio": {"file_upload": {"id": known.url.removeprefix("notion-file:")}}}
    at_notion.edit(block_id=player(at_notion, record).id, body=mine)
    changed = publish(at_notion, four_turns, assignment, "audio.pause_ms=900")
    assert file_of(at_notion, record) == file_of(at_notion, own)
    assert [stage.reason for stage in changed.stages][-1] == "a person put another file into the audio block"
    publish(at_notion, four_turns, assignment, "audio.pause_ms=900", "notion.overwrite_edits=true")
    assert file_of(at_notion, record) != file_of(at_notion, own)


def test_a_persons_caption_stays_under_a_new_track(at_notion: Sandboxed, four_turns: str, assignment: str) -> None:
    record = publish(at_notion, four_turns, assignment)
    words = [{"type": "text", "text": {"content": "Listen twice!"}}]
    at_notion.edit(block_id=player(at_notion, record).id, body={"audio": {"caption": words}})
    before = file_of(at_notion, record)
    publish(at_notion, four_turns, assignment, "audio.pause_ms=900")
    assert player(at_notion, record).text == "Listen twice!"
    assert file_of(at_notion, record) != before


def file_of(sandbox: Sandboxed, record: JobRecord) -> str:
    """Names the file that the player plays."""
    return urlsplit(str(content(sandbox, record)["file"]["url"])).path


When = Literal["before", "after"]
WHENS: tuple[When, ...] = ("before", "after")
KILLS = [(nth, when) for nth in range(6, 10) for when in WHENS]


def test_these_are_the_requests_of_the_kills(at_notion: Sandboxed, four_turns: str, assignment: str) -> None:
    publish(at_notion, four_turns, f"{assignment}-first")
    with at_notion.watched("notion") as seen:
        publish(at_notion, four_turns, assignment)
    assert [entry["path"].rpartition("/")[2] for entry in seen][-3:] == ["file_uploads", "send", "children"]
    assert len(seen) == KILLS[-1][0]


@pytest.mark.parametrize(("nth", "when"), KILLS)
def test_a_first_publication_that_was_killed_gets_one_player(
    at_notion: Sandboxed, four_turns: str, assignment: str, nth: int, when: When
) -> None:
    lesson = at_notion.write(short(four_turns, assignment), assignment)
    publish_and_die(at_notion, lesson, assignment, tenant=TENANT, vendor="notion", nth=nth, when=when)
    record = publish(at_notion, four_turns, assignment)
    assert [block.block["audio"]["type"] for block in players(at_notion, record)] == ["file"]
    with at_notion.watched() as seen:
        publish(at_notion, four_turns, assignment)
    assert writes(seen) == []


@pytest.mark.parametrize(("path", "when"), [("send", "after"), ("/v1/blocks/", "before"), ("/v1/blocks/", "after")])
def test_a_new_track_whose_run_was_killed_takes_the_old_ones_place(
    at_notion: Sandboxed, four_turns: str, assignment: str, path: str, when: When
) -> None:
    record = publish(at_notion, four_turns, assignment)
    before, block = file_of(at_notion, record), player(at_notion, record).id
    settings = at_notion.environment.tenants / f"{TENANT}.yaml"
    settings.write_text(f"{SETTINGS}  audio:\n    pause_ms: 870\n")
    lesson = at_notion.write(short(four_turns, assignment), assignment)
    nth = order_of(at_notion, path, four_turns, f"{assignment}-counted")
    publish_and_die(at_notion, lesson, assignment, tenant=TENANT, vendor="notion", nth=nth, when=when)
    publish(at_notion, four_turns, assignment)
    assert player(at_notion, record).id == block
    assert file_of(at_notion, record) != before


def order_of(sandbox: Sandboxed, path: str, lesson: str, assignment: str) -> int:
    """Counts to the last write to a path in a run that puts a new track on the page."""
    publish(sandbox, lesson, assignment, "audio.pause_ms=500")
    with sandbox.watched("notion") as seen:
        publish(sandbox, lesson, assignment)
    found = [nth for nth, entry in enumerate(seen, 1) if path in entry["path"] and entry["method"] != "GET"]
    return found[-1]


@pytest.mark.parametrize("kind", ["503_committed", "timeout_after", "reset_after"])
@pytest.mark.parametrize("path", ["file_uploads$", "/send$", "/children$"])
def test_a_lost_answer_leaves_one_player(
    at_notion: Sandboxed, four_turns: str, assignment: str, path: str, kind: str
) -> None:
    rule = {"vendor": "notion", "path": path, "kind": kind, "with_ids": False, "slow_s": 0.1}
    with at_notion.faults(rule):
        first = at_notion.publish(short(four_turns, assignment), assignment, tenant=TENANT)
    record = publish(at_notion, four_turns, assignment)
    assert first.status in ("succeeded", "unavailable")
    assert len(players(at_notion, record)) == 1


class Pieces:
    """Notion of a paid plan, as far as it takes files; what it answers is the sandbox's own."""

    def __init__(self, most: int) -> None:
        self.most, self.requests_made = most, 0
        self.asked: list[tuple[str, int]] = []

    def retrieve_user(self) -> dict[str, Any]:
        return {"id": "bot", "bot": {"workspace_limits": {"max_file_upload_size_in_bytes": self.most}}}

    def create_file_upload(self, filename: str, content_type: str, parts: int = 1) -> dict[str, Any]:
        self.asked.append((f"create {filename}", parts))
        return {"id": "upload"}

    def send_file_upload(
        self, upload_id: str, content: bytes, *, filename: str, content_type: str, part: int | None = None
    ) -> dict[str, Any]:
        self.asked.append((f"send {part}", len(content)))
        return {"id": upload_id}

    def complete_file_upload(self, upload_id: str) -> dict[str, Any]:
        self.asked.append(("complete", 0))
        return {"id": upload_id}


def upload_of(size: int, most: int) -> Pieces:
    """Uploads a track of so many bytes."""
    content, notion = bytes(size), Pieces(most)
    sha256 = hashlib.sha256(content).hexdigest()
    artifacts, store = MemoryArtifactStore(), MemoryPublicationStore()
    artifacts.put("school", sha256, ".mp3", content)
    audio = AudioPublication(
        input_sha256="", sha256=sha256, captions_sha256="", samples=1, sample_rate_hz=1, duration_s=1,
        loudness_lufs=0, true_peak_dbtp=0,
    )  # fmt: skip

    def change(known: Publication) -> None:
        known.audio = audio

    store.update("school", "lesson", change)
    context = create_context(tenant="school", assignment="lesson", settings=Settings())
    upload_to_notion(context, Ledger(store, "school", "lesson"), artifacts, cast("NotionApi", notion))
    return notion


def test_up_to_20_mib_go_at_once_and_more_in_parts_of_10() -> None:
    assert upload_of(20 * MIB, 5 << 30).asked == [("create lesson.mp3", 1), ("send None", 20 * MIB)]
    assert upload_of(20 * MIB + 1, 5 << 30).asked == [
        ("create lesson.mp3", 3), ("send 1", 10 * MIB), ("send 2", 10 * MIB), ("send 3", 1), ("complete", 0),
    ]  # fmt: skip


def test_what_the_plan_does_not_take_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(RejectedError, match=r"5\.5 MiB; the workspace's plan allows 5 MiB") as refused:
        upload_of(5 * MIB + MIB // 2, 5 * MIB)
    assert "audio.bitrate_kbps" in refused.value.fix


def test_a_client_sends_parts_that_the_sandbox_puts_together(sandbox: Sandboxed) -> None:
    notion = NotionClient("ntn_sandbox", sandbox.at.notion_url)
    upload_id = notion.create_file_upload("lesson.mp3", "audio/mpeg", 2)["id"]
    for number, piece in enumerate((bytes(5 * MIB), b"end"), 1):
        notion.send_file_upload(upload_id, piece, filename="lesson.mp3", content_type="audio/mpeg", part=number)
    assert notion.retrieve_file_upload(upload_id)["number_of_parts"] == {"total": 2, "sent": 2}
    with pytest.raises(RejectedError, match="plan takes files of 5242880 bytes"):
        notion.complete_file_upload(upload_id)


def test_no_bucket_is_needed(sandbox: Sandboxed) -> None:
    variables = {"ESL_HOME": str(sandbox.home), "NOTION_TOKEN": "ntn_x", "ESL_SPEECH_ENGINE": "local"}
    environment = read_environment({**variables, "ESL_STORAGE_PUBLISHING": "notion"})
    settings = Settings(storage=StorageSettings(publishing="notion"), speech=SpeechSettings(engine="local"))
    objects = DefaultVendors(environment)("school", settings).objects
    assert isinstance(objects, NoBucket)
    assert (objects.bucket, list(objects.list("a"))) == ("", [])
    with pytest.raises(RejectedError, match="there is no bucket"):
        objects.sign("a", 1)
