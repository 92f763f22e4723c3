"""``python -m esl_pipeline.sandbox HOME PORT``: the sandbox as a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from esl_pipeline.sandbox.launcher import SandboxError
from esl_pipeline.sandbox.server import serve

if __name__ == "__main__":
    try:
        serve(Path(sys.argv[1]), int(sys.argv[2]))
    except SandboxError as error:
        sys.exit(str(error))
