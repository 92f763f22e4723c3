from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from esl_pipeline_tests.sandboxed import Sandboxed

PROGRAM = """
import json, sys
from pathlib import Path
from esl_pipeline.defs.launching.fork_server import preload
preload()
loaded = set(sys.modules)
import esl_pipeline.commands.instance as instance
loaded = loaded | set(sys.modules)
home, key, lesson = sys.argv[1:]
done = instance.run_publish_job(Path(home), key, asking={"manifest_path": lesson}, sandbox=True)
print(json.dumps({"error": done.error, "loaded": sorted(set(sys.modules) - loaded)}))
"""


SMALL = ("dagster._core.", "pydantic._internal.")
"""What running without a queue loads of these is of no weight."""


@pytest.mark.slow
def test_a_forked_worker_loads_nothing_more_for_an_ordinary_publication(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    lesson = sandbox.write(four_turns, assignment)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(sandbox.home), f"school/{assignment}", str(lesson)],
        env={"PATH": os.environ["PATH"], "ESL_HOME": str(sandbox.home), "ESL_SANDBOX_PORT": str(sandbox.at.base_port)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["error"] == ""
    assert [name for name in told["loaded"] if not name.startswith(SMALL)] == []
