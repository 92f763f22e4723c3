from __future__ import annotations

import re
from pathlib import Path

import yaml

from esl_pipeline.clients.errors import VendorError
from esl_pipeline.commands.instance import instance_config
from esl_pipeline.definitions import defs
from esl_pipeline.defs.failures import LESSON_ERRORS
from esl_pipeline.defs.resources import AskingResource
from esl_pipeline.defs.run_config import RUN_CONFIG
from esl_pipeline.manifests.fields import all_fields
from esl_pipeline.manifests.settings import Settings
from esl_pipeline.stages.queue_message import QueueMessage
from esl_pipeline.stages.run_stage import describe_failure
from esl_pipeline_tests.docs.documents import DOCUMENTS, PROJECT, code_blocks, code_words, each_document

OPERATIONS = PROJECT / "docs" / "operations.md"
README = PROJECT / "README.md"
GRAPH_PAGES = [README, PROJECT / "docs" / "architecture.md"]
SOURCES = "\n".join(path.read_text("utf-8") for path in (PROJECT / "esl_pipeline").rglob("*.py"))
SETTING = re.compile(r"((?:notion|speech|audio|storage|budget|retention|notify)(?:\.[a-z_]+)+)(?:=.*)?")
METADATA = re.compile(r"(?:notion|elevenlabs|audio|s3|stage|lesson|manifest)/[a-z_0-9]+")


def assets(group: str | None = None) -> set[str]:
    graph = defs.resolve_asset_graph()
    return {key.to_user_string() for key in graph.get_all_asset_keys() if group in (None, graph.get(key).group_name)}


def dagster_names() -> set[str]:
    graph = defs.resolve_asset_graph()
    checks = {key.name for key in graph.asset_check_keys}
    jobs = {name for name in defs.get_repository_def().job_names if not name.startswith("__")}
    automation = {found.name for found in (*(defs.sensors or ()), *(defs.schedules or ()))}
    return assets() | checks | jobs | automation


def test_every_asset_check_job_and_sensor_is_told_to_operators() -> None:
    text = OPERATIONS.read_text("utf-8")
    assert len(dagster_names()) >= 12
    assert {name for name in dagster_names() if name not in text} == set()


def test_every_asset_is_told_in_the_readme() -> None:
    assert assets() - set(code_words(README)) == set()


def test_every_name_in_the_pictures_of_the_graph_is_an_asset() -> None:
    for page in GRAPH_PAGES:
        (picture,) = [block for block in code_blocks(page) if "─►" in block]
        assert set(re.findall(r"[a-z]+(?:_[a-z0-9]+)+", picture)) == assets("publication")


def test_every_name_of_ours_that_operators_are_told_exists() -> None:
    ours = dagster_names() | set(AskingResource.model_fields) | set(QueueMessage.model_fields)
    ours |= {LESSON_ERRORS, RUN_CONFIG}
    ours |= set(yaml.safe_load(instance_config()))
    named = {word for word in code_words(OPERATIONS) if re.fullmatch(r"[a-z]+(?:_[a-z0-9]+)+", word)}
    assert {word for word in named if word not in ours} == set()


@each_document
def test_every_setting_exists(document: Path) -> None:
    words = [word.removeprefix("--set ") for word in code_words(document)]
    paths = [match[1] for word in words if (match := SETTING.fullmatch(word))]
    assert [path for path in paths if not is_setting(path)] == []


def is_setting(path: str) -> bool:
    """Tells whether there is a setting, a group of settings, or a setting that takes values by such a key."""
    settings = {field.path: field for field in all_fields(Settings)}
    parent, _, key = path.rpartition(".")
    by_key = settings.get(parent)
    return (
        path in settings
        or any(name.startswith(f"{path}.") for name in settings)
        or (by_key is not None and by_key.kind == "by key" and key in (by_key.keys or (key,)))
    )


def test_a_misspelt_setting_is_found() -> None:
    assert is_setting("audio.pause_ms")
    assert not is_setting("audio.pause_s")
    assert is_setting("speech.voices.anna")
    assert is_setting("speech.fallback_voices.teacher")
    assert not is_setting("speech.fallback_voices.anna")
    assert not is_setting("audio.pause_ms.anna")


def test_every_metadata_name_is_one_that_the_program_gives() -> None:
    named = {word for page in DOCUMENTS for word in code_words(page) if METADATA.fullmatch(word)}
    assert {name for name in named if f'"{name}"' not in SOURCES} == set()


def test_every_part_of_a_failure_that_operators_are_told_is_given() -> None:
    given = {f"failure/{name}" for name in describe_failure(VendorError("notion", "code", "message"))}
    named = {word for word in code_words(OPERATIONS) if word.startswith("failure/")} - {"failure/"}
    assert named
    assert named <= given


def test_all_metadata_that_a_run_leaves_are_told_to_operators() -> None:
    """The names are written out in the stages; those of failures are made of the fields of an error."""
    folders = [PROJECT / "esl_pipeline" / name for name in ("stages", "defs")]
    sources = [path.read_text("utf-8") for folder in folders for path in folder.rglob("*.py")]
    groups = "notion|elevenlabs|audio|s3|stage|lesson|manifest|budget|voices|usage|check|failure"
    left = {name for source in sources for name in re.findall(rf'"((?:{groups})/[a-z_0-9]+)"', source)} - {"audio/mpeg"}
    left |= {f"failure/{name}" for name in describe_failure(VendorError("notion", "code", "words"))}
    told = set(code_words(OPERATIONS))
    assert len(left) > 50
    assert left - told == set()
