"""The events of stages and clients on their way: through the package's loggers to those who listen to them."""

from __future__ import annotations

import logging
from collections import Counter
from threading import Lock
from typing import Any

from esl_pipeline.clients.events import PACKAGE, say, told_in
from esl_pipeline.stages.hooks import Logger
from esl_pipeline.stages.structured_log import LogForm, structured_logger

_lock = Lock()
_listening = Counter[type[logging.Handler]]()


class EventLogger:
    """Hands the events of stages to the package's loggers, where those of the clients are too."""

    def debug(self, event: str, **fields: Any) -> None:
        """Says what only a developer wants to know."""
        say(logging.DEBUG, event, **fields)

    def info(self, event: str, **fields: Any) -> None:
        """Says what happened."""
        say(logging.INFO, event, **fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Says what somebody should look at."""
        say(logging.WARNING, event, **fields)

    def error(self, event: str, **fields: Any) -> None:
        """Says what failed."""
        say(logging.ERROR, event, **fields)


class Lines(logging.Handler):
    """Writes what is told as lines.

    Args:
        form: of the lines.
        logger: writes them; on stderr where None.
    """

    def __init__(self, form: LogForm, logger: Logger | None = None) -> None:
        super().__init__()
        self._logger = logger or structured_logger(form)

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line."""
        event, fields = told_in(record)
        say_it = getattr(self._logger, record.levelname.lower(), self._logger.error)
        say_it(event, **{name: value for name, value in fields.items() if name != "event"})


def listen(handler: logging.Handler) -> None:
    """Lets a handler have all that the package tells, of every level.

    Of several of one kind only the first gets anything; what was let listen so often must be stopped as often.
    """
    with _lock:
        if not _listening[type(handler)]:
            logging.getLogger(PACKAGE).setLevel(logging.DEBUG)
            logging.getLogger(PACKAGE).addHandler(handler)
        _listening[type(handler)] += 1


def stop_listening(kind: type[logging.Handler]) -> None:
    """Takes back what one ``listen`` did."""
    package = logging.getLogger(PACKAGE)
    with _lock:
        _listening[kind] -= 1
        if not _listening[kind]:
            for handler in [one for one in package.handlers if isinstance(one, kind)]:
                package.removeHandler(handler)
        if not any(_listening.values()):
            package.setLevel(logging.NOTSET)
