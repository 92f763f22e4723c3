"""What it costs to ask for a turn, on files and in Postgres."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from esl_pipeline.clients.pace import Asker, MemoryRecords, PaceLimits, Records, SharedPace
from esl_pipeline.stores.addresses import engine_of
from esl_pipeline.stores.machine_records import MachineRecords
from esl_pipeline.stores.postgres import PostgresRecords
from esl_pipeline_tests.real_postgres import running_postgres

REQUESTS = 400
LIMITS = PaceLimits(requests=100_000, concurrent=100)


@dataclass(frozen=True)
class Paced:
    """One place: milliseconds of a turn from asking to giving it back, the middle one and that of 95 %, and of CPU."""

    name: str
    median_ms: float
    p95_ms: float
    cpu_ms: float


def paced() -> list[Paced]:
    """Measures each place with the traffic of three tenants, one request after the other."""
    measured = []
    for name, place in (("memory", _memory), ("SQLite", _files), ("Postgres", _postgres)):
        with place() as records:
            measured.append(_measure(name, records))
    return measured


def render(rows: list[Paced]) -> str:
    """Returns the rows as a Markdown table, with the middle time also as a ratio to the first."""
    lines = ["| a turn, kept in | median ms | ratio | 95 % ms | processor ms |", "|---|--:|--:|--:|--:|"]
    lines += [
        f"| {row.name} | {row.median_ms:.2f} | {row.median_ms / rows[0].median_ms:.1f} | {row.p95_ms:.2f} "
        f"| {row.cpu_ms:.2f} |"
        for row in rows
    ]
    return "\n".join(lines)


def _measure(name: str, records: Records) -> Paced:
    pace, times = SharedPace(records), []
    askers = [Asker("notion", "credential", tenant, LIMITS) for tenant in ("school", "college", "club")]
    with pace.turn(askers[0], 60):
        cpu = time.process_time()
    for number in range(REQUESTS):
        begin = time.perf_counter()
        with pace.turn(askers[number % len(askers)], 60):
            pass
        times.append((time.perf_counter() - begin) * 1000)
    cpu_ms = (time.process_time() - cpu) * 1000 / REQUESTS
    return Paced(name, statistics.median(times), statistics.quantiles(times, n=20)[-1], cpu_ms)


@contextmanager
def _memory() -> Iterator[Records]:
    yield MemoryRecords()


@contextmanager
def _files() -> Iterator[Records]:
    with tempfile.TemporaryDirectory() as folder:
        yield MachineRecords(Path(folder))


@contextmanager
def _postgres() -> Iterator[Records]:
    with running_postgres() as url:
        engine = engine_of(url)
        yield PostgresRecords(engine)
        engine.dispose()
