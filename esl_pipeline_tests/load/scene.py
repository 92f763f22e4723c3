"""A whole installation: sandbox, Postgres, code server and daemon as processes of their own.

The pipeline takes the sandbox for the real vendors, so that each tenant has credentials, and so a pace, of its own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from esl_pipeline.commands.instance import dagster_home, open_instance
from esl_pipeline.sandbox.launcher import BUCKET, SandboxAddresses, SandboxFolder, join_or_start, stop
from esl_pipeline.sandbox.notion import PLAIN_DATA_SOURCE_ID
from esl_pipeline.stores.secrets_environment import variable_of
from esl_pipeline_tests.load.bouncer import make_bouncer
from esl_pipeline_tests.load.servers import Server
from esl_pipeline_tests.load.spending import CODE, DAEMON
from esl_pipeline_tests.real_postgres import PostgresServer, postgres_server

if TYPE_CHECKING:
    from dagster import DagsterInstance

KEPT = ("PATH", "HOME", "TMPDIR", "PYTHONPATH", "LANG")
PORTS = 7
"""Four of the sandbox, and those of code server, Postgres and pgbouncer."""
SENSOR_S = 120
WARM = "esl_pipeline.defs.launching.warm_launcher", "WarmRunLauncher"
DEFAULT = "esl_pipeline.defs.launching.watched_launcher", "WatchedRunLauncher"
WORKSPACE = "load_from:\n  - grpc_server: {{host: 127.0.0.1, port: {port}, location_name: esl_pipeline.definitions}}\n"


@dataclass(frozen=True)
class Setup:
    """How the installation is made.

    Attributes:
        warm: whether runs are forked from a process that has all loaded, or started by Dagster's own launcher.
        pgbouncer: whether it is between everybody and Postgres.
        at_a_time: runs that work at a time; as many as the project's ``dagster.yaml`` says where None.
    """

    warm: bool = True
    pgbouncer: bool = False
    at_a_time: int | None = None

    @property
    def name(self) -> str:
        """For people."""
        launcher = "warm workers" if self.warm else "Dagster's own launcher"
        return f"{launcher}{' with pgbouncer' if self.pgbouncer else ''}"

    def adapt(self, config: Path) -> None:
        """Changes a ``dagster.yaml``."""
        text = config.read_text("utf-8")
        if not self.warm:
            for ours, theirs in zip(WARM, DEFAULT, strict=True):
                text = re.sub(rf"(?m)^(  \w+: ){re.escape(ours)}$", rf"\1{theirs}", text)
        if self.at_a_time:
            text = re.sub(r"(?m)^(    max_concurrent_runs: )\d+$", rf"\g<1>{self.at_a_time}", text)
        config.write_text(text, "utf-8")


@dataclass
class Scene:
    """What runs; ``code`` and ``daemon`` may be ended and started again, and so may Postgres."""

    home: Path
    variables: Mapping[str, str]
    sandbox: SandboxAddresses
    postgres: PostgresServer
    code: Server
    daemon: Server
    bouncer: Server | None
    workspace: Path
    instance: DagsterInstance = field(repr=False)

    @property
    def inbox(self) -> Path:
        """The folder that the sensor watches."""
        return self.home / "inbox"

    def check(self) -> None:
        """Tells of a part that ended by itself.

        Raises:
            RuntimeError: with what it said.
        """
        for server in (self.code, self.daemon):
            if server.pid is None:
                raise RuntimeError(f"The {server.name} ended:\n{server.said()}")

    def parts(self) -> dict[str, int | None]:
        """The first process of each part; None where it does not run just now."""
        sandbox = json.loads(SandboxFolder(self.home).process.read_text("utf-8"))["pid"]
        return {
            self.daemon.name: self.daemon.pid,
            self.code.name: self.code.pid,
            "postgres": self.postgres.pid,
            "sandbox": int(sandbox),
            **({self.bouncer.name: self.bouncer.pid} if self.bouncer else {}),
        }

    def turn_on_sensor(self) -> None:
        """Does what an operator does under *Automation*; the first look at the inbox comes at once."""
        command = [_program("dagster"), "sensor", "start", "manifest_sensor", "-w", str(self.workspace)]
        done = subprocess.run(
            command,
            env=dict(self.variables),
            cwd=self.workspace.parent,
            capture_output=True,
            text=True,
            timeout=SENSOR_S,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"the sensor can't be turned on:\n{done.stdout}{done.stderr}")


@contextmanager
def running_scene(folder: Path, first_port: int, tenants: Sequence[str], setup: Setup) -> Iterator[Scene]:
    """Starts everything, and ends everything with the block.

    Args:
        folder: empty; gets the home folder and the logs.
        first_port: of ``PORTS`` free ones in a row.
        tenants: who get credentials of their own.
        setup: how the installation is made.
    """
    home = (folder / "home").resolve()
    home.mkdir()
    with ExitStack() as stack:
        at = join_or_start(home, first_port)
        stack.callback(stop, home)
        postgres = stack.enter_context(postgres_server(first_port + 5))
        bouncer = make_bouncer(folder, first_port + 6, postgres) if setup.pgbouncer else None
        database = postgres.url.replace(f":{postgres.port}/", f":{bouncer.port if bouncer else postgres.port}/")
        variables = _variables(home, at, database, tenants)
        stack.enter_context(_environment(variables))
        setup.adapt(dagster_home(home) / "dagster.yaml")
        workspace = folder / "workspace.yaml"
        workspace.write_text(WORKSPACE.format(port=first_port + 4), "utf-8")
        code = Server(CODE, _code(first_port + 4), variables, folder, first_port + 4)
        daemon = Server(DAEMON, [_program("dagster-daemon"), "run", "-w", str(workspace)], variables, folder)
        if bouncer:
            stack.callback(bouncer.stop)
            bouncer.start()
        instance = stack.enter_context(open_instance(home))
        for server in (code, daemon):
            stack.callback(server.stop)
            server.start()
        yield Scene(home, variables, at, postgres, code, daemon, bouncer, workspace, instance)


def _variables(home: Path, at: SandboxAddresses, database: str, tenants: Sequence[str]) -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    secrets = {
        variable_of(tenant, name): f"{begin}_{tenant}"
        for tenant in tenants
        for name, begin in (("NOTION_TOKEN", "ntn"), ("ELEVENLABS_API_KEY", "sk"))
    }
    return {
        **kept,
        **secrets,
        "ESL_HOME": str(home),
        "DAGSTER_HOME": str(home / "dagster"),
        "ESL_DAGSTER_POSTGRES_URL": database,
        "ESL_STATE": database,
        "ESL_LIVE": "1",
        "ESL_NOTION_BASE_URL": at.notion_url,
        "ESL_ELEVENLABS_BASE_URL": at.elevenlabs_url,
        "AWS_ENDPOINT_URL_S3": at.s3_url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": "us-east-1",
        "S3_BUCKET": BUCKET,
        "NOTION_DATA_SOURCE_ID": PLAIN_DATA_SOURCE_ID,
    }


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Gives this process what the others have, since it opens the same instance and the same state."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _code(port: int) -> list[str]:
    where = ["-h", "127.0.0.1", "-p", str(port), "-m", "esl_pipeline.definitions"]
    return [_program("dagster"), "api", "grpc", *where, "--log-level", "warning"]


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))
