from __future__ import annotations

import socket
from pathlib import Path

from click.testing import CliRunner

from esl_pipeline.cli import esl


def test_a_port_that_is_taken_is_named_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = CliRunner(env={"ESL_HOME": str(tmp_path / "home")}).invoke(esl, ["dev", "--port", str(port)])
    assert done.exit_code == 1
    assert f"Port {port} is taken" in done.output
    assert f"--port {port + 1}" in done.output
    assert not (tmp_path / "home").exists()
