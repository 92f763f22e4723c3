"""The same tests for every place of secrets; AWS is moto's server, Postgres is real."""

from __future__ import annotations

import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from esl_pipeline.slugs import SLUG, SlugError
from esl_pipeline.stores.secrets import (
    SECRET_NAME,
    SecretProvider,
    SecretRefusedError,
    SecretSource,
    SecretUnavailableError,
    TenantSecrets,
)
from esl_pipeline.stores.secrets_aws import AwsSecrets, Service
from esl_pipeline.stores.secrets_cached import KEPT_S, CachedSecrets
from esl_pipeline.stores.secrets_environment import EnvironmentSecrets, variable_of
from esl_pipeline.stores.secrets_files import FileSecrets
from esl_pipeline.stores.secrets_postgres import PostgresSecrets
from esl_pipeline_tests.stores.conftest import POSTGRES

PLACES = ["environment", "files", "secretsmanager", "ssm", pytest.param("postgres", marks=POSTGRES)]
KEY = SecretStr(Fernet.generate_key().decode())


@dataclass(frozen=True)
class Place:
    """A source, and how somebody puts a secret there."""

    source: SecretSource
    put: Callable[[str | None, str, str], object]

    def get(self, tenant: str, name: str, *, shared: bool) -> str | None:
        provider: SecretProvider = TenantSecrets(self.source)
        found = provider.get(tenant, name, shared=shared)
        return found.get_secret_value() if found else None


def in_aws(service: Service) -> Place:
    prefix = f"{'/' if service == 'ssm' else ''}esl-{uuid.uuid4().hex}"
    client: Any = boto3.client(service)

    def put(owner: str | None, name: str, value: str) -> None:
        path = "/".join(part for part in (prefix, owner, name) if part)
        if service == "ssm":
            client.put_parameter(Name=path, Value=value, Type="SecureString")
        else:
            client.create_secret(Name=path, SecretString=value)

    return Place(AwsSecrets(service, prefix), put)


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    match request.param:
        case "environment":
            variables: dict[str, str] = {}
            return Place(
                EnvironmentSecrets(variables),
                lambda owner, name, value: variables.update({variable_of(owner, name): value}),
            )
        case "files":

            def put(owner: str | None, name: str, value: str) -> None:
                folder = tmp_path / owner if owner else tmp_path
                folder.mkdir(exist_ok=True)
                (folder / name).write_text(f"{value}\n")

            return Place(FileSecrets(tmp_path), put)
        case "postgres":
            rows = PostgresSecrets(request.getfixturevalue("postgres"), [KEY])
            return Place(rows, lambda owner, name, value: rows.put(owner, name, SecretStr(value)))
        case service:
            request.getfixturevalue("aws")
            return in_aws(service)


def test_a_tenant_has_its_own_secret_before_that_of_the_installation(place: Place) -> None:
    assert place.get("school", "NOTION_TOKEN", shared=True) is None
    place.put(None, "NOTION_TOKEN", "ntn_all")
    assert place.get("school", "NOTION_TOKEN", shared=True) == "ntn_all"
    place.put("school", "NOTION_TOKEN", "ntn_school")
    assert place.get("school", "NOTION_TOKEN", shared=True) == "ntn_school"
    assert place.get("college", "NOTION_TOKEN", shared=True) == "ntn_all"


def test_a_name_that_a_tenant_chose_is_its_own_or_nobodys(place: Place) -> None:
    for name in ("NOTION_TOKEN", "AWS_SECRET_ACCESS_KEY", "PATH", "ESL_SECRETS_KEYS"):
        place.put(None, name, "of the installation")
        assert place.get("school", name, shared=False) is None
    place.put("school", "NOTION_TOKEN", "ntn_school")
    assert place.get("school", "NOTION_TOKEN", shared=False) == "ntn_school"


def test_no_name_leads_to_another_tenants_secret(place: Place) -> None:
    place.put("a-b", "KEY", "of a-b")
    place.put("b", "KEY", "of b")
    for tenant, name in [
        ("a", "B__KEY"),
        ("a", "B_KEY"),
        ("a", "KEY"),
        ("a-", "B_KEY"),
        ("a--b", "KEY"),
        ("a-", "KEY"),
    ]:
        if SECRET_NAME.fullmatch(name):
            assert place.get(tenant, name, shared=False) is None, (tenant, name)
    for name in (
        "../b/KEY",
        "b/KEY",
        "ESL_TENANT_B__KEY",
        "B__KEY",
        "KEY/",
        "key",
        "",
        "KEY\n",
        "..",
        "K" * 65,
        "_KEY",
    ):
        with pytest.raises(SecretRefusedError, match="can't be the name of a secret"):
            place.get("a", name, shared=True)
    for tenant in ("..", "../b", "A", "a/b", "", "a_b", "ä"):
        with pytest.raises(SlugError):
            place.get(tenant, "KEY", shared=True)


