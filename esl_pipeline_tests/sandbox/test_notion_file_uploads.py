"""The sandbox's file uploads: as strict as Notion about types, sizes, order and the hour."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from urllib3 import encode_multipart_formdata
from werkzeug.test import Client, TestResponse

from esl_pipeline.sandbox.notion.workspace import Workspace
from esl_pipeline.sandbox.viewer import make_viewer
from esl_pipeline_tests.sandbox.notion_asker import HEADERS, Asker

MP3 = {"filename": "lesson.mp3", "content_type": "audio/mpeg"}
MIB = 1 << 20


class NothingLogged:
    """A log without requests."""

    def entries(self) -> list[Any]:
        return []


@pytest.fixture
def paid(notion: Asker) -> Asker:
    notion.workspace.uploads.largest_file_bytes = 5 << 30
    return notion


def send(
    notion: Asker,
    upload_id: str,
    content: bytes,
    part: int | None = None,
    name: str = "a.mp3",
    kind: str = "audio/mpeg",
) -> TestResponse:
    form: dict[str, Any] = {"file": (name, content, kind)}
    if part is not None:
        form["part_number"] = str(part)
    body, form_type = encode_multipart_formdata(form)
    path = f"/v1/file_uploads/{upload_id}/send"
    return Client(notion.workspace.app).post(path, data=body, content_type=form_type, headers=HEADERS)


def sent(notion: Asker, content: bytes = b"sound") -> str:
    """A file that was uploaded."""
    upload_id: str = notion("POST", "file_uploads", MP3)["id"]
    assert send(notion, upload_id, content).status_code == 200
    return upload_id


def attach(notion: Asker, upload_id: str) -> dict[str, Any]:
    block = {"type": "audio", "audio": {"type": "file_upload", "file_upload": {"id": upload_id}}}
    return notion.append(notion.page(), block)[0]


def recorded(shared: Path, name: str) -> Iterator[dict[str, Any]]:
    for exchange in yaml.safe_load((shared / "recorded" / "notion" / f"{name}.yaml").read_text())["interactions"]:
        response = exchange["response"]
        yield json.loads((response.get("content") or response["body"])["string"])


def test_answers_have_the_members_that_notions_have(shared: Path, notion: Asker) -> None:
    created, uploaded = list(recorded(shared, "test_file_uploads_send"))
    begun = notion("POST", "file_uploads", {"filename": "test_file_small.txt", "content_type": "text/plain"})
    answer = send(notion, begun["id"], b"This is test file content", name="test_file_small.txt", kind="text/plain")
    assert begun.keys() == created.keys() - {"archived"}
    assert answer.get_json().keys() == uploaded.keys() - {"archived"}
    for member in ("object", "status", "filename", "content_type", "content_length"):
        assert answer.get_json()[member] == uploaded[member]
        assert begun[member] == created[member]


def test_a_file_is_attached_and_played_at_an_address_that_ends(notion: Asker) -> None:
    upload_id = sent(notion, bytes(range(256)))
    audio = attach(notion, upload_id)["audio"]
    assert audio["type"] == "file"
    assert audio["file"].keys() == {"url", "expiry_time"}
    assert notion("GET", f"file_uploads/{upload_id}")["expiry_time"] is None
    viewer = Client(make_viewer(notion.workspace, NothingLogged()))
    path = audio["file"]["url"].removeprefix("http://127.0.0.1:8770")
    with viewer.get(path) as played, viewer.get(path, headers={"Range": "bytes=10-19"}) as part:
        assert (played.status_code, played.mimetype, played.data) == (200, "audio/mpeg", bytes(range(256)))
        assert (part.status_code, part.data) == (206, bytes(range(10, 20)))
    assert viewer.get(path.replace("signature=", "signature=0")).status_code == 403
    assert viewer.get(path.replace("ends=", "ends=9")).status_code == 403


def test_an_upload_ends_after_an_hour_and_an_attached_one_never(notion: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, kept = sent(notion), sent(notion)
    attach(notion, kept)

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + timedelta(minutes=61)

    monkeypatch.setattr("esl_pipeline.sandbox.notion.file_uploads.datetime", Later)
    assert notion("GET", f"file_uploads/{waiting}")["status"] == "expired"
    assert notion("GET", f"file_uploads/{kept}")["status"] == "uploaded"
    attach(notion, kept)
    body = {"children": [{"audio": {"file_upload": {"id": waiting}}}]}
    assert "expired" in notion.refusal("PATCH", f"blocks/{notion.page()}/children", body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"filename": "a.vtt", "content_type": "text/vtt"}, "not supported"),
        ({"filename": "a.md"}, "not supported"),
        ({"filename": "a.lrc", "content_type": "text/plain"}, "not supported"),
        ({"filename": "a.mp3", "content_type": "audio/x-mp3"}, "not supported"),
        ({"filename": "a.mp3", "content_type": "text/plain"}, "does not match"),
        ({"filename": "ä" * 450 + ".mp3"}, "900 bytes"),
        ({"mode": "multi_part", **MP3}, "number_of_parts"),
        ({"mode": "multi_part", **MP3, "number_of_parts": 10_001}, "10000"),
        ({"mode": "other"}, "single_part"),
    ],
)
def test_what_notion_does_not_take_is_refused_at_once(notion: Asker, body: dict[str, Any], words: str) -> None:
    assert words in notion.refusal("POST", "file_uploads", body)


def test_a_file_is_sent_once_and_within_the_plans_limit(notion: Asker) -> None:
    upload_id = sent(notion)
    assert "pending" in send(notion, upload_id, b"again").get_json()["message"]
    large = notion("POST", "file_uploads", MP3)["id"]
    assert "plan" in send(notion, large, bytes(5 * MIB + 1)).get_json()["message"]
    other = notion("POST", "file_uploads", MP3)["id"]
    assert "does not match" in send(notion, other, b"x", name="a.wav", kind="audio/wav").get_json()["message"]
    body = {"children": [{"audio": {"file_upload": {"id": other}}}]}
    assert "pending" in notion.refusal("PATCH", f"blocks/{notion.page()}/children", body)


def test_a_large_file_is_sent_in_parts_in_any_order_and_completed(paid: Asker) -> None:
    begun = paid("POST", "file_uploads", {"mode": "multi_part", **MP3, "number_of_parts": 3})
    upload_id = begun["id"]
    assert "complete_url" in begun
    pieces = {1: b"a" * 5 * MIB, 2: b"b" * 5 * MIB, 3: b"c"}
    for number in (3, 1):
        assert send(paid, upload_id, pieces[number], number).status_code == 200
    assert paid("GET", f"file_uploads/{upload_id}")["number_of_parts"] == {"total": 3, "sent": 2}
    assert "parts 2 were" in paid.refusal("POST", f"file_uploads/{upload_id}/complete")
    assert "part_number" in send(paid, upload_id, b"x", 4).get_json()["message"]
    assert "part_number" in send(paid, upload_id, b"x").get_json()["message"]
    assert send(paid, upload_id, bytes(20 * MIB + 1), 2).status_code in (400, 413)
    assert send(paid, upload_id, pieces[2], 2).status_code == 200
    done = paid("POST", f"file_uploads/{upload_id}/complete")
    assert (done["status"], done["content_length"]) == ("uploaded", 10 * MIB + 1)
    assert attach(paid, upload_id)["audio"]["type"] == "file"


def test_a_small_part_in_the_middle_is_refused(paid: Asker) -> None:
    upload_id = paid("POST", "file_uploads", {"mode": "multi_part", **MP3, "number_of_parts": 2})["id"]
    for number in (1, 2):
        send(paid, upload_id, b"small", number)
    assert "only the last" in paid.refusal("POST", f"file_uploads/{upload_id}/complete")


def test_uploads_are_listed_by_status_and_page_by_page(notion: Asker) -> None:
    begun = [notion("POST", "file_uploads", MP3)["id"] for _ in range(3)]
    uploaded = sent(notion)
    assert [one["id"] for one in notion("GET", "file_uploads?status=uploaded")["results"]] == [uploaded]
    first = notion("GET", "file_uploads?status=pending&page_size=2")
    second = notion("GET", f"file_uploads?status=pending&page_size=2&start_cursor={first['next_cursor']}")
    assert (first["has_more"], second["has_more"], first["type"]) == (True, False, "file_upload")
    assert {one["id"] for one in (*first["results"], *second["results"])} == {*begun}
    assert "status" in notion.refusal("GET", "file_uploads?status=odd")


def test_files_outlive_the_program(tmp_path: Path) -> None:
    first = Workspace(tmp_path, "http://127.0.0.1:8770")
    upload_id = sent(Asker(first))
    first.close()
    second = Workspace(tmp_path, "http://127.0.0.1:8770")
    audio = attach(Asker(second), upload_id)["audio"]
    second.close()
    path = audio["file"]["url"].removeprefix("http://127.0.0.1:8770")
    with Client(make_viewer(second, NothingLogged())).get(path) as played:
        assert played.data == b"sound"
