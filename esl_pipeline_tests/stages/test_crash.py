from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest

from esl_pipeline.stages.job_record import JobRecord
from esl_pipeline.stores.publication import Publication
from esl_pipeline_tests.killing import publish_and_die
from esl_pipeline_tests.sandboxed import Sandboxed, flat, shape, succeeded
from esl_pipeline_tests.stages.speech_stage import Hurried, brief, credits_used

TENANT = "crash"
SETTINGS = "schema_version: 2\nsettings:\n  audio:\n    slow_track: true\n    dictation_track: true\n"
UNDISTURBED = "a-undisturbed"
REQUESTS = {"notion": 7, "elevenlabs": 10, "s3": 16}
"""What each vendor gets for the lesson of these tests: eight segments; a look and an upload for each of eight files."""
When = Literal["before", "after"]
BEFORE: dict[str, Sequence[int]] = {"notion": range(1, 8), "elevenlabs": (1, 2, 3, 10), "s3": (1,)}
AFTER: dict[str, Sequence[int]] = {"notion": range(1, 8), "elevenlabs": range(1, 11), "s3": (1, *range(2, 17, 2))}
"""Of S3 mostly the uploads: a look changes nothing, so after it is before the upload."""
KILLS: list[tuple[str, int, When]] = [
    *((vendor, nth, "before") for vendor, counted in BEFORE.items() for nth in counted),
    *((vendor, nth, "after") for vendor, counted in AFTER.items() for nth in counted),
]
FILES = {".wav": 8, ".mp3": 3, ".vtt": 3, ".lrc": 1, ".md": 1, ".manifest.json": 1}
"""What is stored of one publication; a track that is made again is the same to the byte, so there is no second one."""


@pytest.fixture(scope="module")
def undisturbed(sandbox_server: Sandboxed, four_turns: str) -> JobRecord:
    """The same lesson, published in peace, after a first one for which the key column is made and voices are listed."""
    tenants = sandbox_server.environment.tenants
    tenants.mkdir(exist_ok=True)
    (tenants / f"{TENANT}.yaml").write_text(SETTINGS)
    sandbox_server.publish(brief(four_turns, "a-first"), "first", tenant=TENANT)
    return succeeded(sandbox_server.publish(brief(four_turns, UNDISTURBED), "undisturbed", tenant=TENANT))


def test_these_are_all_the_requests_there_are(
    sandbox: Sandboxed, undisturbed: JobRecord, four_turns: str, assignment: str
) -> None:
    with sandbox.watched() as seen:
        succeeded(sandbox.publish(brief(four_turns, assignment), assignment, tenant=TENANT))
    assert Counter(entry["vendor"] for entry in seen) == REQUESTS


@pytest.mark.parametrize(("vendor", "nth", "when"), KILLS)
def test_a_publication_that_was_killed_is_completed_once(
    sandbox: Sandboxed,
    undisturbed: JobRecord,
    four_turns: str,
    assignment: str,
    vendor: str,
    nth: int,
    when: When,
) -> None:
    lesson = sandbox.write(brief(four_turns, assignment), assignment)
    spent, before = credits_used(sandbox), stored(sandbox)
    with sandbox.watched("s3") as seen:
        publish_and_die(sandbox, lesson, assignment, tenant=TENANT, vendor=vendor, nth=nth, when=when)
        kept = stored(sandbox)
        record = sandbox.publish(lesson, assignment, tenant=TENANT, pipeline=sandbox.pipeline(clock=Hurried()))
    assert record.status == "succeeded", record.model_dump_json(indent=2)
    assert_page_complete(sandbox, undisturbed, assignment)
    assert credits_used(sandbox) - spent == 2 * sum(len(segment.text) for segment in record.audio.segments)
    made = stored(sandbox)
    assert kept.items() <= made.items()
    new = Counter(name[64:] for name in made.keys() - before.keys())
    assert {suffix: new[suffix] for suffix in FILES} == FILES
    assert_uploaded_once(sandbox, seen, assignment)


def stored(sandbox: Sandboxed) -> dict[str, bytes]:
    """The tenant's artifacts by name; nothing half written is among them."""
    paths = [path for path in (sandbox.environment.state / "artifacts" / TENANT).rglob("*") if path.is_file()]
    assert not [path for path in paths if path.name.startswith(".new-")]
    return {path.name: path.read_bytes() for path in paths}


def publication(sandbox: Sandboxed, assignment: str) -> Publication:
    found = sandbox.pipeline().providers.publications.read(TENANT, assignment)
    assert found is not None
    return found


def assert_page_complete(sandbox: Sandboxed, undisturbed: JobRecord, assignment: str) -> None:
    (page,) = sandbox.pages(f"{TENANT}/{assignment}")
    tree = sandbox.tree(page["id"])
    (audio,) = [block for block in flat(tree) if block.type == "audio"]
    assert audio.text == "Captions · Lyrics · Transcript · Slow · Dictation"
    in_peace = sandbox.tree(undisturbed.page.id or "")
    assert alike(shape(tree), assignment) == alike(shape(in_peace), UNDISTURBED)


def alike(read: list[Any], own: str) -> list[Any]:
    """What a reader sees, but for what each test has of its own in its turns."""
    return [(kind, text.replace(own[2:8], ""), alike(inside, own)) for kind, text, inside in read]


def assert_uploaded_once(sandbox: Sandboxed, seen: list[dict[str, Any]], assignment: str) -> None:
    upload = publication(sandbox, assignment).upload
    assert upload is not None
    keys = [upload.key, upload.captions_key, *(file.key for file in upload.files)]
    puts = [entry["path"] for entry in seen if entry["method"] == "PUT"]
    assert sorted(puts) == sorted(f"/{upload.bucket}/{key}" for key in keys)
    artifacts, objects = stored(sandbox), upload.bucket
    for key in keys:
        (name,) = [name for name in artifacts if name.startswith(Path(key).stem) and name.endswith(Path(key).suffix)]
        assert sandbox.uploaded(f"{objects}/{key}") == artifacts[name]
