from __future__ import annotations

import re
from typing import get_args

import pytest

from esl_pipeline.manifests import read_manifest, read_tenant_file, resolve
from esl_pipeline.manifests.fields import all_fields
from esl_pipeline.manifests.rules import MEANINGS, Rule
from esl_pipeline.manifests.settings import Settings, SettingsLayerName
from esl_pipeline_tests.manifests.reference import PAGE, TABLES, written

PAGE_TEXT = PAGE.read_text("utf-8")


@pytest.mark.parametrize("name", TABLES)
def test_the_page_has_each_table_once(name: str) -> None:
    assert PAGE_TEXT.count(f"<!-- {name} -->") == PAGE_TEXT.count(f"<!-- /{name} -->") == 1


def test_the_tables_are_those_of_the_code() -> None:
    assert written(PAGE_TEXT) == PAGE_TEXT, "run python -m esl_pipeline_tests.manifests.reference"


def test_every_setting_has_a_meaning_that_ends_like_a_sentence() -> None:
    assert [field.path for field in all_fields(Settings) if not field.meaning.endswith(".")] == []


def test_every_rule_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Rule)


def test_every_layer_is_told_in_its_order() -> None:
    told = re.findall(r"^\| ([a-z ]+) \|", PAGE_TEXT.partition("## Which value wins")[2], re.M)
    layers = list(get_args(SettingsLayerName))
    assert [name for name in told if name in layers] == layers


def test_the_examples_on_the_page_are_valid() -> None:
    manifest, tenant = re.findall(r"```yaml\n(.*?)```", PAGE_TEXT, re.S)
    reading = read_manifest(manifest, file="week-1.yaml", lesson_of=lambda name: name)
    file, problems = read_tenant_file(tenant, file="my-school.yaml")
    assert reading.problems == problems == ()
    assert file is not None
    assert resolve(file.layers("Anna")).problems == ()
    assert resolve(file.layers("Anna")).origins["speech.voice_settings.speed"].layer == "student"
