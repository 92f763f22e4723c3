"""What the commands say: people on a terminal get progress and tables, programs get one JSON object on stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape

from esl_pipeline.lessons import Problem
from esl_pipeline.stages.hooks import StageEvent
from esl_pipeline.stages.job_record import Answer, AssignmentStatus, JobRecord, ProblemAnswer

DONE, REJECTED, USAGE, UNAVAILABLE = 0, 1, 2, 3
INTERRUPTED = 130
"""What shells say of a program that Ctrl-C ended."""
EXIT_CODES = {"succeeded": DONE, "planned": DONE, "unavailable": UNAVAILABLE, "cancelled": INTERRUPTED}
"""Exit code by job status; every other status is REJECTED."""

MARKS = {"succeeded": "[green]✓[/]", "skipped": "[cyan]=[/]", "failed": "[red]✗[/]"}


PIPED_COLUMNS = 400
"""Of a table that no terminal shows: each entry is a line to search."""


class Output:
    """Writes one command's answer."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.people = Console(stderr=as_json, highlight=False, soft_wrap=True)
        if not self.people.is_terminal:
            self.people.width = PIPED_COLUMNS

    def answer(self, answer: Answer) -> None:
        """Writes the answer as JSON where that was asked for."""
        if self.as_json:
            sys.stdout.write(answer.model_dump_json(indent=2) + "\n")

    def progress(self, event: StageEvent) -> None:
        """Writes a line when a stage ends, and on a terminal also when it starts."""
        if event.kind in MARKS:
            why = f" [dim]{escape(event.reason)}[/]" if event.reason else ""
            self.people.print(f"{MARKS[event.kind]} {event.stage:<18} {event.elapsed_s:6.2f} s{why}")
        elif event.kind == "started" and self.people.is_terminal:
            self.people.print(f"[dim]… {event.stage}[/]", end="\r")

    def problems(self, problems: Iterable[Problem | ProblemAnswer], file: str) -> None:
        """Writes each problem on a line that an editor can jump to."""
        for problem in problems:
            colour = "red" if problem.severity == "error" else "yellow"
            where = f"{problem.file or file}:{problem.line}:{problem.column}"
            fix = f" {problem.fix}" if problem.fix else ""
            self.people.print(
                f"{escape(where)}: [{colour}]{problem.severity}[/] {problem.rule} {escape(problem.message + fix)}"
            )

    def publication(self, record: JobRecord | AssignmentStatus) -> None:
        """Writes where page, audio and captions are."""
        for name, value in (
            ("page", record.page.url),
            ("audio", record.audio.url),
            ("MP3", record.audio.path),
            ("captions", record.audio.captions_path),
            ("run", record.run_id if isinstance(record, JobRecord) else None),
            ("length", f"{record.audio.duration_s} s" if record.audio.duration_s else None),
        ):
            if value:
                self.people.print(f"[dim]{name:<8}[/]  {escape(value)}")

    def failure(self, message: str) -> None:
        """Writes why a command could not do its work."""
        self.people.print(f"[red]{escape(message)}[/]")
