"""What is said of a place that can't be used: where it is, what is wrong, how to mend it, and no secret."""

from __future__ import annotations

import traceback
import uuid
from pathlib import Path

import psycopg2  # type: ignore[import-untyped]
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from esl_pipeline.clients import s3_client
from esl_pipeline.stages.run_stage import failure_kind
from esl_pipeline.stores.addresses import engine_of
from esl_pipeline.stores.config import ConfigRefusedError, ConfigUnavailableError
from esl_pipeline.stores.config_postgres import PostgresConfig
from esl_pipeline.stores.config_s3 import S3Config
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.postgres.schema import NewerTablesError, migrate
from esl_pipeline.stores.postgres.troubles import words_of
from esl_pipeline.stores.s3_artifacts import S3ArtifactStore
from esl_pipeline.stores.s3_asking import StoreRefusedError
from esl_pipeline.stores.secrets import SecretRefusedError, SecretUnavailableError
from esl_pipeline.stores.secrets_postgres import PostgresSecrets
from esl_pipeline.stores.state import open_state

PASSWORD = "hush-4711"
FERNET = SecretStr("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=")
PLACES = {
    "state": (StoreUnavailableError, StoreUnavailableError),
    "settings": (ConfigUnavailableError, ConfigRefusedError),
    "secrets": (SecretUnavailableError, SecretRefusedError),
}
"""The errors of what may pass, and of what will not."""


def use(place: str, address: str) -> None:
    """Reads something out of a database."""
    match place:
        case "state":
            open_state(address, Path("/"), "", s3_client).publications.read("school", "lesson")
        case "settings":
            PostgresConfig(engine_of(address)).read("school")
        case _:
            PostgresSecrets(engine_of(address), [FERNET]).read("school", "NAME")


@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize("place", PLACES)
def test_a_database_that_can_not_be_used_is_told_with_the_way_to_mend_it(place: str, postgres_server: str) -> None:
    server, role = sa.make_url(postgres_server), f"reader_{uuid.uuid4().hex[:8]}"
    with sa.create_engine(server, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(sa.text(f"CREATE ROLE {role} LOGIN"))
    at, passing, lasting = f"{server.host}:{server.port}", *PLACES[place]
    for address, error, told in (
        (
            server.set(database="none"),
            passing,
            f'Postgres at {at} (database none, user postgres): database "none" does',
        ),
        (server.set(database="none"), passing, "Create the database, or mend its name in the address."),
        (server.set(port=9), passing, "Connection refused. Check host and port, and that it runs."),
        (server.set(username=role), lasting, "permission denied for database postgres. Let its owner give the right: "),
        (server.set(username=role), lasting, f"GRANT CREATE ON DATABASE postgres TO {role}."),
    ):
        url = address.set(password=PASSWORD).render_as_string(hide_password=False)
        with pytest.raises(error) as caught:
            use(place, url)
        assert told in str(caught.value)
        assert PASSWORD not in "".join(traceback.format_exception(caught.value))


@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize("place", PLACES)
def test_tables_of_a_newer_version_are_refused_and_not_touched(place: str, postgres: sa.Engine) -> None:
    with postgres.begin() as connection:
        connection.execute(sa.text("UPDATE esl.migrations SET version_num = '9999'"))
    with pytest.raises(NewerTablesError, match="made by a newer version of this program") as caught:
        use(place, postgres.url.render_as_string(hide_password=False))
    assert failure_kind(caught.value) == "rejected"
    with postgres.connect() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM esl.migrations")).scalar_one() == "9999"


@pytest.mark.xdist_group("postgres")
def test_our_tables_hide_none_of_dagsters_where_the_user_has_the_name_of_the_schema(postgres: sa.Engine) -> None:
    unqualified = sa.text("SELECT to_regclass('alembic_version')")
    with postgres.begin() as connection:
        connection.execute(sa.text("SET LOCAL search_path = esl, public"))
        assert connection.execute(unqualified).scalar_one() is None
        # As an older version of this program left it.
        connection.execute(sa.text("ALTER TABLE esl.migrations RENAME TO alembic_version"))
    migrate(postgres)
    with postgres.begin() as connection:
        connection.execute(sa.text("SET LOCAL search_path = esl, public"))
        assert connection.execute(unqualified).scalar_one() is None
        assert connection.execute(sa.text("SELECT version_num FROM esl.migrations")).scalar_one() >= "0005"


def test_a_wrong_password_is_told_by_its_user() -> None:
    engine = engine_of(f"postgresql://esl:{PASSWORD}@db.example.com/esl")
    said = (
        'connection to server at "10.0.0.1", port 5432 failed: FATAL:  password authentication failed for user "esl"\n'
    )
    error = sa.exc.OperationalError("SELECT 1", {}, psycopg2.OperationalError(said))
    assert words_of(engine, error) == (
        'Postgres at db.example.com (database esl, user esl): password authentication failed for user "esl". '
        "Check the user and password in its address, or PGPASSWORD."
    )


def test_nothing_of_a_statement_is_told() -> None:
    error = sa.exc.DataError("SELECT 'hush-4711'", {"x": PASSWORD}, psycopg2.DataError("invalid input: hush-4711"))
    assert words_of(engine_of("postgresql://h/d"), error) == "Postgres at h (database d): DataError."


def test_a_bucket_that_is_not_there_is_told_with_the_way_to_mend_it(aws: str) -> None:
    told = r"NoSuchBucket.*Create the bucket, or mend its name in the address\."
    state = open_state("s3://gone-bucket/esl", Path("/"), "live/", s3_client)
    with pytest.raises(StoreUnavailableError, match=rf"S3 did not give s3://gone-bucket/esl/live/\S+: .*{told}"):
        state.publications.read("school", "lesson")
    with pytest.raises(StoreUnavailableError, match=rf"s3://gone-bucket/esl/live/.*{told}"):
        state.documents.put("tenants/school.json", b"{}", expected=None)
    with pytest.raises(StoreRefusedError, match=rf"S3 refuses s3://gone-bucket/.*{told}"):
        S3ArtifactStore(s3_client(), "gone-bucket").get("school", "0" * 64, ".mp3")
    with pytest.raises(ConfigRefusedError, match=rf"The settings at s3://gone-bucket/ can't be read: .*{told}"):
        S3Config(s3_client(), "gone-bucket").read("school")


def test_a_store_that_is_not_there_is_told_with_the_variable(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(
        StoreUnavailableError, match=r"s3://bucket/esl/\S+: .*127\.0\.0\.1:9.*Check AWS_ENDPOINT_URL_S3"
    ):
        open_state("s3://bucket/esl", Path("/"), "", s3_client).publications.read("school", "lesson")
