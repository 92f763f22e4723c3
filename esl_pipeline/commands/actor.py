"""Who sits at the shell."""

from __future__ import annotations

import getpass
import re


def shell_actor() -> str:
    """Returns who runs a command, as it stands in the audit log: ``shell:`` and the login name."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "shell"  # a container's user may have a number only
    return f"shell:{name}" if re.fullmatch(r"[^\s:]\S{0,98}", name) else "shell"
