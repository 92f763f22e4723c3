"""The sensor that publishes what is put into the inbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg

from esl_pipeline.defs.jobs import publish_lesson
from esl_pipeline.defs.partitions import ASSIGNMENTS, tags_of
from esl_pipeline.defs.standing import Stopped, standings_of
from esl_pipeline.manifests import partition_key
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stages.inbox import InboxEntry, Misplaced, read_content, scan_inbox

RUNS_PER_TICK = 100
"""More would take a tick longer than Dagster's minute; the rest comes in the next one."""


UNKNOWN = ""
"""Stamp of an assignment whose lesson lies elsewhere, so that it is read at every tick."""


@dataclass(frozen=True)
class Seen:
    """What was last asked for: the files' stamp, their content's hash, and how often it changed."""

    stamp: str
    sha256: str
    request: int


@dataclass
class Tick:
    """What one tick decides; ``stopped`` are the tenants that asked and may not publish now."""

    seen: dict[str, Seen]
    due: list[tuple[str, Seen]] = field(default_factory=list)
    misplaced: list[Misplaced] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)


def nobody(tenant: str) -> bool:  # noqa: ARG001 what may be asked instead looks at it
    """Tells that every tenant may publish."""
    return False


def decide(
    inbox: Path, seen: dict[str, Seen], limit: int = RUNS_PER_TICK, may_not: Callable[[str], bool] = nobody
) -> Tick:
    """Finds what changed since it was last asked for, at most ``limit`` assignments.

    An unchanged stamp is trusted, so that only changed files are read. Equal content asks for nothing; a lesson that is
    changed back is asked for again, because only the last request counts. What a tenant that may not publish asks for
    is not seen, so that it is due when it may.
    """
    tick = Tick(dict(seen))
    for found in scan_inbox(inbox):
        if isinstance(found, Misplaced):
            tick.misplaced.append(found)
        elif len(tick.due) < limit:
            _decide_entry(tick, found, may_not)
    return tick


def _decide_entry(tick: Tick, entry: InboxEntry, may_not: Callable[[str], bool]) -> None:
    key = partition_key(entry.tenant, entry.assignment)
    before = tick.seen.get(key)
    if before and before.stamp == entry.stamp:
        return
    if may_not(entry.tenant):
        tick.stopped.add(entry.tenant)
        return
    content = read_content(entry)
    changed = before is None or before.sha256 != content.sha256
    stamp = UNKNOWN if content.lesson_elsewhere else entry.stamp
    now = Seen(stamp, content.sha256, (before.request if before else 0) + changed)
    tick.seen[key] = now
    if changed:
        tick.due.append((key, now))


def read_cursor(cursor: str | None) -> dict[str, Seen]:
    """Returns what earlier ticks saw."""
    return {key: Seen(*values) for key, values in json.loads(cursor or "{}").items()}


def write_cursor(seen: dict[str, Seen]) -> str:
    """Returns the cursor for the next tick."""
    return json.dumps({key: [s.stamp, s.sha256, s.request] for key, s in seen.items()}, separators=(",", ":"))


def requests_of(tick: Tick) -> Iterator[dg.RunRequest]:
    """Yields a run for each assignment that is due; the run key names assignment, content and request."""
    for key, now in tick.due:
        yield dg.RunRequest(partition_key=key, run_key=f"{key}:{now.sha256[:16]}:{now.request}", tags=tags_of(key))


@dg.sensor(job=publish_lesson, minimum_interval_seconds=10, default_status=dg.DefaultSensorStatus.STOPPED)
def manifest_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Publishes what is put into the inbox: ``<tenant>/<assignment>`` with .yaml, .json or .md.

    A run starts when manifest or lesson changed since the last request. Files with unusable names and suspended tenants
    stop nothing; they are told in the result of ticks that start nothing, and in the log of those that do.
    """
    environment = read_environment()
    inbox = environment.inbox
    tick = decide(inbox, read_cursor(context.cursor), may_not=Stopped(standings_of(environment)))
    remarks = [f"{found.path} asks for nothing: {found.reason}" for found in tick.misplaced]
    remarks += [f"{tenant} may not publish now: esl tenants list says why." for tenant in sorted(tick.stopped)]
    if not tick.due:
        context.update_cursor(write_cursor(tick.seen))
        return dg.SkipReason(" ".join([f"Nothing to publish in {inbox}.", *remarks]))
    for told in remarks:
        context.log.warning(told)
    keys = [key for key, _ in tick.due]
    return dg.SensorResult(
        run_requests=list(requests_of(tick)),
        cursor=write_cursor(tick.seen),
        dynamic_partitions_requests=[ASSIGNMENTS.build_add_request(keys)],
    )
