from __future__ import annotations

import pytest

from esl_pipeline.manifests import Origin, environment_layer, resolve
from esl_pipeline.manifests.fields import all_fields
from esl_pipeline.manifests.settings import Settings
from esl_pipeline.manifests.variables import VARIABLES
from esl_pipeline_tests.manifests.test_resolve import value_of

EXAMPLES: dict[str, tuple[str, object]] = {
    "NOTION_DATA_SOURCE_ID": ("00012", "00012"),
    "NOTION_DB_ID": ("db", "db"),
    "NOTION_DATABASE_ID": ("db", "db"),
    "NOTION_PARENT_PAGE_ID": ("pg", "pg"),
    "STUDENTS_DATA_SOURCE_ID": ("st", "st"),
    "STUDENTS_DB_ID": ("st", "st"),
    "ESL_NOTION_REQUESTS_PER_MINUTE": ("600", 600),
    "S3_BUCKET": ("lessons", "lessons"),
    "S3_PREFIX": ("/audio/lessons/", "audio/lessons"),
    "ESL_STORAGE_PUBLISHING": ("presigned", "presigned"),
    "ESL_SPEECH_ENGINE": ("local", "local"),
    "ESL_SPEECH_MAX_CONCURRENT_REQUESTS": ("15", 15),
    "ELEVENLABS_MODEL_ID": ("eleven_v3", "eleven_v3"),
    "ELEVENLABS_DIALOGUE_LANGUAGE": ("EN", "en"),
    "ELEVENLABS_DIALOGUE_STABILITY": ("0.25", 0.25),
    "ELEVENLABS_DIALOGUE_SEED": ("7", 7),
    "ELEVENLABS_SILENCE_TAIL_SECONDS": ("0.4", 400),
}


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_variable_gives_its_setting_and_is_its_origin(variable: object) -> None:
    found = next(known for known in VARIABLES if known is variable)
    text, value = EXAMPLES[found.name]
    resolved = resolve([environment_layer({found.name: f" {text} ", "PATH": "/bin"})])
    assert resolved.problems == ()
    assert value_of(resolved.settings, found.path) == value
    given = {path: origin for path, origin in resolved.origins.items() if origin.layer != "default"}
    assert given == {found.path: Origin("environment", found.name)}


def test_every_variable_names_a_setting() -> None:
    assert {variable.path for variable in VARIABLES} <= {field.path for field in all_fields(Settings)}


def test_empty_variables_give_nothing() -> None:
    assert environment_layer(dict.fromkeys(EXAMPLES, " ")).values == {}


def test_of_two_names_the_first_wins() -> None:
    layer = environment_layer({"NOTION_DATABASE_ID": "old", "NOTION_DB_ID": "new", "STUDENTS_DB_ID": "st"})
    assert layer.values == {"notion": {"database_id": "new", "students_data_source_id": "st"}}


@pytest.mark.parametrize("text", ["soon", "-1", "99", "nan", "inf", "1e400"])
def test_a_wrong_value_names_its_variable(text: str) -> None:
    (problem,) = resolve([environment_layer({"ELEVENLABS_SILENCE_TAIL_SECONDS": text})]).problems
    assert problem.file == "ELEVENLABS_SILENCE_TAIL_SECONDS"
    assert "audio.end_pause_ms must be a whole number from 0 to 5000" in problem.message


def test_credentials_are_no_settings() -> None:
    assert environment_layer({"NOTION_TOKEN": "ntn_x", "ELEVENLABS_API_KEY": "sk_x"}).values == {}


def test_a_model_of_elevenlabs_is_not_taken_for_one_of_another_engine() -> None:
    model = {"ELEVENLABS_MODEL_ID": "eleven_v3"}
    assert resolve([environment_layer(model)]).settings.speech.model == "eleven_v3"
    assert resolve([environment_layer({**model, "ESL_SPEECH_ENGINE": "elevenlabs"})]).settings.speech.model
    assert resolve([environment_layer({**model, "ESL_SPEECH_ENGINE": "openai"})]).settings.speech.model is None
