"""What several tests need."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the lesson corpus, vendor contracts and recordings, which is not part of the project."""
    folder = Path(os.environ.get("ESL_SHARED", Path(__file__).parents[2] / "shared"))
    if not folder.is_dir():
        pytest.skip("the shared folder is absent")
    return folder
