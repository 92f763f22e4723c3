"""Runs the speech stage alone, as a run of its own would, and looks at what it spent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import requests

from esl_pipeline.clients.surroundings import MachineClock
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.job import Job, JobOptions
from esl_pipeline.stages.outcome import StageOutcome
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stores.file_journal import FileJournal
from esl_pipeline.stores.journal_usage import JournalUsageStore
from esl_pipeline.stores.publication import Publication
from esl_pipeline.stores.usage import UsageEntry, month_of
from esl_pipeline_tests.sandboxed import Sandboxed

LINES = (
    "I have packed the lamps and the big mirror for tomorrow.",
    "Then let me finish the kitchen while you label the boxes.",
    "That is a good plan for such a long and busy evening.",
    "Call them now, before they close their office at six.",
)

BRIEF_LINES = ("A good plan.", "Call them now.", "Why not?", "I see.")


class Hurried(MachineClock):
    """A clock that only notes how long it should wait."""

    def __init__(self) -> None:
        self.waited_s: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waited_s.append(seconds)


def short(lesson: str, own: str) -> str:
    """The lesson with four turns, a sentence each, with words that no other test has bought."""
    return _with_lines(lesson, own[2:8], LINES)


def brief(lesson: str, own: str) -> str:
    """The same with a word or two a turn, whose tracks are made in a third of the time."""
    return _with_lines(lesson, own[2:8], BRIEF_LINES)


def _with_lines(lesson: str, own: str, lines: Sequence[str]) -> str:
    said = iter(lines)
    return re.sub(r"(?m)^((?:Nora|Felix): ).*$", lambda match: f"{match[1]}{own}: {next(said)}", lesson)


def open_job(sandbox: Sandboxed, lesson: str, tenant: str, assignment: str = "lesson", **options: Any) -> Job:
    """Opens the job of a lesson."""
    providers = {name: options.pop(name) for name in ("clock",) if name in options}
    pipeline = sandbox.pipeline(**providers)
    asked = manifest_file(sandbox.write(lesson, f"{tenant}-{assignment}"))
    return pipeline.open_job(tenant, assignment, asked, JobOptions(**options))


def speak(
    sandbox: Sandboxed, lesson: str, tenant: str, assignment: str = "lesson", *overrides: str, **options: Any
) -> StageOutcome:
    """Runs the speech stage of a lesson."""
    providers = {name: options[name] for name in ("clock",) if name in options}
    job = open_job(sandbox, lesson, tenant, assignment, overrides=overrides, **options)
    return sandbox.pipeline(**providers).run_stage(Stage.SPEECH, job)


def publication(sandbox: Sandboxed, tenant: str, assignment: str = "lesson") -> Publication:
    """What the stages wrote down."""
    found = sandbox.pipeline().providers.publications.read(tenant, assignment)
    assert found is not None
    return found


def book(sandbox: Sandboxed, tenant: str) -> Sequence[UsageEntry]:
    """The tenant's account book of this month."""
    month = month_of(MachineClock().now())
    return JournalUsageStore(FileJournal(sandbox.environment.state)).lines(tenant, month)


def kinds(sandbox: Sandboxed, tenant: str) -> dict[str, int]:
    """How many lines of each kind there are."""
    lines = [line.kind for line in book(sandbox, tenant)]
    return {kind: lines.count(kind) for kind in dict.fromkeys(lines)}


def credits_used(sandbox: Sandboxed) -> int:
    """What the vendor says that the account has used."""
    url = f"{sandbox.at.elevenlabs_url}/v1/user/subscription"
    answer = requests.get(url, headers={"xi-api-key": "test"}, timeout=10)
    answer.raise_for_status()
    return int(answer.json()["character_count"])


def bought(seen: Sequence[dict[str, Any]]) -> int:
    """How many requests for speech were done."""
    return sum(
        entry["method"] == "POST" and "/v1/text-to-" in entry["path"] and entry["status"] == 200 for entry in seen
    )
