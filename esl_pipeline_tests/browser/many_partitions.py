"""How quick Dagster's pages are with 100,000 assignments: ``python -m esl_pipeline_tests.browser.many_partitions``.

Needs Chromium and Postgres; takes some minutes. ``--write`` puts the table into docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import expect

from esl_pipeline_tests.browser.chromium import HOW_TO_INSTALL, chromium, find_chromium
from esl_pipeline_tests.browser.dagster_ui import JOBS, DagsterUi
from esl_pipeline_tests.browser.running_dev import RunningDev
from esl_pipeline_tests.databases import empty_database
from esl_pipeline_tests.docs.marked_parts import PERFORMANCE, put
from esl_pipeline_tests.real_postgres import running_postgres

LISTED = (100_000, 10_000, 1_000)
"""Assignments in the list; from one to the next the oldest are archived."""
TENANTS = 100
FILLED = 0.9
ASSET = "notion_page"
WAIT_MS = 300_000
CLONE = """
INSERT INTO event_logs (run_id, event, dagster_event_type, timestamp, step_key, asset_key, partition)
SELECT run_id, replace(event, 'seed/one', keys.key), dagster_event_type, timestamp, step_key, asset_key, keys.key
FROM event_logs, unnest(CAST(:keys AS text[])) AS keys(key) WHERE event_logs.partition = 'seed/one'
"""
ARCHIVE = """
DELETE FROM dynamic_partitions WHERE partitions_def_name = 'assignments' AND id NOT IN
(SELECT id FROM dynamic_partitions WHERE partitions_def_name = 'assignments' ORDER BY id DESC LIMIT :kept)
"""


@dataclass(frozen=True)
class Row:
    """What an operator waits for, in seconds, and the web server's memory afterwards."""

    listed: int
    overview_s: float
    partitions_s: float
    again_s: float
    added_s: float
    dialog_s: float
    tenant_s: float
    memory_mb: int


def main() -> None:
    """Seeds, measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    arguments = parser.parse_args()
    path = find_chromium() or sys.exit(HOW_TO_INSTALL)
    with running_postgres() as server, empty_database(server) as engine, tempfile.TemporaryDirectory() as folder:
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        dev = RunningDev(Path(folder), {"ESL_DAGSTER_POSTGRES_URL": url, "ESL_STATE": url})
        os.environ["ESL_DAGSTER_POSTGRES_URL"] = url
        _seed(dev.home, engine)
        with dev, chromium(path) as browser:
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.set_default_timeout(WAIT_MS)
            expect.set_options(timeout=WAIT_MS)
            ui = DagsterUi(page, dev.url)
            ui.open("/overview")
            rows = [_measured(ui, dev, engine, listed) for listed in LISTED]
            dev.interrupt()
    table = render(rows)
    print(table)
    if arguments.write:
        put(PERFORMANCE, "partitions", table)


def _seed(home: Path, engine: sa.Engine) -> None:
    """Makes the largest list, most of it with a materialisation that is copied from a real one."""
    import dagster as dg

    from esl_pipeline.commands.instance import open_instance

    keys = [f"tenant-{n % TENANTS:03}/lesson-{n:06}" for n in range(max(LISTED))]
    began = time.monotonic()
    with open_instance(home) as instance:
        instance.add_dynamic_partitions("assignments", keys)
        instance.report_runless_asset_event(dg.AssetMaterialization(ASSET, partition="seed/one"))
    with engine.begin() as connection:
        connection.execute(sa.text(CLONE), {"keys": [key for n, key in enumerate(keys) if n % 10 < 10 * FILLED]})
        connection.execute(sa.text("DELETE FROM event_logs WHERE partition = 'seed/one'"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE"))
    print(f"seeded in {time.monotonic() - began:.0f} s", flush=True)


def _measured(ui: DagsterUi, dev: RunningDev, engine: sa.Engine, listed: int) -> Row:
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM dynamic_partitions WHERE partition LIKE 'newcomer/%'"))
        connection.execute(sa.text(ARCHIVE), {"kept": listed})
    filled = f"Materialized ({int(listed * FILLED)})"
    partitions_s = _seconds(lambda: _partitions(ui, filled))
    again_s = _seconds(lambda: _partitions(ui, filled))
    ui.add_partition(f"newcomer/lesson-{listed}")
    added_s = _seconds(lambda: _partitions(ui, filled))
    overview_s = _seconds(lambda: _overview(ui))
    dialog_s = _seconds(lambda: _dialog(ui))
    tenant_s = _seconds(lambda: _tenant(ui, listed))
    row = Row(listed, overview_s, partitions_s, again_s, added_s, dialog_s, tenant_s, _memory_mb(dev))
    print(row, flush=True)
    return row


def _seconds(look: Callable[[], None]) -> float:
    began = time.monotonic()
    look()
    return time.monotonic() - began


def _partitions(ui: DagsterUi, filled: str) -> None:
    ui.open("/overview")
    ui.partitions(ASSET)
    expect(ui.page.get_by_text(filled)).to_be_visible()


def _overview(ui: DagsterUi) -> None:
    ui.open(f"/assets/{ASSET}")
    expect(ui.page.get_by_text("Latest materialization").first).to_be_visible()


def _dialog(ui: DagsterUi) -> None:
    ui.open(f"{JOBS}/republish_text")
    ui.page.get_by_role("button", name="Materialize").first.click()
    ui.page.get_by_text("Select a partition").click()
    expect(ui.page.get_by_text("Select all")).to_be_visible()


def _tenant(ui: DagsterUi, listed: int) -> None:
    ui.page.keyboard.type("tenant-007/")
    expect(ui.page.get_by_text(f"Select all ({listed // TENANTS})")).to_be_visible()
    ui.page.get_by_text("Select all").click()
    ui.page.keyboard.press("Escape")
    chosen = f"{listed // TENANTS:,}".replace(",", ",?")
    expect(ui.page.get_by_text(re.compile(rf"{chosen} partitions selected"))).to_be_visible()


def _memory_mb(dev: RunningDev) -> int:
    """Returns the memory of the web server."""
    mark = f"ESL_HOME={dev.home}\0".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_it = b"dagster_webserver" in (process / "cmdline").read_bytes()
            if is_it and mark in (process / "environ").read_bytes():
                status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
                return int(status["VmRSS"].split()[0]) // 1024
        except OSError:  # it ended just now
            continue
    raise AssertionError("no web server")


def render(rows: list[Row]) -> str:
    """Returns the rows as a Markdown table."""
    names = (
        "assignments listed",
        "partitions",
        "again",
        "one was added",
        "overview",
        "launch dialog",
        "all of a tenant",
    )
    lines = [f"| {' | '.join(names)} | web server |", "|" + "--:|" * (len(names) + 1)]
    for row in rows:
        seconds = (row.partitions_s, row.again_s, row.added_s, row.overview_s, row.dialog_s, row.tenant_s)
        figures = [f"{row.listed:,}", *(f"{found:.1f} s" for found in seconds), f"{row.memory_mb} MB"]
        lines.append(f"| {' | '.join(figures)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