def test_an_odd_secret_is_kept_as_it_is_and_none_is_shown(place: Place) -> None:
    value = "pä$$ ${HOME}\\n'\"=#; x"
    place.put("school", "ODD", value)
    assert place.get("school", "ODD", shared=False) == value
    found = TenantSecrets(place.source).get("school", "ODD", shared=False)
    assert "pä$$" not in f"{found!r} {found} {place.source!r}"


def test_somebody_is_told_where_to_put_a_secret(place: Place) -> None:
    told = TenantSecrets(place.source).places("my-school", "NOTION_TOKEN", shared=True)
    assert told.count("NOTION_TOKEN") >= 2
    assert " or " in told
    assert " or " not in TenantSecrets(place.source).places("my-school", "NOTION_TOKEN", shared=False)


SLUGS, NAMES = st.from_regex(SLUG, fullmatch=True), st.from_regex(SECRET_NAME, fullmatch=True)


@given(SLUGS, NAMES, SLUGS, NAMES)
def test_no_two_secrets_share_a_variable(a: str, first: str, b: str, second: str) -> None:
    assert (variable_of(a, first) == variable_of(b, second)) == ((a, first) == (b, second))


@pytest.mark.parametrize(
    ("tenant", "other"), [("a", "a-b"), ("a", "a-"), ("a-", "a--"), ("a-b", "a--b"), ("a", "a--b")]
)
def test_tenants_that_begin_alike_share_no_variable(tenant: str, other: str) -> None:
    names = ["B", "B_N", "N", "KEY"]
    assert not {variable_of(tenant, name) for name in names} & {variable_of(other, name) for name in names}


# Files.


def test_links_as_kubernetes_makes_them_are_followed_and_others_are_not(tmp_path: Path) -> None:
    root, outside = tmp_path / "secrets", tmp_path / "outside"
    (root / "..2026" / "x").mkdir(parents=True)
    (root / "..2026" / "KEY").write_bytes(b"first\r\nsecond\r\n\n")
    (root / "..data").symlink_to("..2026")
    (root / "KEY").symlink_to("..data/KEY")
    outside.write_text("hush")
    (root / "OUT").symlink_to(outside)
    (root / "LOOP").symlink_to("LOOP")
    (root / "FOLDER").mkdir()
    (root / "school").write_text("a file, no folder")
    files = FileSecrets(root)
    found = files.read(None, "KEY")
    assert found is not None
    assert found.get_secret_value() == "first\r\nsecond"
    assert files.read("school", "KEY") is None
    for name, why in (("OUT", "leads out of"), ("LOOP", "can't be read"), ("FOLDER", "can't be read")):
        with pytest.raises(SecretRefusedError, match=why):
            files.read(None, name)


def test_a_file_that_is_no_secret_is_refused_without_being_shown(tmp_path: Path) -> None:
    (tmp_path / "BINARY").write_bytes(b"hush-hush\xff")
    (tmp_path / "LONG").write_text("hush-hush" * 10_000)
    (tmp_path / "EMPTY").write_text("\n")
    assert FileSecrets(tmp_path).read(None, "EMPTY") is None
    for name in ("BINARY", "LONG"):
        with pytest.raises(SecretRefusedError) as caught:
            FileSecrets(tmp_path).read(None, name)
        assert caught.value.__context__ is None
        assert "hush" not in "".join(traceback.format_exception(caught.value))


# AWS.


