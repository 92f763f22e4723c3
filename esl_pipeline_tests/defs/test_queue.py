from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esl_pipeline.defs.partitions import tags_of_run
from esl_pipeline.defs.queue_order import DUE_TAG
from esl_pipeline_tests.defs.queued import Queue, queue

PLACES, OF_A_TENANT = 8, 4


@pytest.fixture
def waiting() -> Iterator[Queue]:
    with queue() as made:
        yield made


def queued_by(waiting: Queue, tenant: str, count: int) -> None:
    for number in range(count):
        waiting.submit(f"{tenant}/a{number}")


def test_a_tenant_with_many_runs_waiting_lets_another_s_one_go_first(waiting: Queue) -> None:
    queued_by(waiting, "big", 100)
    waiting.look()
    waiting.submit("small/one")
    waiting.look()
    assert waiting.launched == [*(f"big/a{number}" for number in range(OF_A_TENANT)), "small/one"]


def test_twenty_tenants_with_backlogs_go_in_turns_and_keep_no_other_waiting(waiting: Queue) -> None:
    for number in range(20):
        queued_by(waiting, f"t{number:02}", 3)
    for _ in range(7):
        waiting.look()
        waiting.end_all()
    assert waiting.launched[:20] == [f"t{number:02}/a0" for number in range(20)]
    waiting.submit("late/one")
    waiting.look()
    assert waiting.launched[7 * PLACES] == "late/one"


def test_a_backlog_goes_on_while_ever_new_tenants_come(waiting: Queue) -> None:
    queued_by(waiting, "old", 3)
    for moment in range(12):
        for number in range(PLACES):
            waiting.submit(f"new{moment}-{number}/one")
        waiting.look()
        waiting.end_all()
        waiting.wait(minutes=1)
    old = [at for at, key in enumerate(waiting.launched) if key.startswith("old/")]
    assert [waiting.launched[at] for at in old] == ["old/a0", "old/a1", "old/a2"]
    # The second was due after five minutes, the third after ten; others were first until then, and no longer.
    assert [at // PLACES for at in old] == [0, 5, 10]


def test_a_tenant_that_had_many_runs_pays_nothing_for_them_when_they_are_done(waiting: Queue) -> None:
    queued_by(waiting, "big", 10)
    waiting.drain()
    waiting.launched.clear()
    queued_by(waiting, "small", 6)
    queued_by(waiting, "big", 6)
    waiting.look()
    assert sorted(waiting.launched) == [f"{tenant}/a{n}" for tenant in ("big", "small") for n in range(OF_A_TENANT)]


def test_a_tenant_s_own_runs_keep_their_order(waiting: Queue) -> None:
    queued_by(waiting, "school", 3)
    waiting.wait(minutes=60)
    waiting.submit("school/later")
    waiting.drain()
    assert waiting.launched == ["school/a0", "school/a1", "school/a2", "school/later"]


def test_what_is_asked_of_an_assignment_is_done_in_that_order_whatever_goes_between(waiting: Queue) -> None:
    runs = [waiting.submit("school/one").run_id for _ in range(3)]
    waiting.submit("school/other")
    waiting.look()  # the other one goes, and leaves the assignment's own waiting
    runs += [waiting.submit("school/one").run_id for _ in range(3)]
    waiting.drain()
    started = sorted(runs, key=lambda run_id: waiting.order.index(run_id))
    assert started == runs


@settings(deadline=None, max_examples=10)
@given(moves=st.lists(st.sampled_from(["a", "b", "c", "look", "end"]), min_size=8, max_size=25))
def test_no_two_runs_of_an_assignment_change_places(moves: list[str]) -> None:
    with queue() as waiting:
        asked: dict[str, list[str]] = {}
        for move in moves:
            if move == "look":
                waiting.look()
            elif move == "end":
                waiting.end_all()
            else:
                asked.setdefault(move, []).append(waiting.submit(f"school/{move}").run_id)
        waiting.drain()
        for runs in asked.values():
            assert sorted(runs, key=waiting.order.index) == runs


def test_an_operator_s_priority_counts_and_stays(waiting: Queue) -> None:
    queued_by(waiting, "big", 10)
    run = waiting.submit("other/urgent", **{"dagster/priority": "1"})
    waiting.look()
    assert waiting.launched[0] == "other/urgent"
    assert DUE_TAG not in run.tags
    assert run.tags["dagster/priority"] == "1"


def test_a_run_that_is_run_again_is_due_anew(waiting: Queue) -> None:
    first = waiting.submit("school/again")
    waiting.drain()
    waiting.wait(minutes=90)
    second = waiting.submit("school/again", **first.tags)
    assert first.tags[DUE_TAG] == "2026-03-02T09:00:00+00:00"
    assert second.tags[DUE_TAG] == "2026-03-02T10:30:00+00:00"
    assert int(second.tags["dagster/priority"]) == int(first.tags["dagster/priority"]) - 90 * 60
    urgent = waiting.submit("school/again", **{**first.tags, "dagster/priority": "7"})
    assert urgent.tags["dagster/priority"] == "7"


def test_two_runs_of_one_assignment_never_work_at_once(waiting: Queue) -> None:
    for _ in range(2):
        waiting.submit("school/one")
    waiting.look()
    waiting.look()
    assert waiting.launched == ["school/one"]
    waiting.end_all()
    waiting.look()
    assert waiting.launched == ["school/one"] * 2


RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")


@pytest.mark.parametrize(
    ("tags", "named"),
    [
        ({"dagster/partition": "school/week-1"}, {"esl/tenant": "school", "esl/assignment": "week-1"}),
        (dict.fromkeys(RANGE, "school/week-1"), {"esl/tenant": "school", "esl/assignment": "week-1"}),
        (dict(zip(RANGE, ("school/week-1", "school/week-2"), strict=True)), {}),
        ({"dagster/partition": "2026-11"}, {}),
        ({"dagster/partition": "No Slug/x"}, {}),
        ({}, {}),
    ],
)
def test_every_run_is_tagged_with_what_it_is_for(waiting: Queue, tags: dict[str, str], named: dict[str, str]) -> None:
    run = waiting.submit(None, **tags)
    assert {key: value for key, value in run.tags.items() if key in ("esl/tenant", "esl/assignment")} == named


def test_a_run_that_reads_a_tenant_s_voices_has_the_tenant_s_tag() -> None:
    tags = {"dagster/partition": "school"}
    assert tags_of_run(dg.DagsterRun("sync_voices", tags=tags)) == {"esl/tenant": "school"}
    catalogue = frozenset({dg.AssetKey("voice_catalogue")})
    assert tags_of_run(dg.DagsterRun("__ASSET_JOB", tags=tags, asset_selection=catalogue)) == {"esl/tenant": "school"}
