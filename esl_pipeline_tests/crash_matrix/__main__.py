"""Disturbs every request of every publication once, in every way, and says whether the pages came out the same.

Prints a table; with --write puts it into docs/reliability.md. Ends with 1 where a page differs.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path

from esl_pipeline_tests.crash_matrix.disturbances import DISTURBANCES
from esl_pipeline_tests.crash_matrix.lessons import MatrixLesson, matrix_lessons
from esl_pipeline_tests.crash_matrix.report import render, write
from esl_pipeline_tests.crash_matrix.scenes import KINDS, Scene, make_scenes
from esl_pipeline_tests.crash_matrix.trials import Verdict, attempt, weather


def main() -> int:
    """Runs the whole matrix."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time")
    parser.add_argument("--storms", type=int, default=10, help="storms over each publication")
    parser.add_argument("--lesson", action="append", help="only lessons of this name")
    arguments = parser.parse_args()
    lessons = [lesson for lesson in matrix_lessons() if not arguments.lesson or lesson.name in arguments.lesson]
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, _processes(arguments.jobs) as pool:
        scenes = list(_scenes(pool, lessons, Path(folder)))
        verdicts = [_told(future.result()) for future in as_completed(_trials(pool, scenes, arguments.storms))]
    table = render(scenes, verdicts)
    print(f"{table}\n\n{(time.monotonic() - started) / 60:.0f} minutes")
    if arguments.write:
        write(table)
    return 1 if any(verdict.faults for verdict in verdicts) else 0


def _processes(count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))


def _scenes(pool: ProcessPoolExecutor, lessons: list[MatrixLesson], folder: Path) -> Iterator[Scene]:
    """Makes all publications of the first lesson, and of the others the two that differ between lessons."""
    made = [
        pool.submit(make_scenes, lesson, KINDS[: None if lesson is lessons[0] else 2], folder / lesson.name)
        for lesson in lessons
    ]
    for future in made:
        yield from future.result()


def _trials(pool: ProcessPoolExecutor, scenes: list[Scene], storms: int) -> list[Future[Verdict]]:
    struck = [
        pool.submit(attempt, scene, nth, disturbance)
        for scene in scenes
        for nth in range(1, len(scene.requests) + 1)
        for disturbance in DISTURBANCES
    ]
    return [*struck, *(pool.submit(weather, scene, seed) for scene in scenes for seed in range(storms))]


def _told(verdict: Verdict) -> Verdict:
    """Says at once what went wrong, since the whole matrix takes a while."""
    if verdict.faults:
        print(verdict, file=sys.stderr, flush=True)
    return verdict


if __name__ == "__main__":
    sys.exit(main())
