"""What a load showed, as Markdown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from esl_pipeline_tests.docs.marked_parts import PERFORMANCE, put
from esl_pipeline_tests.load.capacity import bounds
from esl_pipeline_tests.load.scene import Setup
from esl_pipeline_tests.load.timeline import overtaken, per_minute
from esl_pipeline_tests.load.vendors import REQUESTS_PER_MINUTE
from esl_pipeline_tests.load.working import Measured

WANTED_SHARE = 0.7
AT_A_TIME = 8
"""Runs, by the project's ``dagster.yaml``. As many may have been about to begin when the latecomer was queued."""
MOST_GROWTH = 1.25


class Finding(NamedTuple):
    """One thing that was looked at; ``met`` is None where the load says nothing about it."""

    name: str
    value: str
    met: bool | None


def findings(measured: Measured, setup: Setup) -> list[Finding]:
    """Returns what is required and what was seen of it."""
    return [
        Finding("published exactly once", _published(measured), measured.finished and not measured.faults),
        Finding("vendors' limits", _traffic(measured), not any(count.refused for count in measured.traffic.values())),
        _latecomer(measured, setup),
        *_memory(measured),
        _throughput(measured, setup),
    ]


def _published(measured: Measured) -> str:
    succeeded = len({run.key for run in measured.runs if run.status == "SUCCESS"})
    wanted = len(measured.plan.load) + len(measured.plan.calm) + 1
    return f"{succeeded} of {wanted}, faults: {len(measured.faults)}"


def _traffic(measured: Measured) -> str:
    notion, speech = measured.traffic["notion"], measured.traffic["elevenlabs"]
    return (
        f"Notion: at most {notion.in_window} of {REQUESTS_PER_MINUTE} requests of a token in any minute, "
        f"{notion.refused} refused; ElevenLabs: at most {speech.at_once} of a key at once, {speech.refused} refused"
    )


def _latecomer(measured: Measured, setup: Setup) -> Finding:
    """Compares the latecomer with a publication while nothing else worked."""
    name = "a single assignment while others wait"
    late, calm = measured.run_of(measured.plan.late), measured.run_of(measured.plan.calm[-1])
    if not late or not calm:
        return Finding(name, "was not published", False)
    passed = overtaken(late, measured.runs)
    waiting = sum(run.asked_at < late.asked_at < (run.begun_at or late.asked_at + 1) for run in measured.load_runs)
    longer_s = (late.ended_at - late.begun_at) - (calm.ended_at - calm.begun_at)
    value = (
        f"{late.asked_at - measured.late_put_at:.0f} s until the sensor saw it, {late.begun_at - late.asked_at:.0f} s "
        f"in the queue, where {passed} of {waiting} others began before it; its work took {longer_s:+.1f} s more "
        "than a quiet one's"
    )
    return Finding(name, value, passed <= (setup.at_a_time or AT_A_TIME))


def _memory(measured: Measured) -> list[Finding]:
    """Compares the largest size in the last third with that in the first."""
    found = []
    for name, sizes in measured.resident.items():
        third = len(sizes) // 3
        grown = max(sizes[-third:]) / max(max(sizes[:third]), 1.0) if third else 1.0
        value = f"{max(sizes):.0f} MiB at most; last third {grown:.2f} of the first"
        found.append(Finding(f"memory: {name}", value, grown <= MOST_GROWTH if name != "sandbox" else None))
    return found


def _throughput(measured: Measured, setup: Setup) -> Finding:
    reached, tightest = per_minute(measured.load_runs), bounds(measured, setup)[0]
    share = reached / tightest.per_minute
    value = (
        f"{reached:.1f} assignments a minute, {share:.2f} of the {tightest.per_minute:.1f} that {tightest.name} allows"
    )
    return Finding("throughput", value, share >= WANTED_SHARE)


def render(measured: Measured, setup: Setup) -> str:
    """Returns the whole report."""
    plan = measured.plan
    at_a_time = f", {setup.at_a_time} at a time" if setup.at_a_time else ""
    verdicts = {True: "yes", False: "**no**", None: ""}
    seconds = ", ".join(f"{name} {spent:.0f}" for name, spent in measured.cpu_s.items())
    calm = ", ".join(f"{name} {spent:.2f}" for name, spent in measured.calm_cpu_s.items())
    return "\n".join(
        [
            f"{plan.tenants} tenants × {plan.each} assignments, {setup.name}{at_a_time}, {datetime.now(UTC):%Y-%m-%d}, "
            f"{measured.load_s / 60:.1f} minutes:",
            "",
            "| looked at | seen | met |",
            "|---|---|---|",
            *(f"| {found.name} | {found.value} | {verdicts[found.met]} |" for found in findings(measured, setup)),
            "",
            "| bound | assignments a minute | because |",
            "|---|--:|---|",
            *(f"| {one.name} | {one.per_minute:.1f} | {one.because} |" for one in bounds(measured, setup)),
            "",
            f"Processor seconds in the load: {seconds}. Of one publication while nothing else worked: {calm}.",
        ]
    )


def write(report: str, setup: Setup) -> None:
    """Puts the report into docs/performance.md, in the place of the last one of this setup."""
    put(PERFORMANCE, f"load: {setup.name}", report)
