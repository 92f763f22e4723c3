"""Signed addresses on the page: renewed before they end, kept out of all else, and a person's edits stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from esl_pipeline.stages.audio_source import signature_of, unsigned
from esl_pipeline.stages.resign_audio import resign_audio
from esl_pipeline.stages.stage import Stage
from esl_pipeline_tests.sandboxed import Sandboxed, writes
from esl_pipeline_tests.stages.publishing import (
    NOTION,
    OWN_FILE,
    PRESIGNED,
    PUBLIC,
    TENANT,
    Later,
    content,
    links,
    player,
    publication,
    publish,
)

SETTINGS = "schema_version: 2\nsettings:\n  storage:\n    publishing: presigned\n    presigned_days: 2\n"


@pytest.fixture
def presigned(sandbox: Sandboxed) -> Iterator[Sandboxed]:
    """A sandbox whose tenant publishes signed addresses for two days."""
    tenants = sandbox.environment.tenants
    tenants.mkdir(exist_ok=True)
    (tenants / f"{TENANT}.yaml").write_text(SETTINGS)
    yield sandbox
    (tenants / f"{TENANT}.yaml").unlink()


def test_player_and_links_are_signed_and_only_the_page_has_the_signature(
    presigned: Sandboxed, four_turns: str, assignment: str
) -> None:
    record = publish(presigned, four_turns, assignment)
    there = content(presigned, record)
    addresses = [there["external"]["url"], *links(there)]
    assert len(addresses) == 4
    for address in addresses:
        signature = signature_of(address)
        assert signature is not None
        assert signature.until - signature.at == timedelta(days=2)
    known = publication(presigned, assignment)
    assert known.upload is not None
    assert known.attachment is not None
    assert known.upload.url == known.attachment.url == unsigned(addresses[0]) == record.audio.url
    assert known.attachment.signed_until == signature_of(addresses[0]).until  # type: ignore[union-attr]
    for written in (known.model_dump_json(), record.model_dump_json()):
        assert "x-amz" not in written.lower()
    stored = [path for path in presigned.environment.state.rglob("*") if path.is_file()]
    assert len(stored) > 10
    assert [path for path in stored if b"x-amz-signature" in path.read_bytes().lower()] == []


def test_what_is_good_for_long_enough_is_not_signed_again(
    presigned: Sandboxed, four_turns: str, assignment: str
) -> None:
    publish(presigned, four_turns, assignment)
    with presigned.watched() as seen:
        record = publish(presigned, four_turns, assignment, ahead=timedelta(hours=35))
    assert writes(seen) == []
    assert {stage.status for stage in record.stages if stage.stage != Stage.MANIFEST.value} == {"skipped"}


def test_a_run_renews_what_has_less_than_a_quarter_of_its_life_left(
    presigned: Sandboxed, four_turns: str, assignment: str
) -> None:
    before = content(presigned, publish(presigned, four_turns, assignment))
    with presigned.watched() as seen:
        record = publish(presigned, four_turns, assignment, ahead=timedelta(hours=37))
    assert writes(seen) == [f"PATCH /v1/blocks/{player(presigned, record).id}"]
    # Boto3 signs by the machine's own clock, so that the new signature may be of the same second.
    assert unsigned(content(presigned, record)["external"]["url"]) == unsigned(before["external"]["url"])
    assert [stage.reason for stage in record.stages if stage.stage == Stage.ATTACH.value] == [
        "the audio block has the new signature"
    ]


def test_the_job_signs_due_pages_anew_with_one_write_each_and_leaves_the_others(
    presigned: Sandboxed, four_turns: str, assignment: str
) -> None:
    record = publish(presigned, four_turns, assignment)
    resign_audio(presigned.pipeline(), TENANT)  # what other tests left
    assert resign_audio(presigned.pipeline(), TENANT).renewed == 0
    for number in range(3):
        publish(presigned, four_turns, f"{assignment}-{number}")
    later = presigned.pipeline(clock=Later(timedelta(hours=36)))
    with presigned.watched() as seen:
        done = resign_audio(later, TENANT, most=2)
    assert (done.renewed, done.problems) == (2, ())
    assert done.left == done.due - 2 >= 2
    assert [write.split("/")[0] for write in writes(seen)] == ["PATCH "] * 2
    assert publication(presigned, assignment).attachment.block_id == player(presigned, record).id  # type: ignore[union-attr]


def test_one_page_that_fails_does_not_stop_the_others(presigned: Sandboxed, four_turns: str, assignment: str) -> None:
    records = [publish(presigned, four_turns, f"{assignment}-{number}") for number in range(2)]
    first = player(presigned, records[0]).id
    later = presigned.pipeline(clock=Later(timedelta(hours=36)))
    rule = {"vendor": "notion", "method": "PATCH", "path": first, "kind": "400", "times": 9}
    with presigned.faults(rule):
        done = resign_audio(later, TENANT)
    assert done.renewed == done.due - 1
    assert [problem.partition(":")[0] for problem in done.problems] == [f"{TENANT}/{assignment}-0"]
    assert "x-amz" not in str(done.problems).lower()


def test_a_persons_caption_and_file_stay_and_a_deleted_player_stays_deleted(
    presigned: Sandboxed, four_turns: str, assignment: str
) -> None:
    captioned, replaced, deleted = (publish(presigned, four_turns, f"{assignment}-{number}") for number in range(3))
    words = [{"type": "text", "text": {"content": "Listen twice!"}}]
    presigned.edit(block_id=player(presigned, captioned).id, body={"audio": {"caption": words}})
    presigned.edit(block_id=player(presigned, replaced).id, body={"audio": {"external": {"url": OWN_FILE}}})
    presigned.edit(delete=player(presigned, deleted).id)
    later = presigned.pipeline(clock=Later(timedelta(hours=36)))
    assert resign_audio(later, TENANT).problems == ()
    assert player(presigned, captioned).text == "Listen twice!"
    assert signature_of(content(presigned, captioned)["external"]["url"])
    assert content(presigned, replaced)["external"]["url"] == OWN_FILE
    assert [block["type"] for block in presigned.children(deleted.page.id or "")].count("audio") == 0
    for kept in (1, 2):
        assert publication(presigned, f"{assignment}-{kept}").attachment.signed_until is None  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["503_committed", "timeout_after", "reset_after"])
def test_a_lost_answer_to_the_new_signature_is_settled_by_reading(
    presigned: Sandboxed, four_turns: str, assignment: str, kind: str
) -> None:
    record = publish(presigned, four_turns, assignment)
    block = player(presigned, record).id
    later = presigned.pipeline(clock=Later(timedelta(hours=36)))
    rule = {"vendor": "notion", "method": "PATCH", "path": block, "kind": kind, "slow_s": 0.1}
    with presigned.faults(rule), presigned.watched() as seen:
        done = later.rerun_assignment(TENANT, assignment, [Stage.ATTACH])
    assert done.status == "succeeded", done.model_dump_json(indent=2)
    assert len(writes(seen)) == 1
    assert player(presigned, record).id == block


def test_switching_replaces_the_source_in_place(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    record = publish(sandbox, four_turns, assignment)
    block = player(sandbox, record).id
    kinds = []
    for how in (PRESIGNED, PUBLIC, NOTION, PRESIGNED, NOTION, PUBLIC):
        publish(sandbox, four_turns, assignment, how)
        assert player(sandbox, record).id == block
        there = content(sandbox, record)
        signed = "external" in there and signature_of(there["external"]["url"]) is not None
        kinds.append((there["type"], signed, len(links(there))))
        with sandbox.watched() as seen:
            publish(sandbox, four_turns, assignment, how)
        assert writes(seen) == []
    presigned, public, notion = ("external", True, 3), ("external", False, 3), ("file", False, 0)
    assert kinds == [presigned, public, notion, presigned, notion, public]


@pytest.mark.parametrize(("before", "after"), [(PUBLIC, NOTION), (NOTION, PRESIGNED)])
def test_where_notion_refuses_another_kind_of_file_a_new_block_takes_the_old_ones_place(
    sandbox: Sandboxed, four_turns: str, assignment: str, before: str, after: str
) -> None:
    record = publish(sandbox, four_turns, assignment, before)
    block = player(sandbox, record).id
    with sandbox.faults({"vendor": "notion", "method": "PATCH", "path": f"{block}$", "kind": "400"}):
        publish(sandbox, four_turns, assignment, after)
    assert player(sandbox, record).id != block
    assert content(sandbox, record)["type"] == ("file" if after == NOTION else "external")


def test_signatures_are_read_as_they_are_written() -> None:
    found = signature_of("https://s3/a.mp3?X-Amz-Date=20261125T010000Z&X-Amz-Expires=86400&X-Amz-Signature=1")
    assert found is not None
    assert found.until == datetime(2026, 11, 26, 1, tzinfo=UTC)
    assert not found.is_ending(datetime(2026, 11, 25, 18, tzinfo=UTC))
    assert found.is_ending(datetime(2026, 11, 25, 20, tzinfo=UTC))
    for none in ("https://s3/a.mp3", "https://s3/a?X-Amz-Date=x&X-Amz-Expires=1", "https://s3/a?X-Amz-Expires=1"):
        assert signature_of(none) is None
