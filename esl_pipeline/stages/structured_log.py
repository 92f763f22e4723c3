"""The pipeline's events as lines on stderr, for hosts that collect them: JSON for machines, console for people."""

from __future__ import annotations

import sys
from typing import Literal, TextIO, cast

from esl_pipeline.stages.hooks import Logger

LogForm = Literal["json", "console"]


class _Stderr:
    """What is stderr at the time."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def structured_logger(form: LogForm, stream: TextIO | None = None) -> Logger:
    """Makes a logger that writes one line per event, with its time (UTC), level and fields.

    Args:
        form: ``json`` writes one object per line, ``console`` a line that people read.
        stream: stderr where None, looked up at each call, so that a host may redirect it.
    """
    import structlog  # which loads the means to write for people, in colours, too

    last = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    logger: Logger = structlog.wrap_logger(
        structlog.WriteLogger(stream or cast("TextIO", _Stderr())),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            last,
        ],
    )
    return logger
