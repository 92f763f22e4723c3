"""The files beside a track, from its making to the links under the player."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import av
import pytest

from esl_pipeline.audio import measure
from esl_pipeline.stages.hooks import MachineClock
from esl_pipeline.stages.job_record import JobRecord
from esl_pipeline.stores.publication import AudioPublication, Publication
from esl_pipeline_tests.sandboxed import Sandboxed, flat, succeeded, writes
from esl_pipeline_tests.stages.speech_stage import Hurried, brief

ALL = ("audio.slow_track=true", "audio.dictation_track=true")
LINKS = "Captions · Lyrics · Transcript"


@pytest.fixture
def lesson(four_turns: str, assignment: str) -> str:
    """Four turns of a word or two, of the test's own."""
    return brief(four_turns, assignment)


def publish(sandbox: Sandboxed, lesson: str, tenant: str, *overrides: str, **options: Any) -> JobRecord:
    return succeeded(sandbox.publish(lesson, "lesson", tenant=tenant, overrides=overrides, **options))


def publication(sandbox: Sandboxed, tenant: str) -> Publication:
    found = sandbox.pipeline().providers.publications.read(tenant, "lesson")
    assert found is not None
    return found


def audio(sandbox: Sandboxed, tenant: str) -> AudioPublication:
    found = publication(sandbox, tenant).audio
    assert found is not None
    return found


def content(sandbox: Sandboxed, tenant: str, kind: str) -> bytes:
    """What anybody reads at the link of a file."""
    upload = publication(sandbox, tenant).upload
    assert upload is not None
    (key,) = [file.key for file in upload.files if file.kind == kind]
    return sandbox.uploaded(f"{upload.bucket}/{key}")


def player(sandbox: Sandboxed, record: JobRecord) -> dict[str, Any]:
    (block,) = [tree for tree in flat(sandbox.tree(record.page.id or "")) if tree.type == "audio"]
    return block.block


def words_below(block: dict[str, Any]) -> str:
    return "".join(run["plain_text"] for run in block["audio"]["caption"])


def status(record: JobRecord, stage: str) -> str:
    return next(one.status for one in record.stages if one.stage == stage)


