"""A tenant's run, whatever its lesson, manifest or settings say, reaches nothing of another tenant and no address."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from esl_pipeline.lessons import read_lesson
from esl_pipeline.manifests import SlugError, read_tenant_file
from esl_pipeline.manifests.settings import StorageSettings
from esl_pipeline.stages.asking import AskingError, manifest_file
from esl_pipeline.stages.inbox import InboxEntry, TenantFiles, entries_of, read_content
from esl_pipeline.stages.inbox_folder import FolderInbox
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stages.upload_audio import folder_of_assignment
from esl_pipeline_tests.sandboxed import Sandboxed, succeeded
from esl_pipeline_tests.stages.speech_stage import publication, short, speak


@pytest.fixture
def inner_server() -> Iterator[tuple[int, list[str]]]:
    """A server that only this machine should reach: its port, and the requests that it got."""
    seen: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815 names of the library's

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1], seen
        server.shutdown()
        thread.join()


def test_the_addresses_in_a_lesson_are_asked_by_nobody_here(
    sandbox: Sandboxed, four_turns: str, assignment: str, inner_server: tuple[int, list[str]]
) -> None:
    port, seen = inner_server
    inner = [f"http://127.0.0.1:{port}", f"http://localhost:{port}", f"http://[::ffff:127.0.0.1]:{port}"]
    elsewhere = ["http://169.254.169.254/latest/meta-data", "http://metadata.google.internal", "http://10.0.0.1"]
    addresses = [f"{base}/{number}" for number, base in enumerate((*inner, *elsewhere))]
    players = "\n\n".join(
        f":::audio {one}/a.mp3\n\n:::video {one}/v.mp4\n\n![p]({one}/p.png) [l]({one}/l)" for one in addresses
    )
    lesson = short(four_turns, assignment).replace("level: B1\n", f"level: B1\ncover: {addresses[0]}/cover.png\n")
    first_heading = lesson.index("\n## 2.")
    lesson = f"{lesson[:first_heading]}\n\n{players}\n\n[f](file:///etc/passwd)\n{lesson[first_heading:]}"
    with sandbox.watched("notion") as asked:
        succeeded(sandbox.publish(lesson, tenant=assignment))
    assert len(asked) > 2
    assert seen == []


def test_settings_name_no_address_that_is_fetched(
    sandbox: Sandboxed, four_turns: str, assignment: str, inner_server: tuple[int, list[str]]
) -> None:
    port, seen = inner_server
    inner = f"http://127.0.0.1:{port}"
    sandbox.publish(
        short(four_turns, assignment), tenant=assignment, overrides=(f"storage.public_base_url={inner}/media",)
    )
    with pytest.raises(AskingError):
        speak(sandbox, short(four_turns, assignment), assignment, "two", f"audio.cover={inner}/cover.png")
    assert seen == []


@pytest.mark.parametrize(
    "lesson",
    ["../{other}/secret.md", "{folder}/{other}/secret.md", "x/../../{other}/secret.md", "file:///{other}/secret.md"],
)
def test_a_manifest_does_not_get_another_tenants_lesson(tmp_path: Path, sandbox: Sandboxed, lesson: str) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "secret.md").write_text("for another tenant")
    (tmp_path / "mine").mkdir()
    manifest = tmp_path / "mine" / "one.yaml"
    manifest.write_text(f"schema_version: 2\nlesson: {lesson.format(other='other', folder=tmp_path)}\n")
    job = sandbox.pipeline().open_job("mine", "one", manifest_file(manifest), JobOptions())
    assert "M-LESSON" in [problem.rule for problem in job.understood.problems]
    assert job.understood.reading.lesson_text is None


@pytest.mark.parametrize("link", ["one.md", "folder"])
def test_a_link_in_the_inbox_does_not_lead_to_another_tenants_lesson(
    tmp_path: Path, sandbox: Sandboxed, link: str
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "one.md").write_text("for another tenant")
    (tmp_path / "mine").mkdir()
    target = tmp_path / "other" / "one.md" if link == "one.md" else tmp_path / "other"
    (tmp_path / "mine" / link).symlink_to(target)
    manifest = tmp_path / "mine" / "one.yaml"
    manifest.write_text(f"schema_version: 2\nlesson: {'one.md' if link == 'one.md' else 'folder/one.md'}\n")
    job = sandbox.pipeline().open_job("mine", "one", manifest_file(manifest), JobOptions())
    assert job.understood.reading.lesson_text is None
    assert any("outside" in problem.message for problem in job.understood.problems)


def test_a_lesson_in_the_inbox_is_no_link_to_another_tenants(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "one.md").write_text("for another tenant")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "one.md").symlink_to(tmp_path / "other" / "one.md")
    with pytest.raises(AskingError, match="leads outside"):
        FolderInbox(tmp_path).find("mine", "one")
    with pytest.raises(AskingError, match="leads outside"):
        FolderInbox(tmp_path).manifest("mine/one.md")
    contents = [
        read_content(FolderInbox(tmp_path), entry)
        for found in FolderInbox(tmp_path).tenants()
        if isinstance(found, TenantFiles)
        for entry in entries_of(found)
        if isinstance(entry, InboxEntry)
    ]
    assert len({content.sha256 for content in contents}) == 2


@pytest.mark.parametrize("cover", ["../one.yaml", "/etc/passwd", "x/../../one.png", "file:///etc/passwd"])
def test_a_cover_is_no_file_outside_of_its_folder(
    sandbox: Sandboxed, four_turns: str, assignment: str, cover: str
) -> None:
    job = sandbox.pipeline().open_job(
        assignment,
        "one",
        manifest_file(sandbox.write(short(four_turns, assignment), assignment)),
        JobOptions(overrides=(f"audio.cover={cover}",)),
    )
    assert [problem.rule for problem in job.understood.problems] == ["S-VALUE"]


def test_no_run_has_anothers_speech_settings_or_publication(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    lesson, other = short(four_turns, assignment), f"{assignment}-2"
    (sandbox.home / "tenants").mkdir(exist_ok=True)
    (sandbox.home / "tenants" / f"{assignment}.yaml").write_text(
        "schema_version: 2\nsettings:\n  audio:\n    album: Mine alone\n"
    )
    mine = succeeded(sandbox.publish(lesson, "one", tenant=assignment))
    theirs = succeeded(sandbox.publish(lesson, "one", tenant=other))
    assert theirs.page.id != mine.page.id
    assert theirs.audio.characters_billed == mine.audio.characters_billed > 0
    assert "Mine alone" not in json.dumps(publication(sandbox, other, "one").model_dump(mode="json"))
    job = sandbox.pipeline().open_job(other, "one")
    assert job.context.settings.audio.album != "Mine alone"
    artifacts, speech = sandbox.pipeline().providers.artifacts, publication(sandbox, assignment, "one").speech
    assert speech is not None
    for segment in speech.segments:
        assert artifacts.locate(assignment, segment.sha256, ".wav") != artifacts.locate(other, segment.sha256, ".wav")


@pytest.mark.parametrize("prefix", ["a/", "a//b", "..a/b..", "a/ .. /b"])
def test_whatever_the_prefix_a_key_ends_in_the_tenants_own_place(prefix: str) -> None:
    settings = StorageSettings(prefix=prefix)
    assert folder_of_assignment(settings.prefix, "mine/one").endswith("/mine/one")


@pytest.mark.parametrize(
    ("tenant", "assignment"), [("../b", "one"), ("a", "../../b/one"), ("A", "one"), ("a", "о"), ("nul", "x")]
)
def test_no_job_is_opened_under_a_hostile_name(sandbox: Sandboxed, tenant: str, assignment: str) -> None:
    with pytest.raises(SlugError):
        sandbox.pipeline().open_job(tenant, assignment)


def test_bombs_are_refused_in_moments_wherever_yaml_is_read(four_turns: str) -> None:
    rows = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    rows += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    bomb = "\n".join(rows)
    _, problems = read_tenant_file(f"schema_version: 2\nsettings:\n  x: 1\n{bomb}\n", file="a.yaml")
    assert "M-LIMIT" in [problem.rule for problem in problems]
    reading = read_lesson(four_turns.replace("level: B1\n", f"level: B1\n{bomb}\n"))
    assert reading.lesson is None
    assert reading.problems


def test_what_is_too_large_is_refused_before_anything_is_sent(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    line = four_turns[four_turns.index("Nora: ") :].partition("\n")[0]
    long = four_turns.replace(line, line + " and on we go" * 9_000)
    with sandbox.watched() as seen:
        record = sandbox.publish(long, tenant=assignment)
    assert (record.status, record.problems[0].rule) == ("rejected", "V-ST6")
    with sandbox.watched() as seen_too, pytest.raises(AskingError, match="1,000,000 bytes"):
        sandbox.publish(four_turns + " " * 1_000_000, tenant=assignment)
    assert seen == seen_too == []
    assert Stage.MANIFEST.value in [stage.stage for stage in record.stages]
