"""Names for processes."""

from __future__ import annotations

import os
import uuid


class ProcessName:
    """A random name for each process, another one after a fork; process ids are not unique among machines."""

    def __init__(self) -> None:
        self._pid, self._name = 0, ""

    def __call__(self) -> str:
        """Returns this process' name."""
        if self._pid != os.getpid():
            self._pid, self._name = os.getpid(), uuid.uuid4().hex
        return self._name
