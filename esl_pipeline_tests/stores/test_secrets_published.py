"""A lesson is published with credentials out of every place of secrets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import boto3
import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from pydantic import SecretStr

from esl_pipeline.sandbox.notion import HOMEWORK_DATA_SOURCE_ID
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stores.secrets_environment import variable_of
from esl_pipeline.stores.secrets_postgres import PostgresSecrets
from esl_pipeline_tests.sandboxed import Sandboxed, succeeded
from esl_pipeline_tests.stores.conftest import POSTGRES

SECRETS = {
    (None, "ELEVENLABS_API_KEY"): "sk_installation",
    ("school", "OUR_NOTION"): "ntn_school",
    ("school", "BUCKET_KEY"): "AKIASCHOOL",
    ("school", "BUCKET_SECRET"): "aws/school+",
}
TENANT = """schema_version: 2
settings:
  notion: {token_secret: OUR_NOTION}
  storage: {endpoint_url: %s, region: us-east-1, access_key_secret: BUCKET_KEY, secret_key_secret: BUCKET_SECRET}
"""


def put_all(place: str, folder: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    """Puts the secrets in a place; returns the variables that lead there."""
    if place == "env":
        return {variable_of(*key): value for key, value in SECRETS.items()}
    if place == "postgres":
        engine: sa.Engine = request.getfixturevalue("postgres")
        key = Fernet.generate_key().decode()
        for (owner, name), value in SECRETS.items():
            PostgresSecrets(engine, [SecretStr(key)]).put(owner, name, SecretStr(value))
        return {"ESL_SECRETS": engine.url.render_as_string(hide_password=False), "ESL_SECRETS_KEYS": key}
    for (owner, name), value in SECRETS.items():
        path = f"{owner}/{name}" if owner else name
        if place == "files":
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(f"{value}\n")
        else:
            _put_in_aws(place, f"{folder.name}/{path}", value)
    return {
        "ESL_SECRETS": {"files": f"files:{folder}", "aws-ssm": f"aws-ssm:/{folder.name}"}.get(
            place, f"{place}:{folder.name}"
        )
    }


def _put_in_aws(place: str, path: str, value: str) -> None:
    if place == "aws-ssm":
        boto3.client("ssm").put_parameter(Name=f"/{path}", Value=value, Type="SecureString")
    else:
        client: Any = boto3.client("secretsmanager")
        client.create_secret(Name=path, SecretString=value)


@pytest.mark.parametrize(
    "place", ["env", "files", "aws-secrets-manager", "aws-ssm", pytest.param("postgres", marks=POSTGRES)]
)
def test_a_lesson_is_published_with_secrets_out_of(
    place: str,
    sandbox: Sandboxed,
    aws: str,
    tmp_path: Path,
    four_turns: str,
    assignment: str,
    request: pytest.FixtureRequest,
) -> None:
    home = tmp_path / "home"
    (home / "tenants").mkdir(parents=True)
    (home / "tenants" / "school.yaml").write_text(TENANT % sandbox.at.s3_url)
    variables = {
        **put_all(place, tmp_path / assignment, request),
        "ESL_HOME": str(home),
        "ESL_LIVE": "1",
        "ESL_ALLOW_LOCAL_ENDPOINTS": "1",
        "ESL_NOTION_BASE_URL": sandbox.at.notion_url,
        "ESL_ELEVENLABS_BASE_URL": sandbox.at.elevenlabs_url,
        "NOTION_DATA_SOURCE_ID": HOMEWORK_DATA_SOURCE_ID,
        "S3_BUCKET": sandbox.at.bucket,
    }
    pipeline = create_pipeline(environment=read_environment(variables))
    lesson = manifest_file(sandbox.write(re.sub(r"(?m)^(Nora|Felix): .*$", r"\1: Hello.", four_turns), assignment))
    succeeded(pipeline.new_assignment("school", assignment, lesson))
    (refused,) = [
        s.error for s in pipeline.new_assignment("college", assignment, lesson).stages if s.stage == "notion_page"
    ]
    assert refused is not None
    assert "college has no secret NOTION_TOKEN. Set " in refused["message"]
