"""Publishes many lessons while daemon, code server, workers and Postgres are killed and restarted at random.

Then lets the work come to its end by itself, and says whether every assignment was published exactly once. Ends with 1
where one was not.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from esl_pipeline_tests.load.killing import Killer
from esl_pipeline_tests.load.obituaries import obituaries
from esl_pipeline_tests.load.scene import Scene, Setup, running_scene
from esl_pipeline_tests.load.timeline import runs_of
from esl_pipeline_tests.load.vendors import DELAYS, Vendors
from esl_pipeline_tests.load.watching import Watching
from esl_pipeline_tests.load.working import Plan, examine, put


def disturb(scene: Scene, plan: Plan, seed: int, watching: Watching, say: Callable[[str], None] = print) -> list[str]:
    """Publishes the plan's load under blows until most of it is done, then in peace, and returns what is wrong."""
    put(scene, plan.load)
    scene.turn_on_sensor()
    killer, total = Killer(scene, seed, say), len(plan.load)
    watching.until(total * 3 // 4, killer.strike)
    say(f"struck: {', '.join(f'{part} {times} times' for part, times in sorted(killer.struck.items()))}")
    watching.until(total, killer.revive)
    watching.until_quiet()
    runs = runs_of(scene.instance)
    say(f"{len(runs)} runs for {total} assignments: {watching.counts}")
    for line in obituaries(scene.instance):
        say(line)
    doubled = len([run for run in runs if run.status == "SUCCESS"]) - total
    return [*examine(scene, plan.load), *([f"{doubled} runs too many succeeded"] if doubled > 0 else [])]


def main() -> int:
    """Runs the chaos."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1000), help="of what is killed when")
    parser.add_argument("--tenants", type=int, default=6)
    parser.add_argument("--assignments", type=int, default=10, help="of each tenant")
    parser.add_argument("--launcher", choices=("warm", "default"), default="warm", help="what starts the runs")
    parser.add_argument("--port", type=int, default=10030, help="first of seven free ports")
    parser.add_argument("--limit-minutes", type=float, default=60, help="end after so long, done or not")
    parser.add_argument("--keep", type=Path, help="an empty folder for the logs and all state; else removed at the end")
    arguments = parser.parse_args()
    plan, setup = Plan(arguments.tenants, arguments.assignments), Setup(warm=arguments.launcher == "warm")
    print(f"{plan.tenants} tenants × {plan.each} assignments, {setup.name}, seed {arguments.seed}", flush=True)
    with (
        _folder(arguments.keep) as folder,
        running_scene(folder, arguments.port, plan.all_tenants, setup) as scene,
    ):
        Vendors(scene.sandbox).begin(DELAYS)
        faults = disturb(scene, plan, arguments.seed, Watching(scene, arguments.limit_minutes * 60, _say), _say)
    print("\n".join(faults) or "Every assignment was published exactly once.")
    return 1 if faults else 0


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
    else:
        with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
            yield Path(folder)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
