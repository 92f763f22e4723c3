from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
import sqlalchemy as sa
from botocore.config import Config
from pydantic import SecretStr

from esl_pipeline.clients import s3_client
from esl_pipeline.clients.retry import RetryPolicy
from esl_pipeline.manifests import AskingError
from esl_pipeline.stages.config_http import HttpConfig
from esl_pipeline.stores.config import MAX_BYTES, ConfigRefusedError, ConfigUnavailableError
from esl_pipeline.stores.config_folder import FolderConfig
from esl_pipeline.stores.config_postgres import PostgresConfig
from esl_pipeline.stores.config_s3 import S3Config
from esl_pipeline_tests.clients.raw_server import dripping, saying, serving, silent
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.settings_server import TOKEN, serving_settings
from esl_pipeline_tests.stores.conftest import POSTGRES

HASTY = RetryPolicy(
    attempts=2, deadline_s=1.0, connect_timeout_s=0.2, read_timeout_s=0.2, backoff_s=0.01, longest_wait_s=0.1
)
YAML = b"HTTP/1.1 200 OK\r\nContent-Type: application/yaml\r\n"


def over_http(url: str, token: str = TOKEN) -> HttpConfig:
    return HttpConfig(url, SecretStr(token), policy=HASTY)


def test_an_unchanged_document_is_not_sent_again() -> None:
    with serving_settings() as server:
        server.documents["school"] = b"schema_version: 2", "yaml"
        config = over_http(server.url)
        first = config.read("school")
        assert config.read("school", first) is first
        assert [(known is None, status) for _, known, status in server.asked] == [(True, 200), (False, 304)]


def test_a_server_without_etags_sends_it_again_and_the_version_is_of_the_content() -> None:
    with serving_settings() as server:
        server.documents["school"], server.has_etags = (b"schema_version: 2", "yaml"), False
        config = over_http(server.url)
        first = config.read("school")
        assert first is not None
        assert len(first.version) == 64
        assert config.read("school", first) == first
        assert [known for _, known, _ in server.asked] == [None, None]


def test_a_304_may_announce_the_length_that_it_does_not_send() -> None:
    told = b'HTTP/1.1 %s\r\nETag: "a"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n'
    with serving(saying(told % b"200 OK", b"{}"), saying(told % b"304 Not Modified")) as server:
        config = over_http(server.url)
        first = config.read("school")
        assert config.read("school", first) is first


@pytest.mark.parametrize(
    ("status", "fix"), [(401, "ESL_TENANTS_TOKEN"), (403, "ESL_TENANTS_TOKEN"), (302, "ESL_TENANTS.")]
)
def test_a_refusal_says_what_to_check_and_never_the_token(status: int, fix: str) -> None:
    with serving_settings() as server:
        server.status = status
        with pytest.raises(ConfigRefusedError, match=f"HTTP {status}: .*{fix}") as caught:
            over_http(server.url).read("school")
        with pytest.raises(ConfigRefusedError):
            over_http(server.url).tenants()
    assert TOKEN not in str(caught.value) + repr(caught.value.__cause__)


def test_a_server_that_repeats_the_token_does_not_get_it_shown() -> None:
    wrong = "settings-token-that-is-wrong"
    with serving_settings() as server, pytest.raises(ConfigRefusedError) as caught:
        over_http(server.url, wrong).read("school")
    assert "is not known" in str(caught.value)
    assert wrong not in str(caught.value) + str(caught.value.__cause__)


def test_a_redirect_is_not_followed() -> None:
    with (
        serving_settings() as elsewhere,
        serving(
            saying(f"HTTP/1.1 302 Found\r\nLocation: {elsewhere.url}/school\r\nContent-Length: 0\r\n\r\n".encode())
        ) as server,
    ):
        with pytest.raises(ConfigRefusedError, match="302"):
            over_http(server.url).read("school")
        assert elsewhere.asked == []


def test_a_server_in_trouble_is_asked_again_and_then_unavailable() -> None:
    with serving_settings() as server:
        server.status = 503
        with pytest.raises(ConfigUnavailableError, match="503"):
            over_http(server.url).read("school")
        assert len(server.asked) == HASTY.attempts


