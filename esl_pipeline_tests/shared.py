"""Where the lesson corpus, vendor contracts and recordings lie; they are not part of the project."""

from __future__ import annotations

import os
from pathlib import Path

SHARED = Path(os.environ.get("ESL_SHARED", Path(__file__).parents[2] / "shared"))