def test_every_file_is_made_uploaded_and_linked(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    record = publish(sandbox, lesson, assignment, *ALL)
    assert words_below(player(sandbox, record)) == f"{LINKS} · Slow · Dictation"
    lyrics, transcript = (content(sandbox, assignment, kind).decode() for kind in ("lyrics", "transcript"))
    assert "[ti:Homework: The Last Evening]" in lyrics
    assert transcript.startswith("# Homework: The Last Evening\n")
    for segment in record.audio.segments:
        assert segment.text in lyrics
        assert segment.text in transcript
    main, slow, dictation = (
        measure(io.BytesIO(sound)).samples
        for sound in (
            Path(record.audio.path or "").read_bytes(),
            content(sandbox, assignment, "slow"),
            content(sandbox, assignment, "dictation"),
        )
    )
    assert 1.1 < slow / main < 1.4
    assert dictation > 2.5 * main
    for kind, times in (("slow_captions", 1), ("dictation_captions", 2)):
        assert content(sandbox, assignment, kind).decode().count(record.audio.segments[0].text) == times
    with sandbox.watched() as seen:
        again = publish(sandbox, lesson, assignment, *ALL)
    assert writes(seen) == []
    assert {stage.status for stage in again.stages} == {"skipped"}


def test_turning_the_slow_track_off_removes_its_link_and_not_the_player(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    before = player(sandbox, publish(sandbox, lesson, assignment, "audio.slow_track=true", "audio.slow_speed=0.5"))
    assert words_below(before) == f"{LINKS} · Slow"
    with sandbox.watched("notion") as seen:
        after = player(sandbox, publish(sandbox, lesson, assignment))
    assert words_below(after) == LINKS
    assert (after["id"], after["audio"]["external"]) == (before["id"], before["audio"]["external"])
    assert writes(seen) == [f"PATCH /v1/blocks/{before['id']}"]


def test_a_caption_that_a_person_wrote_stays_when_the_files_change(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    before = player(sandbox, publish(sandbox, lesson, assignment))
    written = {"caption": [{"type": "text", "text": {"content": "Listen twice!"}}]}
    sandbox.notion("PATCH", f"blocks/{before['id']}", {"audio": written})
    record = publish(sandbox, lesson, assignment, "audio.dictation_track=true", "audio.pause_ms=900")
    after = player(sandbox, record)
    assert words_below(after) == "Listen twice!"
    assert after["audio"]["external"]["url"] == record.audio.url != before["audio"]["external"]["url"]


def test_links_of_the_older_form_are_replaced(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    before = player(sandbox, publish(sandbox, lesson, assignment))
    first = before["audio"]["caption"][:1]
    sandbox.notion(
        "PATCH", f"blocks/{before['id']}", {"audio": {"caption": [{"type": "text", "text": first[0]["text"]}]}}
    )
    assert words_below(player(sandbox, publish(sandbox, lesson, assignment))) == LINKS


def test_links_that_did_not_arrive_are_not_taken_for_written(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    publish(sandbox, lesson, assignment)
    more = ("audio.dictation_track=true",)
    with sandbox.faults({"vendor": "notion", "method": "PATCH", "nth": 1, "kind": "reset_before"}):
        lost = sandbox.publish(
            lesson, "lesson", tenant=assignment, overrides=more, pipeline=sandbox.pipeline(clock=Hurried())
        )
    assert lost.status == "unavailable"
    assert words_below(player(sandbox, lost)) == LINKS
    assert words_below(player(sandbox, publish(sandbox, lesson, assignment, *more))) == f"{LINKS} · Dictation"


@pytest.mark.parametrize("suffix", [".mp3", ".lrc"])
def test_a_file_that_vanished_is_made_again_the_same_to_the_byte(
    sandbox: Sandboxed, lesson: str, assignment: str, suffix: str
) -> None:
    publish(sandbox, lesson, assignment, "audio.dictation_track=true")
    before = audio(sandbox, assignment)
    files = {
        path: path.read_bytes() for path in (sandbox.environment.state / "artifacts" / assignment).rglob(f"*{suffix}")
    }
    for path in files:
        path.unlink()
    record = publish(sandbox, lesson, assignment, "audio.dictation_track=true")
    assert status(record, "merged_mp3") == "succeeded"
    assert status(record, "audio_upload") == "skipped"
    assert {path: path.read_bytes() for path in files} == files
    assert audio(sandbox, assignment) == before


class InYear(MachineClock):
    """The machine's clock in another year."""

    def __init__(self, year: int) -> None:
        self._year = year

    def now(self) -> datetime:
        """Returns this moment of that year."""
        return super().now().replace(year=self._year, day=1)


def tags(record: JobRecord) -> dict[str, str]:
    with av.open(record.audio.path or "") as container:
        return {name.lower(): value for name, value in container.metadata.items()}


def test_the_year_is_that_of_the_first_making(sandbox: Sandboxed, lesson: str, assignment: str) -> None:
    first = publish(sandbox, lesson, assignment, pipeline=sandbox.pipeline(clock=InYear(2031)))
    assert tags(first)["date"] == "2031"
    later = sandbox.pipeline(clock=InYear(2032))
    assert publish(sandbox, lesson, assignment, pipeline=later).audio.sha256 == first.audio.sha256
    edited = publish(sandbox, lesson, assignment, "audio.pause_ms=700", pipeline=later)
    assert tags(edited)["date"] == "2031"
    assert edited.audio.sha256 != first.audio.sha256


def test_the_tags_name_the_course_where_there_is_one_and_else_the_student(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    album = "audio.album=Evening class"
    assert tags(publish(sandbox, lesson, assignment, album))["artist"] == "Ada"
    course = lesson.replace("student: Ada", "student: Ada\nproperties:\n  Course: English at work")
    with_course = tags(sandbox.publish(course, "lesson", tenant=assignment, overrides=(album,)))
    assert (with_course["artist"], with_course["album"]) == ("English at work", "Evening class")


def test_words_are_timed_in_captions_and_lyrics_where_that_is_asked_for(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    publish(sandbox, lesson, assignment, "speech.word_captions=true")
    upload = publication(sandbox, assignment).upload
    assert upload is not None
    captions = sandbox.uploaded(f"{upload.bucket}/{upload.captions_key}").decode()
    assert captions.count("<00:") >= 4 * 2
    assert content(sandbox, assignment, "lyrics").decode().count("<00:") >= 4 * 2


def test_operators_see_each_file_and_how_evenly_the_speakers_are_heard(
    sandbox: Sandboxed, lesson: str, assignment: str
) -> None:
    record = publish(sandbox, lesson, assignment, "audio.dictation_track=true")
    metrics = next(stage.metrics for stage in record.stages if stage.stage == "merged_mp3")
    assert [file["file"] for file in metrics["audio/files"]] == [
        "track",
        "captions",
        "lyrics",
        "transcript",
        "dictation",
        "dictation_captions",
    ]
    assert set(metrics["audio/loudness_by_speaker_lufs"]) == {"Nora", "Felix"}
    assert metrics["audio/speaker_spread_lu"] < 1
