"""Prints what one lesson costs cold, unchanged and edited, what merging ten minutes of speech costs, and a turn."""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from esl_pipeline.sandbox.launcher import SandboxAddresses, join_or_start, stop
from esl_pipeline.sandbox.notion import PLAIN_DATA_SOURCE_ID
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stages.job_record import JobRecord
from esl_pipeline_tests.bench import merging, pacing
from esl_pipeline_tests.docs.marked_parts import PERFORMANCE, put

LESSON = Path(__file__).with_name("four-turns.md")
EDIT = ("order two pizzas, please", "order three pizzas, please")
DELAYS = {"notion_s": 0.25, "speech_s": 1.5, "speech_s_per_character": 0.01, "s3_s": 0.1}
"""Of the order that the vendors show from a European server."""


@dataclass(frozen=True)
class Row:
    """One measured publication."""

    name: str
    wall_s: float
    stage_s: float
    cpu_s: float
    notion: int
    elevenlabs: int
    s3: int
    characters: int


def main() -> None:
    """Measures and prints; with --write puts the tables into docs/performance.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        at = join_or_start(home, _free_port())
        try:
            rows = _measure(home, at)
        finally:
            stop(home)
    tables = {"table": render(rows), "merging": merging.render(merging.merged())}
    tables["pace"] = pacing.render(pacing.paced())
    print(*tables.values(), sep="\n\n")
    if arguments.write:
        for name, table in tables.items():
            put(PERFORMANCE, name, table)


def _measure(home: Path, at: SandboxAddresses) -> list[Row]:
    lesson = home / "lesson.md"
    lesson.write_text(LESSON.read_text("utf-8"), "utf-8")
    _publish(home, at, "the sandbox loads its own libraries", lesson, tenant="warm-up")
    _control(at, "delays", DELAYS)
    rows = [_publish(home, at, "cold", lesson)]
    rows.append(_publish(home, at, "unchanged", lesson))
    lesson.write_text(lesson.read_text("utf-8").replace(*EDIT), "utf-8")
    rows.append(_publish(home, at, "one line edited", lesson))
    return rows


def _publish(home: Path, at: SandboxAddresses, name: str, lesson: Path, *, tenant: str = "bench") -> Row:
    """Publishes as a new process would: with a pipeline of its own, that knows nothing but what is stored."""
    pipeline = create_pipeline(
        environment=read_environment({**os.environ, "ESL_HOME": str(home), "ESL_SANDBOX_PORT": str(at.base_port)})
    )
    before = len(_requests(at))
    wall, cpu = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    options = JobOptions(overrides=(f"notion.data_source_id={PLAIN_DATA_SOURCE_ID}",))
    done = pipeline.new_assignment(tenant, "four-turns", manifest_file(lesson), options)
    wall_s, used = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_SELF)
    if done.status != "succeeded":
        raise SystemExit(done.model_dump_json(indent=2))
    return _row(name, wall_s, used.ru_utime + used.ru_stime - cpu.ru_utime - cpu.ru_stime, _requests(at)[before:], done)


def _row(name: str, wall_s: float, cpu_s: float, requests: list[dict[str, str]], done: JobRecord) -> Row:
    made = Counter(request["vendor"] for request in requests)
    counts = made["notion"], made["elevenlabs"], made["s3"]
    return Row(name, wall_s, done.elapsed_s, cpu_s, *counts, done.audio.characters_billed)


def render(rows: list[Row]) -> str:
    """Returns the rows as a Markdown table, with each time also as a ratio to the first."""
    lines = [
        "| a lesson of four turns | wall s | ratio | stages s | processor s | Notion | ElevenLabs | S3 | billed |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {r.name} | {r.wall_s:.2f} | {r.wall_s / rows[0].wall_s:.2f} | {r.stage_s:.2f} | {r.cpu_s:.2f} | {r.notion} "
        f"| {r.elevenlabs} | {r.s3} | {r.characters} |"
        for r in rows
    ]
    return "\n".join(lines)


def _requests(at: SandboxAddresses) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(_control(at, "requests"))
    return found


def _control(at: SandboxAddresses, what: str, body: object = None) -> bytes:
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{at.viewer_url}/_sandbox/{what}", content, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return bytes(answer.read())


def _free_port() -> int:
    return 18770


if __name__ == "__main__":
    main()
