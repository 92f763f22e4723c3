"""Publishes with marked secrets while everything goes wrong, and searches all that was written."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from esl_pipeline.cli import esl
from esl_pipeline.clients.errors import VendorError
from esl_pipeline.clients.surroundings import MachineClock
from esl_pipeline.sandbox.fault_rules import SPOILT
from esl_pipeline.sandbox.notion import HOMEWORK_DATA_SOURCE_ID
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stages.job_record import JobRecord
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stages.stage import Stage
from esl_pipeline_tests.marked import Marked, mark
from esl_pipeline_tests.sandboxed import Sandboxed, succeeded

pytestmark = pytest.mark.slow

LESSON = "no-secret-is-left"
KEYS = {
    "ESL_TENANT_SCHOOL__NOTION_TOKEN": "ntn_",
    "ELEVENLABS_API_KEY": "sk_",
    "OPENAI_API_KEY": "sk-proj-",
    "NOTION_TOKEN": "ntn_",
    "ESL_TENANT_SCHOOL__BUCKET_KEY": "AKIA",
    "ESL_TENANT_SCHOOL__BUCKET_SECRET": "own-",
    "AWS_ACCESS_KEY_ID": "ASIA",
    "AWS_SECRET_ACCESS_KEY": "aws-",
    "AWS_SESSION_TOKEN": "session-",
    "ESL_SECRETS_KEYS": "fernet-",
    "ESL_TENANTS_TOKEN": "tenants-",
}
TENANT = """schema_version: 2
settings:
  speech: {model: eleven_multilingual_v2}
  storage: {endpoint_url: %s, region: us-east-1, access_key_secret: BUCKET_KEY, secret_key_secret: BUCKET_SECRET}
"""


@dataclass(frozen=True)
class Scene:
    """An installation whose real vendors are the sandbox's servers."""

    home: Path
    marked: Marked
    variables: dict[str, str] = field(repr=False)
    lesson: Path

    def pipeline(self) -> Pipeline:
        """Makes a pipeline as a host would, of the variables as they are now."""
        return create_pipeline(environment=read_environment(self.variables))

    def publish(self, tenant: str = "school", *settings: str) -> JobRecord:
        """Publishes by the API of hosts."""
        options = JobOptions(overrides=settings)
        return self.pipeline().new_assignment(tenant, LESSON, manifest_file(self.lesson), options)

    def command(self, *arguments: str) -> str:
        """Runs ``esl`` and so Dagster; returns what it writes."""
        done = CliRunner(env=self.variables).invoke(esl, arguments)
        raised = "".join(traceback.format_exception(done.exception)) if done.exception else ""
        return f"{done.stdout}{done.stderr}{raised}"


@pytest.fixture(scope="module")
def marked() -> Marked:
    return Marked({name: mark(prefix) for name, prefix in KEYS.items()})


@pytest.fixture
def scene(
    sandbox: Sandboxed, tmp_path: Path, four_turns: str, marked: Marked, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scene]:
    variables = {
        **marked.values,
        "ESL_HOME": str(tmp_path / "home"),
        "ESL_LIVE": "1",
        "ESL_ALLOW_LOCAL_ENDPOINTS": "1",
        "ESL_LOG": "json",
        "ESL_NOTION_BASE_URL": sandbox.at.notion_url,
        "ESL_ELEVENLABS_BASE_URL": sandbox.at.elevenlabs_url,
        "ESL_OPENAI_BASE_URL": sandbox.at.openai_url,
        "AWS_ENDPOINT_URL_S3": sandbox.at.s3_url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "NOTION_DATA_SOURCE_ID": HOMEWORK_DATA_SOURCE_ID,
        "S3_BUCKET": sandbox.at.bucket,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    tenants = tmp_path / "home" / "tenants"
    tenants.mkdir(parents=True)
    (tenants / "school.yaml").write_text(TENANT % sandbox.at.s3_url)
    (tenants / "openai.yaml").write_text("schema_version: 2\nsettings: {speech: {engine: openai}}\n")
    monkeypatch.setattr(MachineClock, "sleep", lambda self, seconds: None)
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda seconds: None))
    short = re.sub(r"^(Nora|Felix): .*$", r"\1: Hello.", four_turns, flags=re.MULTILINE)
    yield Scene(tmp_path / "home", marked, variables, sandbox.write(short, LESSON))
    assert marked.left_in(tmp_path / "home") == []


