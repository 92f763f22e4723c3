"""The same publications through every combination of stores and of places of settings and secrets.

Three places of state, two of artifacts, four of settings and five of secrets are 120 combinations, with real servers:
Postgres, Ceph, an HTTP server of settings, moto for AWS. Each of them publishes a short lesson.

The set of real lessons, the three examples and two of the corpus (a dialogue, and one voice alone), costs 15 seconds,
half an hour for all. So every combination of the stores publishes the whole set, each lesson with other places of
settings and secrets, in such a way that any two places of whatever kinds meet in the set, and each place meets each
lesson; a test counts that. Nothing in the pipeline knows more than two of these places at once. Afterwards another
process, with the next places of settings and secrets, finds that nothing is left to do.

Speech is bought once for each place of artifacts: from then on it is there, as it is for a tenant that moves its state.
The whole corpus is published with the default places, in ``test_corpus``.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from esl_pipeline.sandbox.notion import HOMEWORK_DATA_SOURCE_ID
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stores.secrets_postgres import PostgresSecrets
from esl_pipeline_tests.databases import empty_database
from esl_pipeline_tests.real_s3 import KEY, PORT, SECRET
from esl_pipeline_tests.sandboxed import Sandboxed, succeeded, writes
from esl_pipeline_tests.settings_server import TOKEN, SettingsServer, serving_settings
from esl_pipeline_tests.shared import SHARED
from esl_pipeline_tests.stores.places import FolderPlace, Place, S3Place, server_place, table_place

if TYPE_CHECKING:
    import sqlalchemy as sa
    from mypy_boto3_s3 import S3Client

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ceph")]

STATES = ("files", "s3", "postgres")
ARTIFACTS = ("files", "s3")
SETTINGS = ("folder", "s3", "postgres", "http")
SECRETS = ("env", "files", "aws-secrets-manager", "aws-ssm", "postgres")
STORES = [*itertools.product(STATES, ARTIFACTS)]
OF_CORPUS = ("a1-at-the-cafe.md", "a1-my-working-day.md")
TENANT = "everywhere"
NAMES = ("OUR_NOTION", "OUR_SPEECH", "OUR_KEY", "OUR_SECRET")
DOCUMENT = """# From {place}
schema_version: 2
settings:
  notion: {{token_secret: OUR_NOTION}}
  speech: {{api_key_secret: OUR_SPEECH}}
  storage:
    endpoint_url: "{s3}"
    region: us-east-1
    bucket: {bucket}
    access_key_secret: OUR_KEY
    secret_key_secret: OUR_SECRET