def test_what_aws_refuses_and_what_it_has_no_time_for_are_told_apart(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = in_aws("secretsmanager")
    boto3.client("secretsmanager").create_secret(Name=f"{place.source._prefix}/BINARY", SecretBinary=b"hush")  # type: ignore[attr-defined]
    with pytest.raises(SecretRefusedError, match="is binary"):
        place.source.read(None, "BINARY")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(SecretUnavailableError, match="Secrets Manager is out of reach: EndpointConnectionError"):
        AwsSecrets("secretsmanager", "esl").read("school", "KEY")
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(SecretRefusedError, match=r"NoRegionError\. Check AWS_REGION"):
        AwsSecrets("ssm", "/esl").read("school", "KEY")


# What is remembered.


class Counted:
    def __init__(self) -> None:
        self.asked: list[tuple[str | None, str]] = []
        self.value: str | None = "first"

    def read(self, owner: str | None, name: str) -> SecretStr | None:
        self.asked.append((owner, name))
        if self.value == "out of reach":
            raise SecretUnavailableError("out of reach")
        return SecretStr(self.value) if self.value else None

    def place(self, owner: str | None, name: str) -> str:
        return name

    def forget(self, owner: str) -> None:
        self.asked.append((owner, "forgotten"))


def remembering(most: int = 100) -> tuple[Counted, CachedSecrets, list[float]]:
    source, now = Counted(), [0.0]
    return source, CachedSecrets(source, monotonic=lambda: now[0], most=most), now


def test_a_secret_is_asked_for_once_in_five_minutes_and_a_changed_one_is_seen_then() -> None:
    source, cached, now = remembering()
    assert [cached.read("school", "KEY") for _ in range(3)] == [SecretStr("first")] * 3
    source.value, now[0] = "second", KEPT_S - 1
    assert cached.read("school", "KEY") == SecretStr("first")
    now[0] = KEPT_S
    assert cached.read("school", "KEY") == SecretStr("second")
    assert len(source.asked) == 2


def test_a_secret_that_was_refused_is_asked_for_at_once() -> None:
    source, cached, _ = remembering()
    for owner in ("school", "college", None):
        cached.read(owner, "KEY")
    source.value = "second"
    cached.forget("school")
    assert cached.read("school", "KEY") == cached.read(None, "KEY") == SecretStr("second")
    assert cached.read("college", "KEY") == SecretStr("first")


def test_that_there_is_none_is_remembered_and_an_outage_is_not() -> None:
    source, cached, _ = remembering()
    source.value = None
    assert cached.read("school", "KEY") is cached.read("school", "KEY") is None
    assert len(source.asked) == 1
    source.value = "out of reach"
    with pytest.raises(SecretUnavailableError):
        cached.read("school", "OTHER")
    source.value = "first"
    assert cached.read("school", "OTHER") == SecretStr("first")


def test_no_more_secrets_are_kept_than_allowed() -> None:
    source, cached, _ = remembering(most=2)
    for owner in ("a", "b", "a", "c", "a", "b"):
        cached.read(owner, "KEY")
    assert [owner for owner, _ in source.asked] == ["a", "b", "c", "b"]


# Postgres.


def new_key() -> SecretStr:
    return SecretStr(Fernet.generate_key().decode())


@POSTGRES
def test_rows_hold_no_secret_in_the_open_and_are_bound_to_their_owner(postgres: sa.Engine) -> None:
    rows = PostgresSecrets(postgres, [KEY])
    rows.put("school", "KEY", SecretStr("hush-hush"))
    with postgres.begin() as connection:
        content = connection.execute(sa.text("SELECT content FROM esl.secrets")).scalar_one()
        assert b"hush" not in bytes(content)
        connection.execute(sa.text("UPDATE esl.secrets SET tenant = 'college'"))
    with pytest.raises(SecretRefusedError, match="The secret KEY of college was written for another name or owner"):
        rows.read("college", "KEY")


@POSTGRES
def test_a_new_key_encrypts_all_rows_anew_and_the_old_one_can_go(postgres: sa.Engine) -> None:
    old, new = new_key(), new_key()
    before = PostgresSecrets(postgres, [old])
    for owner in (None, "college", "school"):
        before.put(owner, "KEY", SecretStr(f"of {owner}"))
    both = PostgresSecrets(postgres, [new, old])
    assert both.read("school", "KEY") == SecretStr("of school")
    assert both.rotate() == 3
    after = PostgresSecrets(postgres, [new])
    assert [after.read(*row) for row in after.names()] == [SecretStr(f"of {o}") for o in (None, "college", "school")]
    with pytest.raises(SecretRefusedError) as caught:
        before.read("school", "KEY")
    told = "".join(traceback.format_exception(caught.value))
    assert "The secret KEY of school was encrypted with none of the keys in ESL_SECRETS_KEYS" in told
    assert old.get_secret_value() not in told


@POSTGRES
def test_a_row_that_no_key_opens_stops_the_change_of_keys_before_anything_is_written(postgres: sa.Engine) -> None:
    old, new = new_key(), new_key()
    PostgresSecrets(postgres, [old]).put("a", "KEY", SecretStr("first"))
    PostgresSecrets(postgres, [new_key()]).put("b", "KEY", SecretStr("second"))
    with pytest.raises(SecretRefusedError, match="The secret KEY of b"):
        PostgresSecrets(postgres, [new, old]).rotate()
    assert PostgresSecrets(postgres, [old]).read("a", "KEY") == SecretStr("first")


@POSTGRES
def test_all_secrets_of_a_tenant_go_at_once_and_nobody_elses(postgres: sa.Engine) -> None:
    rows = PostgresSecrets(postgres, [KEY])
    for owner, name in ((None, "ONE"), ("school", "ONE"), ("school", "TWO"), ("college", "ONE")):
        rows.put(owner, name, SecretStr("hush"))
    assert rows.delete("school") == 2
    assert rows.names() == [(None, "ONE"), ("college", "ONE")]
    assert rows.delete(None, "ONE") == 1
    assert rows.delete(None, "ONE") == 0


def test_a_wrong_key_is_told_by_its_place_and_not_shown() -> None:
    engine = sa.create_engine("postgresql://nobody@127.0.0.1:9/none")
    for keys, told in (
        ([], "There is no key for the secrets"),
        ([KEY, SecretStr("hush-hush")], "Key 2 in ESL_SECRETS_KEYS is no Fernet key"),
        ([SecretStr("hüsh")], "Key 1 in ESL_SECRETS_KEYS"),
    ):
        with pytest.raises(SecretRefusedError, match=told) as caught:
            PostgresSecrets(engine, keys)
        assert "hush" not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(SecretUnavailableError, match=r"esl\.secrets is out of reach\. Postgres at 127\.0\.0\.1:9 "):
        PostgresSecrets(engine, [KEY]).read("school", "KEY")
