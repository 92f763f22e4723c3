"""Publishes many tenants' lessons at once, and says whether everything came out once, fairly and fast enough.

With --write the report goes into docs/performance.md. Ends with 1 where something required was not met.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from esl_pipeline_tests.load.report import findings, render, write
from esl_pipeline_tests.load.scene import Setup, running_scene
from esl_pipeline_tests.load.vendors import DELAYS
from esl_pipeline_tests.load.watching import Watching
from esl_pipeline_tests.load.working import Plan, work


def main() -> int:
    """Runs the load."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenants", type=int, default=20)
    parser.add_argument("--assignments", type=int, default=50, help="of each tenant")
    parser.add_argument("--launcher", choices=("warm", "default"), default="warm", help="what starts the runs")
    parser.add_argument("--pgbouncer", action="store_true", help="put it between all and Postgres")
    parser.add_argument("--at-a-time", type=int, help="runs that work at a time; else as dagster.yaml says")
    parser.add_argument("--port", type=int, default=10020, help="first of seven free ports")
    parser.add_argument("--limit-minutes", type=float, default=120, help="end after so long, done or not")
    parser.add_argument("--write", action="store_true", help="put the report into docs/performance.md")
    arguments = parser.parse_args()
    plan = Plan(arguments.tenants, arguments.assignments)
    setup = Setup(arguments.launcher == "warm", arguments.pgbouncer, arguments.at_a_time)
    with (
        tempfile.TemporaryDirectory(prefix="load-") as folder,
        running_scene(Path(folder), arguments.port, plan.all_tenants, setup) as scene,
    ):
        measured = work(scene, plan, Watching(scene, arguments.limit_minutes * 60, say=_say), DELAYS)
    report = render(measured, setup)
    print("\n".join([report, *measured.faults]), flush=True)
    if arguments.write:
        write(report, setup)
    return 1 if any(found.met is False for found in findings(measured, setup)) else 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
