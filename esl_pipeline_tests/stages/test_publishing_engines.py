"""A lesson is published with each engine, as far as the player on the page."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from esl_pipeline.manifests.settings import Settings
from esl_pipeline.stages.settings_check import check_settings
from esl_pipeline_tests.clients.neural_voice.extra import needs_neural
from esl_pipeline_tests.sandboxed import Sandboxed, flat, succeeded
from esl_pipeline_tests.stages.plug_in import install

SHORT = "Nora: Is it raining?\n\nFelix: Yes. Take a coat.\n"


def published(sandbox: Sandboxed, lesson: str, assignment: str, engine: str) -> list[str]:
    """Publishes with an engine, and returns the voices that are heard; nothing is asked of ElevenLabs."""
    publish = partial(sandbox.publish, lesson, assignment, tenant=assignment, overrides=(f"speech.engine={engine}",))
    with sandbox.watched("elevenlabs" if engine != "elevenlabs" else "openai") as seen:
        record = succeeded(publish())
        again = succeeded(publish())
    assert seen == []
    assert again.audio.sha256 == record.audio.sha256
    assert all(segment.cached for segment in again.audio.segments)
    (page,) = sandbox.pages(f"{assignment}/{assignment}")
    (audio,) = [block for block in flat(sandbox.tree(page["id"])) if block.type == "audio"]
    assert audio.block["audio"]["external"]["url"] == record.audio.url
    return [segment.voice for segment in record.audio.segments]


def test_the_local_voice_speaks_a_lesson(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    assert published(sandbox, four_turns, assignment, "local") == ["Lily", "Daniel"] * 2


def test_openai_speaks_a_lesson(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    with sandbox.watched("openai") as seen:
        nora, felix, *again = published(sandbox, four_turns, assignment, "openai")
    assert again == [nora, felix]
    assert [entry["path"] for entry in seen] == ["/v1/audio/speech"] * 4


@pytest.mark.slow
@needs_neural
def test_the_neural_voice_speaks_a_lesson(sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    lesson = re.sub(r"(:::study-text.*\n)[\s\S]*?(:::)", rf"\1{SHORT}\2", four_turns, count=1)
    nora, felix = published(sandbox, lesson, assignment, "neural")
    assert nora in {"Heart", "Emma", "Bella"}
    assert felix in {"Michael", "George", "Puck"}


def test_the_engine_of_the_documentation_speaks_a_lesson(
    sandbox: Sandboxed, four_turns: str, assignment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(install(tmp_path))
    assert published(sandbox, four_turns, assignment, "humming") == ["High", "Low"] * 2


def test_an_engine_that_is_not_there_fails_before_anything_is_written(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    with sandbox.watched() as seen:
        record = sandbox.publish(four_turns, assignment, tenant=assignment, overrides=("speech.engine=humming",))
    assert record.status == "rejected"
    assert seen == []
    assert [stage.stage for stage in record.stages] == ["validated_manifest"]
    (problem,) = record.problems
    assert (problem.rule, problem.file) == ("S-VALUE", "run config")
    assert problem.message == "There is no speech.engine 'humming'."
    assert problem.fix == "Installed are elevenlabs, openai, local, neural."


def test_a_misspelt_engine_of_a_tenant_is_told_at_its_line_without_asking_anybody(
    sandbox: Sandboxed, assignment: str
) -> None:
    file = sandbox.home / "tenants" / f"{assignment}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text("schema_version: 2\nstudents:\n  Ada:\n    speech: {engine: elevenlab}\n", "utf-8")
    (found,) = check_settings(sandbox.pipeline().providers, [assignment])
    (problem,) = found.problems
    assert (problem.file, problem.line, problem.column) == (file.name, 4, 22)
    assert "Did you mean elevenlabs?" in problem.fix


def test_a_host_with_vendors_of_its_own_may_have_engines_that_only_they_know(
    sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    usual = sandbox.pipeline().providers.vendors
    pipeline = sandbox.pipeline(vendors=lambda tenant, _: usual(tenant, Settings()))
    record = sandbox.publish(four_turns, assignment, pipeline=pipeline, overrides=["speech.engine=ours"])
    assert {problem.rule for problem in succeeded(record).problems} <= {"P-STUDENT"}
