"""Each tenant's clients are made with its own credentials, and with nobody else's."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from pydantic import SecretStr

from esl_pipeline.clients.aws_role import AwsRole
from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.manifests.settings import Settings
from esl_pipeline.sandbox.notion import HOMEWORK_DATA_SOURCE_ID
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.connections import Connections
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.default_vendors import ClientMakers, DefaultVendors, make_s3
from esl_pipeline.stages.engines import EngineSetup, make_engine
from esl_pipeline.stages.environment import ConfigurationError, read_environment
from esl_pipeline.stages.kept_clients import MOST_KEPT, KeptClients
from esl_pipeline.stages.notion_api import NotionApi
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stores.secrets import TenantSecrets
from esl_pipeline.stores.secrets_cached import CachedSecrets
from esl_pipeline.stores.secrets_environment import EnvironmentSecrets
from esl_pipeline_tests.sandboxed import Sandboxed

INSTALLATION = {
    "NOTION_TOKEN": "ntn_installation",
    "ELEVENLABS_API_KEY": "sk_installation",
    "OPENAI_API_KEY": "sk_openai_installation",
    "S3_BUCKET": "lessons",
    "AWS_SECRET_ACCESS_KEY": "aws_installation",
    "PATH": "/usr/bin",
    "ESL_SECRETS_KEYS": "key_installation",
    "ESL_TENANT_COLLEGE__NOTION_TOKEN": "ntn_college",
    "ESL_TENANT_SCHOOL__MY_NOTION": "ntn_school",
    "ESL_TENANT_SCHOOL__MY_SPEECH": "sk_school",
    "ESL_TENANT_SCHOOL__MY_KEY": "AKIASCHOOL",
    "ESL_TENANT_SCHOOL__MY_SECRET": "aws_school",
}
"""Everything that a thief would like to have."""


@dataclass
class Watching:
    """Makes clients, and keeps what each was given."""

    variables: dict[str, str] = field(default_factory=lambda: dict(INSTALLATION))
    given: list[str] = field(default_factory=list)
    connections: list[Connections] = field(default_factory=list)

    def vendors(self, home: Path) -> DefaultVendors:
        environment = read_environment({**self.variables, "ESL_HOME": str(home)})
        secrets = TenantSecrets(EnvironmentSecrets(self.variables))
        return DefaultVendors(environment, ClientMakers(self.notion, self.speech, self.s3), secrets)

    def notion(self, at: Connections, tenant: str) -> NotionApi:
        self.given.append(at.notion_token.get_secret_value())
        return cast("NotionApi", object())

    def speech(self, engine: str, setup: EngineSetup) -> Any:
        self.given.append(setup.secret({"elevenlabs": "ELEVENLABS_API_KEY", "openai": "OPENAI_API_KEY"}[engine]))
        return object()

    def s3(self, at: Connections) -> Any:
        self.connections.append(at)
        self.given += [secret.get_secret_value() for secret in (at.s3_key, at.s3_secret) if secret]
        return object()


def settings(**sections: object) -> Settings:
    return Settings.model_validate(sections)


OWN = settings(
    notion={"token_secret": "MY_NOTION"},
    speech={"api_key_secret": "MY_SPEECH"},
    storage={"access_key_secret": "MY_KEY", "secret_key_secret": "MY_SECRET", "endpoint_url": "https://s3.example"},
)


def test_a_tenant_without_secrets_has_the_installations_and_one_with_has_its_own(tmp_path: Path) -> None:
    watching = Watching()
    vendors = watching.vendors(tmp_path)
    vendors("another", settings())
    assert watching.given == ["ntn_installation", "sk_installation"]
    watching.given.clear()
    vendors("college", settings())
    assert watching.given == ["ntn_college", "sk_installation"]
    watching.given.clear()
    vendors("school", OWN)
    assert watching.given == ["ntn_school", "sk_school", "AKIASCHOOL", "aws_school"]
    at = watching.connections[-1]
    assert (at.s3_url, at.s3_key, at.s3_secret) == (
        "https://s3.example",
        SecretStr("AKIASCHOOL"),
        SecretStr("aws_school"),
    )


STOLEN = [name for name in INSTALLATION if not name.startswith("ESL_TENANT_SCHOOL")] + [
    "TENANT_COLLEGE__NOTION_TOKEN",
    "COLLEGE_NOTION_TOKEN",
    "HOME",
]


SETTINGS = ["token_secret", "api_key_secret", "access_key_secret", "secret_key_secret"]
ALLOWED = {("token_secret", "NOTION_TOKEN"), ("api_key_secret", "ELEVENLABS_API_KEY")}
"""The installation's own secret for just this."""


