from __future__ import annotations

import re
from typing import get_args

from esl_pipeline.stages import config_http
from esl_pipeline.stages.config_http import HttpConfig
from esl_pipeline.stages.config_place import open_config
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stages.settings_live import Subject
from esl_pipeline.stores import config_cached
from esl_pipeline.stores.config import MAX_BYTES
from esl_pipeline.stores.config_folder import FolderConfig
from esl_pipeline.stores.config_postgres import PostgresConfig
from esl_pipeline.stores.config_s3 import S3Config
from esl_pipeline.stores.postgres.tables import TENANT_SETTINGS
from esl_pipeline_tests.docs.documents import PROJECT

PAGE = (PROJECT / "docs" / "manifest.md").read_text("utf-8")


def first_cells(table: str) -> list[str]:
    """What the rows of a table are about."""
    (rows,) = re.findall(rf"<!-- {table} -->\n(.*?)<!-- /{table} -->", PAGE, re.S)
    return re.findall(r"^\| `([^`]+)` \|", rows, re.M)


def test_each_address_that_is_told_opens_its_place() -> None:
    made = []
    for address in first_cells("places"):
        config = open_config(read_environment({"ESL_TENANTS": address, "ESL_TENANTS_TOKEN": "token"}))
        made.append(type(vars(config).get("_provider", config)))
    assert made == [FolderConfig, S3Config, HttpConfig, PostgresConfig]


def test_all_that_a_live_check_looks_at_is_told() -> None:
    assert first_cells("live") == [*get_args(Subject)]


def test_the_times_and_bounds_that_are_told_are_those_of_the_code() -> None:
    fresh_s, stale_s, most = config_cached.FRESH_S, config_cached.STALE_S, config_cached.MOST_TENANTS
    assert f"serves for {fresh_s:.0f} seconds, for up to {most} tenants" in PAGE
    assert f"serves for {stale_s / 60:.0f} minutes" in PAGE
    assert f"a call ends after {config_http.POLICY.deadline_s:.0f} seconds" in PAGE
    assert f"at most {MAX_BYTES:,} bytes" in PAGE


def test_the_statement_that_is_told_fills_the_table() -> None:
    (columns,) = re.findall(r"INSERT INTO esl\.tenant_settings \((.*?)\)", PAGE)
    assert columns.split(", ") == [column.name for column in TENANT_SETTINGS.columns]