"""


@dataclass(frozen=True)
class Installation:
    """The servers and folders of all places; ``variables`` are those of all processes."""

    sandbox: Sandboxed
    database: sa.Engine
    folder: Path
    variables: dict[str, str]
    mark: str

    def pipeline(self, state: str, artifacts: str, settings: str, secrets: str) -> Pipeline:
        """Makes a pipeline as a new process of an installation with these places would."""
        database = self.database.url.render_as_string(hide_password=False)
        shared = {"files": "", "s3": f"s3://state/{self.mark}", "postgres": database}
        tenants = {
            "folder": str(self.folder / "tenants"),
            "s3": f"s3://state/{self.mark}/settings",
            "postgres": database,
            "http": self.variables["SETTINGS_URL"],
        }
        places = {
            "env": "env",
            "files": f"files:{self.folder / 'secrets'}",
            "aws-secrets-manager": f"aws-secrets-manager:{self.mark}",
            "aws-ssm": f"aws-ssm:/{self.mark}",
            "postgres": "postgres" if state == "postgres" else database,
        }
        own = {f"ESL_TENANT_{TENANT.upper()}__{name}": value_of(name, "env") for name in NAMES}
        chosen = {
            "ESL_STATE": shared[state],
            "ESL_ARTIFACTS": shared[artifacts],
            "ESL_TENANTS": tenants[settings],
            "ESL_SECRETS": places[secrets],
        }
        environment = read_environment({**self.variables, **chosen, **(own if secrets == "env" else {})})
        return create_pipeline(environment=environment)


def value_of(name: str, place: str) -> str:
    """Returns a secret that only one place has, in the form of a Notion token."""
    return f"ntn_{name.lower()}_of_{place}"


@pytest.fixture(scope="module")
def servers(
    sandbox_server: Sandboxed,
    ceph_server: S3Client,
    postgres_server: str,
    aws_server: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    """All places, with the same tenant's settings and secrets in each."""
    at, folder, mark = sandbox_server.at, tmp_path_factory.mktemp("places"), uuid.uuid4().hex
    key = Fernet.generate_key().decode()
    with serving_settings() as settings, empty_database(postgres_server) as database:
        variables = {
            "ESL_HOME": str(folder / "home"),
            "ESL_LIVE": "1",
            "ESL_ALLOW_LOCAL_ENDPOINTS": "1",
            "ESL_NOTION_BASE_URL": at.notion_url,
            "ESL_ELEVENLABS_BASE_URL": at.elevenlabs_url,
            "ESL_SECRETS_KEYS": key,
            "ESL_TENANTS_TOKEN": TOKEN,
            "NOTION_DATA_SOURCE_ID": HOMEWORK_DATA_SOURCE_ID,
            "SETTINGS_URL": settings.url,
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, value in aws_variables(aws_server).items():
                patch.setenv(name, value)
            _fill_settings(sandbox_server, folder, ceph_server, mark, settings, database)
            _fill_secrets(folder, mark, PostgresSecrets(database, [SecretStr(key)]))
            yield Installation(sandbox_server, database, folder, variables, mark)


def aws_variables(aws_server: str) -> dict[str, str]:
    """What boto3 finds: S3 is Ceph, all else moto."""
    return {
        "AWS_ENDPOINT_URL": aws_server,
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{PORT}",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "NO_PROXY": "127.0.0.1",
    }


def _fill_settings(
    sandbox: Sandboxed, folder: Path, s3: S3Client, mark: str, server: SettingsServer, database: sa.Engine
) -> None:
    (folder / "tenants").mkdir()
    places: dict[str, Place] = {
        "folder": FolderPlace(folder / "tenants"),
        "s3": S3Place(s3, "state", f"{mark}/settings/"),
        "postgres": table_place(database),
        "http": server_place(server),
    }
    for name, place in places.items():
        document = DOCUMENT.format(place=name, s3=sandbox.at.s3_url, bucket=sandbox.at.bucket)
        place.write(TENANT, document.encode())


def _fill_secrets(folder: Path, mark: str, rows: PostgresSecrets) -> None:
    files = folder / "secrets" / TENANT
    files.mkdir(parents=True)
    manager, store = boto3.client("secretsmanager"), boto3.client("ssm")
    for name in NAMES:
        (files / name).write_text(value_of(name, "files"))
        manager.create_secret(Name=f"{mark}/{TENANT}/{name}", SecretString=value_of(name, "aws-secrets-manager"))
        where = f"/{mark}/{TENANT}/{name}"
        store.put_parameter(Name=where, Value=value_of(name, "aws-ssm"), Type="SecureString")
        rows.put(TENANT, name, SecretStr(value_of(name, "postgres")))


def places_of(stores: int, lesson: int) -> tuple[str, str]:
    """Returns the places of settings and secrets that a lesson of the set is published with, in some stores."""
    number = len(SECRETS) * stores + lesson
    return SETTINGS[number % len(SETTINGS)], SECRETS[(lesson + 2 * stores) % len(SECRETS)]


def test_any_two_places_meet_in_the_set() -> None:
    rows = [(*both, *places_of(n, lesson), lesson) for n, both in enumerate(STORES) for lesson in range(len(SECRETS))]
    kinds = (STATES, ARTIFACTS, SETTINGS, SECRETS, range(len(SECRETS)))
    for one, other in itertools.combinations(range(len(kinds)), 2):
        assert {(row[one], row[other]) for row in rows} == {*itertools.product(kinds[one], kinds[other])}


@pytest.mark.parametrize(("state", "artifacts"), STORES)
def test_the_examples_and_some_of_the_corpus(
    servers: Installation, state: str, artifacts: str, examples: list[Path]
) -> None:
    corpus = [path for name in OF_CORPUS if (path := SHARED / "lessons" / "valid" / name).is_file()]
    for number, lesson in enumerate([*examples, *corpus]):
        settings, secrets = places_of(STORES.index((state, artifacts)), number)
        publishes(servers, (state, artifacts, settings, secrets), lesson, f"{state}-{artifacts}-{number}")
        following = after(SETTINGS, settings), after(SECRETS, secrets)
        finds_nothing_to_do(servers, (state, artifacts, *following), lesson, f"{state}-{artifacts}-{number}")
    audit = servers.pipeline(state, artifacts, "folder", "env").providers.audit
    assert audit.verify(TENANT) >= len(examples) * 6


@pytest.mark.parametrize(("state", "artifacts", "settings"), [*itertools.product(STATES, ARTIFACTS, SETTINGS)])
def test_a_short_lesson_with_all_places_of_secrets(
    servers: Installation, state: str, artifacts: str, settings: str, four_turns: str
) -> None:
    head, _, rest = four_turns.partition(":::study-text Dialogue\n")
    text = f"{head}:::study-text Dialogue\nNora: Good morning.\n\nFelix: Good night.\n:::{rest.partition(':::')[2]}"
    for secrets in SECRETS:
        assignment = f"{state}-{artifacts}-{settings}-{secrets}"
        lesson = servers.sandbox.write(text, assignment)
        publishes(servers, (state, artifacts, settings, secrets), lesson, assignment)


def publishes(servers: Installation, kinds: tuple[str, str, str, str], lesson: Path, assignment: str) -> None:
    """Publishes, and looks at what stands where and what it was made with."""
    pipeline = servers.pipeline(*kinds)
    record = succeeded(servers.sandbox.publish(lesson, assignment, tenant=TENANT, pipeline=pipeline))
    assert record.audio is not None
    in_s3 = f"s3://state/{servers.mark}/live/artifacts/{TENANT}/"
    assert str(record.audio.path).startswith(in_s3 if kinds[1] == "s3" else str(servers.folder))
    publication = pipeline.providers.publications.read(TENANT, assignment)
    assert publication is not None
    assert publication.audio is not None
    assert pipeline.providers.artifacts.has(TENANT, publication.audio.sha256, ".mp3")
    document = pipeline.providers.config.read(TENANT)
    assert document is not None
    assert f"From {kinds[2]}" in document.text
    assert publication.settings_versions == {document.file: document.version}
    secret = pipeline.providers.secrets.get(TENANT, "OUR_NOTION", shared=False)
    assert secret is not None
    assert secret.get_secret_value() == value_of("OUR_NOTION", kinds[3])


def after(places: Sequence[str], place: str) -> str:
    """Returns the next place of the same kind."""
    return places[(places.index(place) + 1) % len(places)]


def finds_nothing_to_do(servers: Installation, kinds: tuple[str, str, str, str], lesson: Path, assignment: str) -> None:
    """Checks that another process does nothing anew."""
    with servers.sandbox.watched() as asked:
        again = servers.sandbox.publish(lesson, assignment, tenant=TENANT, pipeline=servers.pipeline(*kinds))
    assert {stage.stage: stage.status for stage in succeeded(again).stages if stage.status != "skipped"} == {}
    assert writes(asked) == []
