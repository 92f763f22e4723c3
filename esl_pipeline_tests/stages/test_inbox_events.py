"""Whatever happens to an inbox, no change is lost and nothing equal is asked for twice."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from esl_pipeline.stages import inbox_tick
from esl_pipeline.stages.inbox import InboxEntry, read_content
from esl_pipeline.stages.inbox_cursor import write_cursor
from esl_pipeline.stages.inbox_folder import FolderInbox
from esl_pipeline.stages.inbox_tick import Limits
from esl_pipeline_tests.stages.inboxes import Watched, entries_in, put

tenants = st.sampled_from(["school", "other"])
names = st.sampled_from(["a", "b"])
texts = st.sampled_from(["one", "two"])


class InboxEvents(RuleBasedStateMachine):
    """Teachers at work, and a sensor that dies from time to time."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.inbox = FolderInbox(self.home / "inbox")
        self.watched = Watched(self.inbox, limits=Limits(runs=2, swept=1))
        self.patched = pytest.MonkeyPatch()
        self.patched.setattr(inbox_tick, "OVERLAP_NS", 0)

    def teardown(self) -> None:
        """Looks until nothing is due, and compares what lies there with what was asked for last."""
        self.watched.stopped.clear()
        for _ in range(20):
            self.watched.tick()
        self.no_equal_content_is_asked_for_twice()
        contents = {
            f"{entry.tenant}/{entry.assignment}": read_content(self.inbox, entry).sha256[:16]
            for entry in entries_in(self.inbox)
            if isinstance(entry, InboxEntry)
        }
        last = dict(self.requests())
        assert {key: last.get(key) for key in contents} == contents
        shutil.rmtree(self.home)
        self.patched.undo()

    def requests(self) -> list[tuple[str, str]]:
        return [(key, sha256) for key, sha256, _, _ in (run.split(":") for run in self.watched.runs)]

    @invariant()
    def no_equal_content_is_asked_for_twice(self) -> None:
        last: dict[str, str] = {}
        for key, sha256 in self.requests():
            assert last.get(key) != sha256
            last[key] = sha256

    @rule(tenant=tenants, name=names, text=texts)
    def write(self, tenant: str, name: str, text: str) -> None:
        put(self.home / "inbox" / tenant / f"{name}.md", text)

    @rule(tenant=tenants, name=names, lesson=st.sampled_from(["below/x.md", "b.md", "none.md"]))
    def write_manifest(self, tenant: str, name: str, lesson: str) -> None:
        put(self.home / "inbox" / tenant / f"{name}.yaml", f"schema_version: 2\nlesson: {lesson}\n")

    @rule(tenant=tenants, text=texts)
    def write_below(self, tenant: str, text: str) -> None:
        put(self.home / "inbox" / tenant / "below" / "x.md", text)

    @rule(tenant=tenants, name=names, text=texts, moved=st.booleans())
    def bring_an_old_one(self, tenant: str, name: str, text: str, moved: bool) -> None:
        old, new = put(self.home / "old.md", text), self.home / "inbox" / tenant / f"{name}.md"
        os.utime(old, (1_000_000, 1_000_000))
        new.parent.mkdir(parents=True, exist_ok=True)
        old.replace(new) if moved else shutil.copy2(old, new)

    @rule(tenant=tenants, name=names, at=st.sampled_from([1, 2_000_000_000, 4_000_000_000]))
    def touch(self, tenant: str, name: str, at: int) -> None:
        if (path := self.home / "inbox" / tenant / f"{name}.md").exists():
            os.utime(path, (at, at))

    @rule(tenant=tenants, name=names, suffix=st.sampled_from([".md", ".yaml"]))
    def delete(self, tenant: str, name: str, suffix: str) -> None:
        (self.home / "inbox" / tenant / f"{name}{suffix}").unlink(missing_ok=True)

    @rule(tenant=tenants)
    def take_away_or_bring_back(self, tenant: str) -> None:
        here, away = self.home / "inbox" / tenant, self.home / f"{tenant}-away"
        here.mkdir(parents=True, exist_ok=True)
        if away.exists():
            shutil.rmtree(here)
            away.rename(here)
        else:
            here.rename(away)

    @rule(tenant=tenants)
    def suspend_or_resume(self, tenant: str) -> None:
        self.watched.stopped ^= {tenant}

    @rule()
    def tick(self) -> None:
        self.watched.tick()

    @rule(submitted=st.sampled_from([0, 1, 2]))
    def tick_that_dies(self, submitted: int) -> None:
        self.watched.submit(self.watched.look(), submitted)

    @rule(tenant=tenants, name=names, submitted=st.sampled_from([0, 2]))
    def tick_that_dies_between_a_change_and_its_end(self, tenant: str, name: str, submitted: int) -> None:
        self.write(tenant, name, "one")
        self.tick()
        self.write(tenant, name, "two")
        self.tick_that_dies(submitted)
        self.write(tenant, name, "one")

    @rule()
    def tick_beside_a_test_of_the_sensor(self) -> None:
        tick = self.watched.look()
        self.watched.look()
        self.watched.submit(tick)
        self.watched.cursor = write_cursor(tick.cursor)

    @precondition(lambda self: self.watched.cursor)
    @rule()
    def lose_the_cursor(self) -> None:
        self.watched.cursor = ""


@pytest.mark.slow
def test_whatever_happens_to_an_inbox_is_asked_for_once() -> None:
    run_state_machine_as_test(
        InboxEvents,
        settings=settings(
            max_examples=50,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
