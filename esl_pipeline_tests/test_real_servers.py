from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from esl_pipeline_tests.real_s3 import stop

WAIT = [sys.executable, "-c", "import time; time.sleep(60)"]


def heed_signals() -> None:
    """Undoes what this process may have inherited or been told by other tests."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def test_what_a_killed_test_run_left_running_is_ended_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    (folder / "run").mkdir(parents=True)
    own = subprocess.Popen(WAIT, env={**os.environ, "CEPH_CONF": f"{folder}/ceph.conf"}, preexec_fn=heed_signals)
    other = subprocess.Popen(WAIT)
    try:
        for name, text in {"own": f"{own.pid}\n", "other": str(other.pid), "gone": "4194999", "empty": ""}.items():
            (folder / "run" / f"{name}.pid").write_text(text)
        stop(folder)
        assert own.wait(10) == -signal.SIGTERM
        assert other.poll() is None
        assert not folder.exists()
        stop(folder)
    finally:
        own.kill()
        other.kill()
        own.wait()
        other.wait()
