"""A tenant's settings of storage lead neither into the network nor into the installation's own places."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from esl_pipeline.manifests.settings import StorageSettings
from esl_pipeline.stages.environment import ConfigurationError, read_environment
from esl_pipeline.stages.storage_guard import check_storage, inside_by_name, is_forbidden

KEYS = {"access_key_secret": "MY_KEY", "secret_key_secret": "MY_SECRET"}
LIVE = {"ESL_LIVE": "1"}
FORBIDDEN = [
    "http://169.254.169.254",
    "http://[fd00:ec2::254]",
    "http://0.0.0.0:9000",
    "http://0",
    "http://[::]",
    "http://[fe80::1]",
    "http://[::ffff:169.254.169.254]",
    "http://2852039166",
    "http://0xa9.0xfe.0xa9.0xfe",
    "http://１６９.254.169.254",
    "http://169.254.169.254.",
]
INSIDE = [
    "http://127.0.0.1:9000",
    "http://127.1",
    "http://localhost:9000",
    "http://s3.localhost.",
    "http://[::1]:9000",
    "http://10.0.0.5",
    "http://192.168.1.2",
    "http://172.16.0.1",
    "http://[fd12::1]",
    "http://[::ffff:10.0.0.5]",
    "http://100.64.0.1",
]


def check(variables: dict[str, str], bucket: str = "lessons", tenant: str = "school", **storage: str) -> None:
    check_storage(read_environment(variables), tenant, StorageSettings.model_validate(storage), bucket)


@pytest.mark.parametrize("url", FORBIDDEN)
def test_no_installation_sends_to_a_clouds_metadata_or_to_no_machine(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"school: no storage\.endpoint_url may name"):
        check({**LIVE, "ESL_ALLOW_LOCAL_ENDPOINTS": "1"}, endpoint_url=url, **KEYS)


@pytest.mark.parametrize("url", INSIDE)
def test_an_address_inside_the_network_needs_the_operators_word(url: str) -> None:
    with pytest.raises(ConfigurationError, match="Set ESL_ALLOW_LOCAL_ENDPOINTS=1 if tenants may have stores there"):
        check(LIVE, endpoint_url=url, **KEYS)
    check({**LIVE, "ESL_ALLOW_LOCAL_ENDPOINTS": "1"}, endpoint_url=url, **KEYS)
    check({"ESL_LIVE": "0"}, endpoint_url=url, **KEYS)


@pytest.mark.parametrize("url", ["https://s3.example.com", "https://8.8.8.8", "https://[2606:4700::1111]:9000"])
def test_other_addresses_are_allowed(url: str) -> None:
    check(LIVE, endpoint_url=url, **KEYS)


def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"Give one such as https://s3\.example\.com"):
        check(LIVE, endpoint_url="http://[", **KEYS)


def test_a_name_is_looked_up_once_and_what_it_leads_to_inside_is_found() -> None:
    def look_up(host: str, _port: None) -> list[Any]:
        answers = {"minio": ["10.0.0.5", "8.8.8.8"], "metadata.google.internal": ["169.254.169.254"]}
        if host not in answers:
            raise OSError("no such name")
        return [(2, 1, 6, "", (address, 0)) for address in answers[host]]

    assert inside_by_name("http://minio:9000", look_up) == (ip_address("10.0.0.5"),)
    (found,) = inside_by_name("http://metadata.google.internal", look_up)
    assert is_forbidden(found)
    assert inside_by_name("https://nowhere.example", look_up) == ()
    assert inside_by_name("http://127.0.0.1", look_up) == ()


@pytest.mark.parametrize("variable", ["ESL_STATE", "ESL_ARTIFACTS", "ESL_TENANTS", "ESL_INBOX"])
@pytest.mark.parametrize(
    ("place", "storage"),
    [
        ("s3://own", {}),
        ("s3://own/", {"prefix": "lessons"}),
        ("s3://own/state", {"prefix": "state"}),
        ("s3://own/state", {"prefix": "state/live/publications"}),
        ("s3://own/school", {}),
        ("s3://own/lessons/school/state", {"prefix": "lessons"}),
    ],
)
def test_the_installations_credentials_do_not_write_into_its_own_places(
    variable: str, place: str, storage: dict[str, str]
) -> None:
    with pytest.raises(ConfigurationError, match=f"of the bucket own, where {variable} keeps .*Choose another") as told:
        check({**LIVE, variable: place}, "own", **storage)
    assert "school/" in str(told.value)


@pytest.mark.parametrize(
    ("place", "bucket", "storage"),
    [
        ("s3://own/state", "own", {}),
        ("s3://own/state", "own", {"prefix": "state-of-lessons"}),
        ("s3://own/state/school", "own", {"prefix": "lessons"}),
        ("s3://own", "own-lessons", {}),
        ("s3://own", "own", KEYS),
        ("s3://own", "own", {"role_arn": "arn:aws:iam::123456789012:role/lessons"}),
        ("postgresql://esl@host/own", "own", {}),
    ],
)
def test_what_is_kept_apart_or_written_with_the_tenants_own_rights_is_allowed(
    place: str, bucket: str, storage: dict[str, str]
) -> None:
    check({**LIVE, "ESL_STATE": place}, bucket, **storage)


def test_no_tenants_bucket_of_artifacts_is_another_tenants_storage() -> None:
    variables = {**LIVE, "ESL_ARTIFACTS": "s3://esl-{tenant}/artifacts"}
    with pytest.raises(ConfigurationError, match="the bucket esl-college, where ESL_ARTIFACTS keeps"):
        check(variables, "esl-college", prefix="artifacts/live")
    check(variables, "esl-college", prefix="lessons")
    check(variables, "other-college", prefix="artifacts")