@pytest.mark.parametrize(("setting", "name"), [(s, n) for s in SETTINGS for n in STOLEN if (s, n) not in ALLOWED])
def test_no_setting_of_a_tenant_gets_a_secret_that_is_not_its_own(setting: str, name: str, tmp_path: Path) -> None:
    section = {"token_secret": "notion", "api_key_secret": "speech"}.get(setting, "storage")
    # Past the check of the settings' form, as if that had a hole.
    asked = OWN.model_copy(
        update={section: getattr(OWN, section).model_copy(update={setting: name})},
    )
    watching = Watching()
    with pytest.raises(Exception, match=r"(school has no secret|can't be the name of a secret)"):
        watching.vendors(tmp_path)("school", asked)
    stolen = {value for key, value in INSTALLATION.items() if not key.startswith("ESL_TENANT_SCHOOL")}
    assert not stolen & {*watching.given}


def test_what_a_tenant_lacks_is_told_by_name_and_the_others_go_on(tmp_path: Path) -> None:
    watching = Watching({"ESL_LIVE": "1", "ESL_TENANT_COLLEGE__NOTION_TOKEN": "ntn", "S3_BUCKET": "b"})
    vendors = watching.vendors(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        vendors("my-school", settings())
    assert str(caught.value) == (
        "my-school has no secret NOTION_TOKEN. Set ESL_TENANT_MY_SCHOOL__NOTION_TOKEN or NOTION_TOKEN."
    )
    with pytest.raises(ConfigurationError, match="college has no secret ELEVENLABS_API_KEY"):
        vendors("college", settings())
    with pytest.raises(
        ConfigurationError, match=r"MY_NOTION\. Set ESL_TENANT_COLLEGE__MY_NOTION\. The name is that of"
    ):
        vendors("college", settings(notion={"token_secret": "MY_NOTION"}))
    watching.variables["ESL_TENANT_COLLEGE__ELEVENLABS_API_KEY"] = "sk"
    assert vendors("college", settings()).objects.bucket == "b"
    with pytest.raises(ConfigurationError, match=r"There is no bucket for college\. Set S3_BUCKET, or storage.bucket"):
        Watching({**watching.variables, "S3_BUCKET": ""}).vendors(tmp_path)("college", settings())


@pytest.mark.parametrize(
    ("storage", "told"),
    [
        (
            {"endpoint_url": "https://thief.example"},
            "access_key_secret and storage.secret_key_secret, although storage.e",
        ),
        ({"access_key_secret": "MY_KEY"}, "school lacks storage.secret_key_secret, although the other key is"),
        ({"secret_key_secret": "MY_SECRET"}, "school lacks storage.access_key_secret"),
    ],
)
def test_the_installations_keys_are_sent_to_no_address_of_a_tenant(
    storage: dict[str, str], told: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        Watching().vendors(tmp_path)("school", settings(storage=storage))


def test_a_changed_secret_makes_a_new_client_and_all_else_keeps_the_old_one(tmp_path: Path) -> None:
    watching = Watching()
    vendors = watching.vendors(tmp_path)
    first, other = vendors("school", OWN), vendors("another", settings())
    again = vendors("school", OWN)
    assert (first.notion, first.speech, first.objects) == (again.notion, again.speech, again.objects)
    watching.variables["ESL_TENANT_SCHOOL__MY_NOTION"] = "ntn_new"
    changed = vendors("school", OWN)
    assert changed.notion is not first.notion
    assert "ntn_new" in watching.given
    assert (changed.speech, changed.objects) == (first.speech, first.objects)
    assert vendors("another", settings()).notion is other.notion
    watching.variables["ESL_TENANT_ANOTHER__NOTION_TOKEN"] = "ntn_another"
    assert vendors("another", settings()).notion is not other.notion
    assert watching.given[-1] == "ntn_another"


def test_tenants_with_the_installations_access_share_one_client_of_s3(tmp_path: Path) -> None:
    vendors = Watching().vendors(tmp_path)
    assert vendors("school", settings()).objects is vendors("another", settings()).objects
    region = settings(storage={"region": "eu-central-1"})
    assert vendors("school", region).objects is not vendors("another", region).objects


def test_clients_are_kept_for_so_many_and_shared_between_threads() -> None:
    kept = KeptClients[object](TenantSecrets(EnvironmentSecrets({})))
    first = kept.get(0, lambda _: object())
    for number in range(MOST_KEPT - 1):
        kept.get(number + 1, lambda _: object())
    assert kept.get(0, lambda _: object()) is first
    kept.get("one more", lambda _: object())
    kept.get("and another", lambda _: object())
    assert kept.get(0, lambda _: object()) is first
    assert len(kept._kept) == MOST_KEPT
    gate = threading.Barrier(4)

    def make(_: object) -> object:
        gate.wait(10)
        return object()

    with ThreadPoolExecutor(4) as pool:
        assert len({id(client) for client in pool.map(lambda _: kept.get("shared", make), range(4))}) == 1


def test_nothing_prints_a_secret(tmp_path: Path) -> None:
    watching = Watching()
    vendors = watching.vendors(tmp_path)
    vendors("school", OWN)
    environment = read_environment(INSTALLATION)
    real = DefaultVendors(environment)("another", settings())
    setup = EngineSetup("school", tmp_path, True, secrets=TenantSecrets(EnvironmentSecrets(INSTALLATION)))
    things = [vendors, environment, setup, make_engine("openai", setup), real, real.notion, real.speech, real.objects]
    things += [watching.connections[-1], vendors._notion, vendors._connections, EnvironmentSecrets(INSTALLATION)]
    shown = " ".join(f"{thing!r} {thing}" for thing in things)
    assert not [value for name, value in INSTALLATION.items() if name not in ("S3_BUCKET", "PATH") and value in shown]


# Roles, on moto's AWS.

ROLE = "arn:aws:iam::123456789012:role/lessons"


def at_aws(**how: Any) -> Connections:
    return Connections("https://notion.example", {}, "lessons", **how)


def test_a_role_is_taken_on_for_its_tenant_and_again_before_its_credentials_end(aws: str) -> None:
    client = make_s3(at_aws(s3_role=AwsRole(ROLE, "my-school"), s3_region="eu-central-1"))
    signed: list[str] = []
    client.meta.events.register("before-send.s3", lambda request, **_: signed.append(str(request.headers)))
    client.list_buckets()
    assert client.meta.region_name == "eu-central-1"
    credentials = cast("Any", client)._made._request_signer._credentials
    first = credentials.get_frozen_credentials()
    assert first.access_key.startswith("ASIA")
    assert first.access_key in signed[0]
    assert "AKIAINSTALLATION" not in signed[0]
    credentials._expiry_time = datetime.now(UTC) + timedelta(seconds=30)
    credentials._refresh_using.__self__._cache.clear()
    client.list_buckets()
    assert credentials.get_frozen_credentials().access_key != first.access_key


def test_aws_is_told_for_whom_a_role_is_taken_on(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    source = boto3.session.Session(region_name="us-east-1")
    source.events.register("provide-client-params.sts.AssumeRole", lambda params, **_: asked.append(dict(params)))
    for tenant in ("my-school", "s" * 63):
        AwsRole(ROLE, tenant).session(source).client("s3").list_buckets()
    assert asked[0] == {"RoleArn": ROLE, "ExternalId": "esl:my-school", "RoleSessionName": "esl-my-school"}
    assert len(asked[1]["RoleSessionName"]) == 64


def test_a_role_may_be_taken_on_with_the_tenants_own_keys(aws: str) -> None:
    keys = {"s3_key": SecretStr("AKIASCHOOL"), "s3_secret": SecretStr("hush")}
    client = make_s3(at_aws(s3_role=AwsRole(ROLE, "school"), **keys))
    client.list_buckets()
    fetch = cast("Any", client)._made._request_signer._credentials._refresh_using.__self__
    assert fetch._source_credentials.access_key == "AKIASCHOOL"


def test_a_role_that_can_not_be_taken_on_is_told_without_keys(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from io import BytesIO

    from esl_pipeline.clients import ObjectStore

    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
    store = ObjectStore(make_s3(at_aws(s3_role=AwsRole(ROLE, "school"))), "lessons")
    sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    with pytest.raises(Exception, match="no connection to S3 could be made") as caught:
        store.put("key", BytesIO(), content_type="audio/mpeg", sha256=sha256)
    assert "installation" not in str(caught.value)


def test_a_vendor_that_refuses_a_secret_has_it_asked_for_anew() -> None:
    for error in (
        RejectedError("notion", "unauthorized", "", 401),
        RejectedError("elevenlabs", "invalid_api_key", "", 401),
        RejectedError("s3", "InvalidAccessKeyId", "", 403),
        RejectedError("s3", "SignatureDoesNotMatch", "", 403),
    ):
        assert error.refuses_credentials
    assert not RejectedError("notion", "restricted_resource", "", 403).refuses_credentials


def test_a_secret_that_notion_refused_is_asked_for_at_once_and_not_after_an_outage(
    sandbox: Sandboxed, tmp_path: Path, four_turns: str, assignment: str
) -> None:
    variables = {
        "ESL_HOME": str(tmp_path),
        "ESL_LIVE": "1",
        "ESL_SPEECH_ENGINE": "local",
        "ESL_NOTION_BASE_URL": sandbox.at.notion_url,
        "NOTION_DATA_SOURCE_ID": HOMEWORK_DATA_SOURCE_ID,
        "S3_BUCKET": "lessons",
    }
    kept = {"NOTION_TOKEN": "ntn_old"}
    secrets = TenantSecrets(CachedSecrets(EnvironmentSecrets(kept)))
    pipeline = create_pipeline(environment=read_environment(variables), secrets=secrets)
    job = pipeline.open_job("school", assignment, manifest_file(sandbox.write(four_turns, assignment)))
    pipeline.run_stage(Stage.MANIFEST, job)
    for status, seen in (("403", "ntn_old"), ("401", "ntn_new")):
        with sandbox.faults({"vendor": "notion", "every": 1, "kind": status}), pytest.raises(RejectedError):
            pipeline.run_stage(Stage.PAGE, job)
        kept["NOTION_TOKEN"] = "ntn_new"
        assert secrets.get("school", "NOTION_TOKEN", shared=True) == SecretStr(seen)
    assert pipeline.run_stage(Stage.PAGE, job).status == "succeeded"
