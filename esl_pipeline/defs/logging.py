"""What stages and clients tell, in Dagster's own log view."""

from __future__ import annotations

import logging

import dagster as dg

from esl_pipeline.clients.events import in_words, told_in

IMPLIED = frozenset({"job_id", "run_id"})
"""Fields of every event that the run itself tells."""


class RunLog(logging.Handler):
    """Hands records to Dagster's logger, which puts them into the log of the step that is running.

    Dagster's ``managed_python_loggers`` would do as much, but only where ``dagster.yaml`` names them.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line into the run's log; Dagster leaves out levels below its ``python_log_level``."""
        event, fields = told_in(record)
        line = in_words(event, {name: value for name, value in fields.items() if name not in IMPLIED})
        dg.get_dagster_logger().log(record.levelno, "%s", line)
