from __future__ import annotations

import fcntl
import socket
from pathlib import Path

from click.testing import CliRunner

from esl_pipeline.cli import esl
from esl_pipeline.commands.instance import dagster_home, instance_config, older_config_warning


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


def test_a_second_dagster_for_one_home_is_refused_and_the_first_keeps_its_sandbox(tmp_path: Path) -> None:
    with (tmp_path / "dev.lock").open("a") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        done = CliRunner(env={"ESL_HOME": str(tmp_path)}).invoke(esl, ["dev", "--port", "1"])
    assert done.exit_code == 1
    assert f"Dagster runs already with {tmp_path}" in done.output
    assert not (tmp_path / "sandbox").exists()


def test_a_configuration_of_an_older_version_is_told_and_left_alone(tmp_path: Path) -> None:
    config = dagster_home(tmp_path) / "dagster.yaml"
    assert older_config_warning(config.parent) == ""
    config.write_text(instance_config().replace("run_launcher:", "# run_launcher:"), "utf-8")
    assert "lacks `run_launcher:`" in older_config_warning(config.parent)
    assert "# run_launcher:" in config.read_text("utf-8")
    config.write_text(config.read_text("utf-8") + "run_launcher:\n  module: mine\n", "utf-8")
    assert older_config_warning(config.parent) == ""
