"""How many assignments a minute are possible at most, by what bounds them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from esl_pipeline_tests.load.scene import Setup
from esl_pipeline_tests.load.vendors import REQUESTS_PER_MINUTE
from esl_pipeline_tests.load.working import Measured

OWN_LAUNCHER, WARM_LAUNCHER = 20.0, 65.0
"""Runs of six empty assets a minute on two cores, four at a time, with Dagster's tables in Postgres."""
WITH_PGBOUNCER = 25 / 20
"""How many times as many with pgbouncer."""
PUBLISHING = ("workers", "postgres", "pgbouncer")
"""What a publication's processor time is spent in; that of daemon and code server hardly grows with the work."""
SPEECH_AT_A_TIME = 5
"""Requests that an ElevenLabs key of the sandbox may have under way."""


@dataclass(frozen=True)
class Bound:
    """One thing that bounds, and how it comes about."""

    name: str
    per_minute: float
    because: str


def bounds(measured: Measured, setup: Setup) -> list[Bound]:
    """Returns what bounds a load, the tightest first."""
    cores = os.cpu_count() or 1
    cpu_s = sum(measured.calm_cpu_s.get(part, 0.0) for part in PUBLISHING)
    sandbox = measured.cpu_s["sandbox"] / measured.load_s
    found = [
        *_vendors(measured),
        Bound("launcher", _launcher(setup), f"{setup.name}, with runs that do nothing"),
        Bound(
            "processor",
            (cores - sandbox) * 60 / cpu_s,
            f"{cores} cores, of which the sandbox used {sandbox:.2f}, at {cpu_s:.1f} s a publication "
            f"(without the sandbox {cores * 60 / cpu_s:.0f})",
        ),
    ]
    return sorted(found, key=lambda bound: bound.per_minute)


def _launcher(setup: Setup) -> float:
    return (WARM_LAUNCHER if setup.warm else OWN_LAUNCHER) * (WITH_PGBOUNCER if setup.pgbouncer else 1)


def _vendors(measured: Measured) -> Sequence[Bound]:
    published = len(measured.load_runs) + 1
    notion = sum(entry["vendor"] == "notion" for entry in measured.requests) / published
    speech_s = _speech_s(measured.requests) / published
    tenants = measured.plan.tenants
    return (
        Bound(
            "Notion",
            tenants * REQUESTS_PER_MINUTE / notion,
            f"{REQUESTS_PER_MINUTE} requests a minute for each of {tenants} tenants, {notion:.1f} a publication",
        ),
        Bound(
            "ElevenLabs",
            tenants * SPEECH_AT_A_TIME * 60 / speech_s,
            f"{SPEECH_AT_A_TIME} requests at a time for each of {tenants} tenants, {speech_s:.1f} s a publication",
        ),
    )


def _speech_s(requests: Sequence[dict[str, object]]) -> float:
    speaking = [entry for entry in requests if entry["vendor"] == "elevenlabs" and entry["method"] == "POST"]
    return sum(float(str(entry["seconds"])) for entry in speaking)
