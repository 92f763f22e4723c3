"""What an operator sees of a stage: figures, links and tables."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from esl_pipeline.lessons import Lesson, Problem
    from esl_pipeline.stages.outcome import StageOutcome
    from esl_pipeline.stores.publication import Publication

MetadataDict = dict[str, dg.MetadataValue[Any]]
"""Dagster metadata by ``vendor/field``."""

MOST_TOLD = 8
"""Errors of a lesson in a message; the run's page has all of them."""
RUN_CONFIG = "run config"
"""File of a problem in the settings of a run."""
LONGEST_EXCERPT = 40
"""Characters of a turn's text in a table, whose columns the UI makes narrow."""


def metadata_of(outcome: StageOutcome, elapsed_s: float) -> MetadataDict:
    """Returns whether a stage worked or was skipped and why, its links and figures, what was found, in that order."""
    found: MetadataDict = {"stage/status": dg.MetadataValue.text(outcome.status)}
    if outcome.reason:
        found["stage/reason"] = dg.MetadataValue.text(outcome.reason)
    found |= values_of(outcome.metrics)
    found["stage/seconds"] = dg.MetadataValue.float(round(elapsed_s, 3))
    if outcome.problems:
        found["lesson/problems"] = problems_table(outcome.problems)
    return found


def values_of(metrics: Mapping[str, Any]) -> MetadataDict:
    """Returns JSON values as an operator reads them best: addresses as links, records as tables, counts as words.

    What is empty is left out.
    """
    return {name: _value(name, value) for name, value in metrics.items() if value not in (None, [], {})}


def _value(name: str, value: Any) -> dg.MetadataValue[Any]:
    if name.endswith("_url"):
        return dg.MetadataValue.url(value)
    if isinstance(value, bool | int | float | str):
        simple: dict[type, Any] = {
            bool: dg.MetadataValue.bool,
            int: dg.MetadataValue.int,
            float: dg.MetadataValue.float,
            str: dg.MetadataValue.text,
        }
        made: dg.MetadataValue[Any] = simple[type(value)](value)
        return made
    if isinstance(value, list) and all(isinstance(record, Mapping) for record in value):
        return dg.MetadataValue.table([dg.TableRecord(record) for record in value])
    if isinstance(value, Mapping) and all(isinstance(count, int) for count in value.values()):
        return dg.MetadataValue.text(", ".join(f"{one}: {count}" for one, count in value.items()))
    return dg.MetadataValue.json(value)


def summary_of(problems: Sequence[Problem]) -> str:
    """Returns how many errors there are, and the first of them, with the name of its file."""
    errors = _errors(problems)
    count = "1 error" if len(errors) == 1 else f"{len(errors)} errors, the first"
    return f"{count} in {_place(errors[0])}: {errors[0].message} {errors[0].fix}".rstrip()


def told_of(problems: Sequence[Problem]) -> str:
    """Returns the errors, a line each, as a message tells them; the first of them where there are many."""
    errors = _errors(problems)
    lines = [f"{_place(error).capitalize()}: {error.message} {error.fix}".rstrip() for error in errors[:MOST_TOLD]]
    more = len(errors) - len(lines)
    return "\n".join([*lines, *([f"… and {more} more"] if more else [])])


def _errors(problems: Iterable[Problem]) -> list[Problem]:
    """Returns the errors in the order of their places, file by file."""
    errors = [problem for problem in problems if problem.is_error]
    files = list(dict.fromkeys(error.file for error in errors))
    return sorted(errors, key=lambda error: (files.index(error.file), error.line, error.column))


def _place(problem: Problem) -> str:
    if problem.file == RUN_CONFIG:
        return f"number {problem.line} of the run's settings"
    name = PurePath(problem.file).name
    return f"line {problem.line}{f' of {name}' if name else ''}"


def problems_table(problems: Iterable[Problem]) -> dg.TableMetadataValue:
    """Returns problems as a table, one row each."""
    rows = [
        dg.TableRecord(
            {
                "line": problem.line,
                "what is wrong": problem.message,
                "how to mend it": problem.fix,
                "severity": str(problem.severity),
                "rule": str(problem.rule),
                "file": problem.file,
                "column": problem.column,
            }
        )
        for problem in problems
    ]
    kinds = {"line": "int", "what is wrong": "string", "how to mend it": "string", "severity": "string"}
    return dg.MetadataValue.table(rows, schema=_schema(kinds | {"rule": "string", "file": "string", "column": "int"}))


def _schema(kinds: Mapping[str, str]) -> dg.TableSchema:
    return dg.TableSchema([dg.TableColumn(name, kind) for name, kind in kinds.items()])


def turns_table(publication: Publication) -> dg.TableMetadataValue:
    """Returns the segments as a table: who speaks, with which voice, how long, and whether it was bought now."""
    segments = publication.speech.segments if publication.speech else []
    rows = [
        dg.TableRecord(
            {
                "turn": number,
                "speaker": segment.speaker,
                "voice": segment.voice_name,
                "characters": len(segment.text),
                "seconds": round(segment.samples / segment.sample_rate_hz, 2),
                "billed": 0 if segment.cached else segment.character_cost,
                "text": textwrap.shorten(segment.text, LONGEST_EXCERPT, placeholder=" …"),
            }
        )
        for number, segment in enumerate(segments, 1)
    ]
    kinds = {"turn": "int", "speaker": "string", "voice": "string", "characters": "int"}
    return dg.MetadataValue.table(rows, schema=_schema(kinds | {"seconds": "float", "billed": "int", "text": "string"}))


def lesson_preview(lesson: Lesson, text: str) -> dg.MarkdownMetadataValue:
    """Returns the lesson's text as Markdown, its head as a line of facts."""
    front = lesson.front_matter
    head = f"**{front.title}** · {front.student} · {front.level} · {front.topic} · {len(lesson.turns)} turns"
    return dg.MetadataValue.md(f"{head}\n\n---\n\n{text}")
