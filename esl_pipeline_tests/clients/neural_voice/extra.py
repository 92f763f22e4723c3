"""The optional extra, which a machine may lack but CI must have."""

from __future__ import annotations

import importlib.util
import os

import pytest

from esl_pipeline.clients.neural_voice.engine import MODULES

MISSING = [module for module in MODULES if importlib.util.find_spec(module) is None]

needs_neural = pytest.mark.skipif(
    bool(MISSING) and not os.environ.get("CI"), reason="the extra “neural” is not installed"
)