@pytest.mark.parametrize(
    "treatment",
    [silent(), silent(YAML), dripping(YAML + b"\r\n"), saying(b""), saying(YAML + b"Content-Length: 99\r\n\r\nschema")],
    ids=["silent", "silent after its head", "dripping", "hangs up", "breaks off"],
)
def test_a_server_that_does_not_answer_in_time_is_unavailable(treatment: object) -> None:
    with serving(treatment) as server, pytest.raises(ConfigUnavailableError):  # type: ignore[arg-type]
        over_http(server.url).read("school")


def test_an_answer_without_end_is_given_up_at_the_limit() -> None:
    endless = saying(YAML + b"\r\n", *[b"#" * 100_000] * (MAX_BYTES // 100_000 + 5))
    with serving(endless) as server, pytest.raises(AskingError, match="more than 1,000,000 bytes"):
        over_http(server.url).read("school")


@pytest.mark.parametrize("listed", [{"tenants": []}, "school", None, 3])
def test_a_list_of_tenants_that_is_none_is_no_empty_list(listed: object) -> None:
    body = b"null" if listed is None else str(listed).encode()
    answer = saying(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body))
    with serving(answer) as server, pytest.raises(ConfigUnavailableError, match="no JSON list"):
        over_http(server.url).tenants()


def test_names_that_are_no_slugs_are_left_out_of_the_servers_list() -> None:
    with serving_settings() as server:
        server.listed = ["school", "../evil", 3, None, "School", "school", "nul", "a"]
        assert over_http(server.url).tenants() == ["a", "school"]


def test_a_bucket_that_is_not_there_is_refused(sandbox: Sandboxed) -> None:
    config = S3Config(s3_client(sandbox.at.s3_url, key="any", secret="any-secret"), "no-such-bucket")
    with pytest.raises(ConfigRefusedError, match="s3://no-such-bucket/") as caught:
        config.read("school")
    assert "any-secret" not in str(caught.value)


def test_a_bucket_in_trouble_is_unavailable(sandbox: Sandboxed) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=sandbox.at.s3_url,
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )
    config = S3Config(client, sandbox.at.bucket, "settings/")
    with sandbox.faults({"vendor": "s3", "kind": "503", "times": 20}), pytest.raises(ConfigUnavailableError):
        config.tenants()
    assert config.tenants() == []


def test_an_s3_server_that_is_not_there_is_unavailable() -> None:
    config = S3Config(s3_client("http://127.0.0.1:9", key="any", secret="any"), "bucket")
    with pytest.raises(ConfigUnavailableError):
        config.read("school")


@POSTGRES
def test_a_database_that_is_not_there_is_unavailable_and_its_password_is_not_told() -> None:
    engine = sa.create_engine("postgresql://esl:pass-4711@127.0.0.1:9/settings")
    with pytest.raises(ConfigUnavailableError, match="database settings, user esl") as caught:
        PostgresConfig(engine).read("school")
    assert "pass-4711" not in str(caught.value)


@POSTGRES
def test_a_database_whose_table_has_another_form_is_refused(postgres: sa.Engine) -> None:
    with postgres.begin() as connection:
        connection.execute(sa.text("ALTER TABLE esl.tenant_settings DROP COLUMN form"))
    with pytest.raises(ConfigRefusedError, match="UndefinedColumn"):
        PostgresConfig(postgres).read("school")


@POSTGRES
def test_the_table_takes_no_other_form(postgres: sa.Engine) -> None:
    with pytest.raises(sa.exc.IntegrityError), postgres.begin() as connection:
        connection.execute(sa.text("INSERT INTO esl.tenant_settings VALUES ('school', '', 'toml')"))


def test_a_folder_that_is_not_there_has_no_documents(tmp_path: Path) -> None:
    config = FolderConfig(tmp_path / "none")
    assert (config.read("school"), list(config.tenants())) == (None, [])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "school.yaml").touch(mode=0)
    with pytest.raises(AskingError, match="Permission denied"):
        FolderConfig(tmp_path).read("school")


@pytest.mark.parametrize("make", [lambda path: path.symlink_to("gone"), os.mkfifo])
def test_what_is_no_file_is_a_problem_and_not_a_tenant_without_settings(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    make(tmp_path / "school.yaml")
    assert FolderConfig(tmp_path).tenants() == ["school"]
    with pytest.raises(AskingError, match="no file, or a link to one that is not there"):
        FolderConfig(tmp_path).read("school")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_searched_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(mode=0)
    with pytest.raises(AskingError, match="Permission denied"):
        FolderConfig(tmp_path / "shut").read("school")