@pytest.fixture(autouse=True)
def _nothing_is_told(
    scene: Scene, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    caplog.set_level(logging.INFO)
    yield
    written = capfd.readouterr()
    logged = [logging.Formatter().format(record) + repr(vars(record)) for record in caplog.get_records("call")]
    told = f"{written.out}{written.err}{''.join(logged)}"
    assert scene.marked.found_in(told.encode()) == []


def sent_to(vendor: str, tenant: str) -> list[str]:
    """Returns the names of the secrets that a vendor is sent for a tenant."""
    own = "ESL_TENANT_SCHOOL__"
    match vendor:
        case "notion":
            return [f"{own}NOTION_TOKEN" if tenant == "school" else "NOTION_TOKEN"]
        case "s3" if tenant == "school":
            return [f"{own}BUCKET_KEY", f"{own}BUCKET_SECRET"]
        case "s3":
            return ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
        case _:
            return [f"{vendor.upper()}_API_KEY"]


def failures_of(vendor: str, tenant: str, marked: Marked) -> dict[str, dict[str, Any]]:
    """Returns the sandbox's rules for every kind of failure, by name."""
    found = failures([marked.values[name] for name in sent_to(vendor, tenant)])
    return {name: {"vendor": vendor, "every": 1, **rule} for name, rule in found.items()}


def failures(secrets: list[str]) -> dict[str, dict[str, Any]]:
    """Every kind of failure that a vendor can show, and answers that repeat what they were sent."""
    everything = " ".join(secrets)
    echo = {"code": "unauthorized", "message": everything, "detail": {"status": "x", "message": everything}}
    kinds: list[dict[str, Any]] = [
        *({"kind": str(status)} for status in (400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503, 504, 529)),
        *({"kind": kind} for kind in ("truncated", "truncated_chunk", "ended_early", "reset_before", "reset_after")),
        *({"kind": kind, "slow_s": 0.05} for kind in ("timeout_before", "timeout_after")),
    ]
    named = {rule["kind"]: rule for rule in kinds}
    bodies: dict[int, object] = {200: f"<html>{everything}", 401: echo, 500: echo}
    for status, body in bodies.items():
        named[f"{status} that repeats the keys"] = {"kind": "answer", "status": status, "body": body}
    xml = f"<Error><Code>InvalidAccessKeyId</Code><Message>{everything}</Message></Error>"
    named["XML that repeats the keys"] = {"kind": "answer", "status": 403, "body": xml}
    return named


NAMES = list(failures([]))


@pytest.fixture(scope="module")
def _told_apart(marked: Marked) -> None:
    """The search finds what it looks for."""
    for name, value in marked.values.items():
        assert marked.found_in(f"a {value} b".encode()) == [name]
        assert marked.found_in(value[:12].encode()) == [name]


@pytest.mark.usefixtures("_told_apart")
def test_a_search_finds_secrets_in_files_and_databases(scene: Scene, marked: Marked, tmp_path: Path) -> None:
    import sqlite3
    import zlib
    from base64 import b64encode
    from urllib.parse import quote

    token = marked.values["NOTION_TOKEN"]
    folder = tmp_path / "found"
    folder.mkdir()
    (folder / "a").write_bytes(b64encode(b"Bearer " + token.encode()))
    (folder / "b").write_text(quote(token, safe=""))
    with sqlite3.connect(folder / "c") as database:
        database.execute("CREATE TABLE t (x)")
        database.execute("INSERT INTO t VALUES (?)", (zlib.compress(token.encode()),))
    database.close()
    assert marked.left_in(folder) == ["NOTION_TOKEN in a", "NOTION_TOKEN in b", "NOTION_TOKEN in c, t"]


def test_a_publication_that_goes_well(scene: Scene, sandbox: Sandboxed) -> None:
    for tenant in ("school", "openai", "another"):
        succeeded(scene.publish(tenant))


@pytest.mark.parametrize("name", NAMES)
def test_a_publication_that_notion_and_the_voices_fail(scene: Scene, sandbox: Sandboxed, name: str) -> None:
    for tenant, engine in (("school", "elevenlabs"), ("openai", "openai")):
        rules = [failures_of(vendor, tenant, scene.marked)[name] for vendor in ("notion", engine)]
        with sandbox.faults(*rules):
            record = scene.publish(tenant)
        assert record.status != "succeeded"
        assert scene.marked.found_in(f"{record.model_dump_json()}{record!r}".encode()) == []


def test_an_upload_that_fails_in_every_way(scene: Scene, sandbox: Sandboxed) -> None:
    for tenant, names in (("school", NAMES), ("another", [name for name in NAMES if "repeats" in name])):
        succeeded(scene.publish(tenant))
        pipeline, options = scene.pipeline(), JobOptions(force=frozenset({Stage.UPLOAD}))
        for name in names:
            rule = failures_of("s3", tenant, scene.marked)[name]
            with sandbox.faults(rule):
                record = pipeline.rerun_assignment(tenant, LESSON, [Stage.UPLOAD], options)
            # An empty answer can't be spoilt, and one of S3 to a write says nothing but its status.
            if rule["kind"] not in SPOILT and rule.get("status") != 200:
                assert record.status != "succeeded", name
            assert scene.marked.found_in(f"{record.model_dump_json()}{record!r}".encode()) == [], name


def test_vendors_that_are_not_there_and_a_bucket_that_is_not(scene: Scene, sandbox: Sandboxed) -> None:
    nowhere = dict.fromkeys(("ESL_NOTION_BASE_URL", "ESL_ELEVENLABS_BASE_URL"), "http://127.0.0.1:9")
    scene.variables.update(nowhere)
    assert scene.publish().status == "unavailable"
    told = scene.command("publish", str(scene.lesson), "--tenant", "school", "--assignment", LESSON)
    assert "no connection" in told or "connection" in told
    for name, url in (
        ("ESL_NOTION_BASE_URL", sandbox.at.notion_url),
        ("ESL_ELEVENLABS_BASE_URL", sandbox.at.elevenlabs_url),
    ):
        scene.variables[name] = url
    for setting, why in (
        ("storage.bucket=gone", "NoSuchBucket"),
        ("storage.access_key_secret=AWS_SECRET_ACCESS_KEY", "school has no secret AWS_SECRET_ACCESS_KEY"),
    ):
        record = scene.publish("school", setting)
        assert why in record.model_dump_json()
        told += f"{record.model_dump_json()}{record!r}"
    assert scene.marked.found_in(told.encode()) == []


def test_runs_of_dagsters_that_fail(scene: Scene, sandbox: Sandboxed) -> None:
    """One is refused with answers that repeat the keys, the other is tried again; all failures are looked at above."""
    arguments = ("publish", str(scene.lesson), "--tenant", "school", "--assignment", LESSON)
    named = {vendor: failures_of(vendor, "school", scene.marked) for vendor in ("notion", "elevenlabs", "s3")}
    refused = "401 that repeats the keys"
    with sandbox.faults(named["notion"][refused], named["elevenlabs"][refused]):
        told = scene.command(*arguments)
    with sandbox.faults(named["s3"]["reset_after"]):
        told += scene.command(*arguments, "--json")
    assert "failed" in told
    assert scene.marked.found_in(told.encode()) == []


def test_a_program_that_is_killed_and_one_that_breaks(scene: Scene, sandbox: Sandboxed) -> None:
    arguments = ["publish", str(scene.lesson), "--tenant", "school", "--assignment", LESSON]
    command = [sys.executable, "-c", "from esl_pipeline.cli import main; main()", *arguments]
    child = subprocess.Popen(
        command, env={**os.environ, **scene.variables}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    with sandbox.faults({"vendor": "notion", "nth": 3, "kind": "kill_client", "pid": child.pid}):
        told, _ = child.communicate(timeout=120)
    assert child.returncode == -signal.SIGKILL
    assert scene.marked.found_in(told) == []


def test_what_an_error_tracker_takes_of_an_error(scene: Scene, sandbox: Sandboxed) -> None:
    pipeline = create_pipeline(environment=read_environment(scene.variables))
    for name in NAMES:
        job = pipeline.open_job("school", LESSON, manifest_file(scene.lesson))
        pipeline.run_stage(Stage.MANIFEST, job)
        with sandbox.faults(*(failures_of(v, "school", scene.marked)[name] for v in ("notion", "elevenlabs"))):
            for stage in (Stage.PAGE, Stage.SPEECH):
                with pytest.raises(VendorError) as caught:
                    pipeline.run_stage(stage, job)
                tracked = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
                assert scene.marked.found_in("".join(tracked.format()).encode()) == [], (name, stage)
