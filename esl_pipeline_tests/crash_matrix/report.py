"""The numbers of the matrix, as tables for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from esl_pipeline_tests.crash_matrix.scenes import Scene
from esl_pipeline_tests.crash_matrix.trials import Verdict
from esl_pipeline_tests.docs.marked_parts import put

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


def render(scenes: Sequence[Scene], verdicts: Sequence[Verdict]) -> str:
    """Returns the sum of all trials, and one table by lesson and one by disturbance."""
    alike = sum(not verdict.faults for verdict in verdicts)
    struck = sum(len(scene.requests) for scene in scenes)
    ways = len({verdict.disturbance for verdict in verdicts if verdict.nth})
    summary = (
        f"**{len(verdicts):,} trials** over {len({scene.lesson for scene in scenes})} lessons and {len(scenes)} "
        f"publications: each of {struck:,} requests in {ways} ways, and storms. **{alike:,} pages came out identical**"
        f" to the undisturbed one, {len(verdicts) - alike:,} did not."
    )
    return "\n\n".join((summary, _by_scene(scenes, verdicts), _by_disturbance(verdicts)))


def _by_scene(scenes: Sequence[Scene], verdicts: Sequence[Verdict]) -> str:
    lines = ["| lesson | publication | requests | trials | identical | most runs |", "|---|---|--:|--:|--:|--:|"]
    for scene in scenes:
        own = [verdict for verdict in verdicts if (verdict.lesson, verdict.kind) == (scene.lesson, scene.kind)]
        name = f"| {scene.lesson} | {scene.kind} | {len(scene.requests)}"
        lines.append(f"{name} | {_counts(own)} |")
    return "\n".join(lines)


def _by_disturbance(verdicts: Sequence[Verdict]) -> str:
    grouped: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in sorted(verdicts, key=lambda verdict: verdict.disturbance):
        grouped[verdict.disturbance if verdict.nth else "storm"].append(verdict)
    lines = ["| what went wrong | trials | identical | most runs |", "|---|--:|--:|--:|"]
    return "\n".join([*lines, *(f"| {name} | {_counts(own)} |" for name, own in grouped.items())])


def _counts(verdicts: Sequence[Verdict]) -> str:
    alike = sum(not verdict.faults for verdict in verdicts)
    return f"{len(verdicts)} | {alike} | {max((verdict.runs for verdict in verdicts), default=0)}"


def write(tables: str) -> None:
    """Puts the tables between their marks in docs/reliability.md."""
    put(PAGE, "matrix", tables)
